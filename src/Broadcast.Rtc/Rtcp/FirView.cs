using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>One entry of a full intra request.</summary>
/// <param name="Ssrc">The stream that shall send a keyframe.</param>
/// <param name="SequenceNumber">A new number is a new request; the same number repeats the last one.</param>
public readonly record struct FirEntry(uint Ssrc, byte SequenceNumber);

/// <summary>Full intra request (RFC 5104 §4.3.1). The media SSRC of its head is unused.</summary>
public readonly ref struct FirView
{
    internal const int EntryLength = 8;

    private readonly ReadOnlySpan<byte> _body;

    private FirView(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>Who asks.</summary>
    public uint SenderSsrc => BinaryPrimitives.ReadUInt32BigEndian(_body);

    /// <summary>How many streams are asked.</summary>
    public int EntryCount => (_body.Length - RtcpFormat.FeedbackHeadLength) / EntryLength;

    /// <summary>An entry.</summary>
    /// <param name="index">0 to <see cref="EntryCount"/> − 1.</param>
    public FirEntry this[int index]
    {
        get
        {
            var entry = _body[(RtcpFormat.FeedbackHeadLength + (index * EntryLength))..];
            return new FirEntry(BinaryPrimitives.ReadUInt32BigEndian(entry), entry[4]);
        }
    }

    /// <summary>Checks the length.</summary>
    public static DropReason TryParse(scoped in RtcpPacketView packet, out FirView view)
    {
        view = default;
        if (packet.Kind != RtcpPacketKind.FullIntraRequest) return DropReason.RtcpMalformed;
        if (packet.Body.Length < RtcpFormat.FeedbackHeadLength + EntryLength) return DropReason.RtcpMalformed;
        view = new FirView(packet.Body);
        return DropReason.None;
    }
}
