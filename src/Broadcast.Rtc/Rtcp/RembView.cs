using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Receiver-estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 §2.2).</summary>
/// <remarks>After the identifier: SSRC count (8), exponent (6), mantissa (18), SSRCs.</remarks>
public readonly ref struct RembView
{
    internal const int FixedLength = RtcpFormat.FeedbackHeadLength + 8;

    private readonly ReadOnlySpan<byte> _body;

    private RembView(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>Who reports.</summary>
    public uint SenderSsrc => BinaryPrimitives.ReadUInt32BigEndian(_body);

    /// <summary>The estimate over all listed streams; saturates at 2^63 − 1.</summary>
    public long BitsPerSecond
    {
        get
        {
            var exponent = _body[13] >> 2;
            var mantissa = BinaryPrimitives.ReadUInt32BigEndian(_body[12..]) & 0x3_FFFF;
            if (mantissa == 0) return 0;
            return exponent > 45 ? long.MaxValue : (long)mantissa << exponent;
        }
    }

    /// <summary>How many streams the estimate covers.</summary>
    public int SsrcCount => _body[12];

    /// <summary>A covered stream.</summary>
    /// <param name="index">0 to <see cref="SsrcCount"/> − 1.</param>
    public uint this[int index] => BinaryPrimitives.ReadUInt32BigEndian(_body[(FixedLength + (index * 4))..]);

    /// <summary>Checks that the listed streams are there.</summary>
    public static DropReason TryParse(scoped in RtcpPacketView packet, out RembView view)
    {
        view = default;
        var body = packet.Body;
        if (packet.Kind != RtcpPacketKind.ReceiverEstimatedMaximumBitrate || body.Length < FixedLength) return DropReason.RtcpMalformed;
        if (body.Length < FixedLength + (body[12] * 4)) return DropReason.RtcpMalformed;
        view = new RembView(body);
        return DropReason.None;
    }
}
