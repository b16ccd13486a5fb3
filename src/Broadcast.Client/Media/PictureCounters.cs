using System.Buffers.Binary;
using Broadcast.Rtc;

namespace Broadcast.Client.Media;

/// <summary>Fills the running picture id and TL0PICIDX into a copied payload, so that a looped clip looks like one live source.</summary>
internal static class PictureCounters
{
    /// <summary>Writes the counters of a frame.</summary>
    /// <param name="codec">The clip's codec.</param>
    /// <param name="payload">Gets them.</param>
    /// <param name="frame">Its number, counted over all rounds.</param>
    /// <param name="baseFrame">Number of the last frame of the lowest temporal layer, counted among those.</param>
    public static void Write(CodecKind codec, Span<byte> payload, uint frame, uint baseFrame)
    {
        if (codec is not (CodecKind.Vp8 or CodecKind.Vp9)) return;

        // VP8: flags, extension flags, picture id, TL0PICIDX. VP9: flags, picture id, layer, TL0PICIDX.
        var isVp8 = codec == CodecKind.Vp8;
        BinaryPrimitives.WriteUInt16BigEndian(payload[(isVp8 ? 2 : 1)..], (ushort)(0x8000 | (frame & 0x7FFF)));
        payload[4] = (byte)baseFrame;
    }
}
