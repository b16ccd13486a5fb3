using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Transport-wide congestion control feedback: which packets arrived, and when. Use with <c>foreach</c>.</summary>
/// <remarks>Chunks and deltas are checked as a whole by <see cref="TryParse"/>, so that the walk cannot fail.</remarks>
public readonly ref struct TransportFeedbackView
{
    private readonly ReadOnlySpan<byte> _body;
    private readonly int _deltasOffset;

    private TransportFeedbackView(ReadOnlySpan<byte> body, int deltasOffset)
    {
        _body = body;
        _deltasOffset = deltasOffset;
    }

    /// <summary>Who reports.</summary>
    public uint SenderSsrc => BinaryPrimitives.ReadUInt32BigEndian(_body);

    /// <summary>Any stream of the transport.</summary>
    public uint MediaSsrc => BinaryPrimitives.ReadUInt32BigEndian(_body[4..]);

    /// <summary>Transport sequence number of the first status.</summary>
    public ushort BaseSequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_body[8..]);

    /// <summary>How many packets are reported on, received or not; 1 to 65,535.</summary>
    public int PacketStatusCount => BinaryPrimitives.ReadUInt16BigEndian(_body[10..]);

    /// <summary>Signed 24 bits in units of 64 ms on the receiver's clock; wraps after 12 days.</summary>
    public int ReferenceTime => BinaryPrimitives.ReadInt32BigEndian(_body[12..]) >> 8;

    /// <summary>Increases by one per feedback packet, modulo 2^8.</summary>
    public byte FeedbackPacketCount => _body[15];

    /// <summary>Walks all statuses in sequence order. One small packet can stand for 65,535 of them: bound what is done per status,
    /// or use <see cref="Received"/>.</summary>
    public TransportFeedbackEnumerator GetEnumerator() => new(_body, _deltasOffset, receivedOnly: false);

    /// <summary>Walks the received packets only, stepping over runs of lost ones at once.</summary>
    public TransportFeedbackEnumerator Received => new(_body, _deltasOffset, receivedOnly: true);

    /// <summary>Checks every chunk and that all deltas are there.</summary>
    public static DropReason TryParse(scoped in RtcpPacketView packet, out TransportFeedbackView view)
    {
        view = default;
        var body = packet.Body;
        if (packet.Kind != RtcpPacketKind.TransportFeedback || body.Length < TransportFeedbackFormat.FixedBodyLength) return DropReason.RtcpMalformed;

        int remaining = BinaryPrimitives.ReadUInt16BigEndian(body[10..]);
        if (remaining == 0) return DropReason.RtcpMalformed;

        var position = TransportFeedbackFormat.FixedBodyLength;
        var deltaBytes = 0;
        while (remaining > 0)
        {
            if (position + 2 > body.Length) return DropReason.RtcpMalformed;
            var chunk = PacketChunk.Decode(BinaryPrimitives.ReadUInt16BigEndian(body[position..]), remaining);
            position += 2;
            remaining -= chunk.Count;
            if (!chunk.TryDeltaBytes(out var bytes)) return DropReason.RtcpMalformed;
            deltaBytes += bytes;
        }

        if (position + deltaBytes > body.Length) return DropReason.RtcpMalformed;
        view = new TransportFeedbackView(body, position);
        return DropReason.None;
    }
}
