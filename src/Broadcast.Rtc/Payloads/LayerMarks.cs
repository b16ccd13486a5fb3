namespace Broadcast.Rtc.Payloads;

/// <summary>Where the frame of a packet belongs among the layers of its stream, the same for every codec.</summary>
/// <remarks>
/// A <em>decode target</em> is a pair of highest spatial layer s and highest temporal layer t, each 0 to 3, and has bit
/// 4·s + t in the masks. A target beyond the layers of the stream needs what the highest one within it needs; streams without
/// spatial layers may use the bits of s = 0 alone, so choose s below the number of spatial layers.
/// </remarks>
/// <param name="Targets">The decode targets that need this frame; 0 when the stream has no layers that this packet tells of.</param>
/// <param name="Switches">
/// The decode targets to which one may go over at this frame, provided that the target with one temporal layer less has
/// been received whole until now. All at a key picture, to which that condition does not apply. A target that has itself been
/// received whole, as part of a higher one, needs no such frame. Meant for the first packet of a frame: later ones may say less.
/// </param>
/// <param name="SpatialId">0 to 3.</param>
/// <param name="TemporalId">0 to 3.</param>
/// <param name="EndsLayerFrame">The last packet of the frame within its spatial layer; never set for VP8, which has only one.</param>
public readonly record struct LayerMarks(ushort Targets, ushort Switches, byte SpatialId, byte TemporalId, bool EndsLayerFrame)
{
    /// <summary>False when every receiver needs every packet.</summary>
    public bool IsLayered => Targets != 0;

    /// <summary>The bit of a decode target.</summary>
    /// <param name="spatialId">0 to 3.</param>
    /// <param name="temporalId">0 to 3.</param>
    public static ushort Bit(int spatialId, int temporalId) => (ushort)(1 << ((spatialId * 4) + temporalId));
}
