using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>One RTCP packet whose outer length is valid; the typed views check what is inside.</summary>
public readonly ref struct RtcpPacketView
{
    internal RtcpPacketView(int countOrFormat, byte packetType, ReadOnlySpan<byte> body)
    {
        CountOrFormat = countOrFormat;
        PacketType = packetType;
        Body = body;
        Kind = KindOf(countOrFormat, packetType, body);
    }

    /// <summary>Which view reads it.</summary>
    public RtcpPacketKind Kind { get; }

    /// <summary>PT, 0 to 255.</summary>
    public byte PacketType { get; }

    /// <summary>RC, SC or FMT: the low 5 bits of the first byte.</summary>
    public int CountOrFormat { get; }

    /// <summary>What follows the 4-byte header, without padding.</summary>
    public ReadOnlySpan<byte> Body { get; }

    private static RtcpPacketKind KindOf(int format, byte packetType, ReadOnlySpan<byte> body) => packetType switch
    {
        RtcpFormat.SenderReport => RtcpPacketKind.SenderReport,
        RtcpFormat.ReceiverReport => RtcpPacketKind.ReceiverReport,
        RtcpFormat.SourceDescription => RtcpPacketKind.SourceDescription,
        RtcpFormat.Bye => RtcpPacketKind.Bye,
        RtcpFormat.Application => RtcpPacketKind.Application,
        RtcpFormat.TransportLayerFeedback => format switch
        {
            RtcpFormat.GenericNackFormat => RtcpPacketKind.Nack,
            RtcpFormat.TransportWideFormat => RtcpPacketKind.TransportFeedback,
            _ => RtcpPacketKind.Unknown,
        },
        RtcpFormat.PayloadSpecificFeedback => format switch
        {
            RtcpFormat.PictureLossFormat => RtcpPacketKind.PictureLossIndication,
            RtcpFormat.FullIntraFormat => RtcpPacketKind.FullIntraRequest,
            RtcpFormat.ApplicationLayerFormat when IsRemb(body) => RtcpPacketKind.ReceiverEstimatedMaximumBitrate,
            _ => RtcpPacketKind.Unknown,
        },
        _ => RtcpPacketKind.Unknown,
    };

    private static bool IsRemb(ReadOnlySpan<byte> body) =>
        body.Length >= RtcpFormat.FeedbackHeadLength + 4
        && BinaryPrimitives.ReadUInt32BigEndian(body[RtcpFormat.FeedbackHeadLength..]) == RtcpFormat.RembIdentifier;
}
