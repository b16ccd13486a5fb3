using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Rewrite;

/// <summary>The running numbers of frames from which a decoder derives references: picture id and TL0PICIDX (VP8, VP9) or the dependency descriptor's frame number (AV1).</summary>
/// <param name="IsPresent">False for other codecs and for packets without them.</param>
/// <param name="PictureId">7 or 15 bits; 16 for a frame number.</param>
/// <param name="Tl0PictureIndex">8 bits; 0 when absent.</param>
public readonly record struct FrameCounters(bool IsPresent, ushort PictureId, byte Tl0PictureIndex)
{
    /// <summary>True when packets of a codec can have such numbers.</summary>
    public static bool MayHave(CodecKind codec) => codec is CodecKind.Vp8 or CodecKind.Vp9 or CodecKind.Av1;

    /// <summary>Reads the numbers of a cached packet.</summary>
    /// <param name="log">Where it lies.</param>
    /// <param name="codec">The track's codec.</param>
    /// <param name="position">Its position.</param>
    /// <param name="packet">What the log said of it.</param>
    public static FrameCounters Of(PacketLog log, CodecKind codec, long position, in LoggedPacket packet)
    {
        if (!MayHave(codec)) return default;
        Span<byte> bytes = stackalloc byte[PacketLog.MaxRecordLength];
        if (codec == CodecKind.Av1)
            return log.TryCopyExtensions(position, packet, bytes) ? Av1Rewriter.Read(bytes[..packet.ExtensionLength]) : default;
        if (!log.TryCopyPayload(position, packet, bytes)) return default;
        return codec == CodecKind.Vp8 ? Vp8Rewriter.Read(bytes[..packet.PayloadLength]) : Vp9Rewriter.Read(bytes[..packet.PayloadLength]);
    }

    /// <summary>The numbers shifted to where a packet is placed.</summary>
    /// <param name="mapping">The stretch.</param>
    /// <param name="placement">The packet's place in it.</param>
    public FrameCounters Shift(in SourceMapping mapping, in Placement placement) => !IsPresent
        ? this
        : new FrameCounters(true, (ushort)(PictureId + placement.PictureIdOffset), (byte)(Tl0PictureIndex + mapping.Tl0PictureIndexOffset));

    /// <summary>The offsets that make a frame with these numbers follow one that was sent with <paramref name="last"/>.</summary>
    public (ushort PictureId, byte Tl0PictureIndex) OffsetsAfter(in FrameCounters last) => IsPresent && last.IsPresent
        ? ((ushort)(last.PictureId + 1 - PictureId), (byte)(last.Tl0PictureIndex + 1 - Tl0PictureIndex))
        : ((ushort)0, (byte)0);
}
