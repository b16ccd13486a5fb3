using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Picture loss indication: a receiver cannot decode and wants a keyframe (RFC 4585 §6.3.1).</summary>
public readonly record struct PliView(uint SenderSsrc, uint MediaSsrc)
{
    /// <summary>Checks the length.</summary>
    public static DropReason TryParse(scoped in RtcpPacketView packet, out PliView view)
    {
        view = default;
        if (packet.Kind != RtcpPacketKind.PictureLossIndication) return DropReason.RtcpMalformed;
        if (packet.Body.Length < RtcpFormat.FeedbackHeadLength) return DropReason.RtcpMalformed;
        view = new PliView(BinaryPrimitives.ReadUInt32BigEndian(packet.Body), BinaryPrimitives.ReadUInt32BigEndian(packet.Body[4..]));
        return DropReason.None;
    }
}
