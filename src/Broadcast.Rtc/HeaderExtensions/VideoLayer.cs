using System.Runtime.CompilerServices;

namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>One active spatial layer of a <see cref="VideoLayersAllocation"/>.</summary>
public struct VideoLayer
{
    /// <summary>Index of the RTP stream (simulcast encoding), 0 to 3.</summary>
    public byte StreamIndex { get; internal set; }

    /// <summary>Spatial layer within the stream, 0 to 3.</summary>
    public byte SpatialId { get; internal set; }

    /// <summary>Temporal layers, 1 to 4.</summary>
    public byte TemporalLayerCount { get; internal set; }

    /// <summary>Frames per second; 0 when not given.</summary>
    public byte MaximumFrameRate { get; internal set; }

    /// <summary>Pixels, 1 to 65,535; 0 when not given.</summary>
    public ushort Width { get; internal set; }

    /// <summary>Pixels, 1 to 65,535; 0 when not given.</summary>
    public ushort Height { get; internal set; }

    private TemporalBitrates _bitrates;

    /// <summary>Kilobits per second to receive this layer up to a temporal layer, lower temporal layers included.</summary>
    /// <param name="temporalId">0 to <see cref="TemporalLayerCount"/> − 1.</param>
    public readonly uint TargetKilobitsPerSecond(int temporalId) => _bitrates[temporalId];

    /// <summary>Kilobits per second with all temporal layers.</summary>
    public readonly uint TotalKilobitsPerSecond => TemporalLayerCount == 0 ? 0 : _bitrates[TemporalLayerCount - 1];

    internal void SetTarget(int temporalId, uint kilobitsPerSecond) => _bitrates[temporalId] = kilobitsPerSecond;

    [InlineArray(4)]
    private struct TemporalBitrates
    {
        private uint _first;
    }
}
