using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Layers;

/// <summary>The highest spatial and temporal layer that is forwarded, each 0 to 3; fits a byte.</summary>
public readonly record struct LayerSelection
{
    private readonly byte _value;

    /// <summary>Creates a selection.</summary>
    /// <param name="spatialId">0 to 3; what is above counts as 3.</param>
    /// <param name="temporalId">0 to 3; what is above counts as 3.</param>
    public LayerSelection(int spatialId, int temporalId) => _value = (byte)((Math.Clamp(spatialId, 0, 3) << 2) | Math.Clamp(temporalId, 0, 3));

    /// <summary>Everything.</summary>
    public static LayerSelection All => new(3, 3);

    /// <summary>Highest spatial layer, 0 to 3.</summary>
    public int SpatialId => _value >> 2;

    /// <summary>Highest temporal layer, 0 to 3.</summary>
    public int TemporalId => _value & 3;

    /// <summary>The bit of this decode target in the masks of <see cref="LayerMarks"/>.</summary>
    public ushort Bit => (ushort)(1 << _value);

    /// <summary>True when a frame is forwarded under this selection.</summary>
    public bool Wants(in LayerMarks marks) => !marks.IsLayered || (marks.Targets & Bit) != 0;

    /// <summary>True on the last packet that is forwarded of a picture of which only lower spatial layers are.</summary>
    public bool EndsPicture(in LayerMarks marks) => marks.EndsLayerFrame && marks.SpatialId == SpatialId;
}
