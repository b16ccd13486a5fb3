using System.Buffers.Binary;
using System.Numerics;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Generic NACK: sequence numbers a receiver lacks (RFC 4585 §6.2.1). Use with <c>foreach</c>.</summary>
/// <remarks>Each entry is a packet id and a bitmask of the 16 that follow it, so one entry names up to 17 packets.</remarks>
public readonly ref struct NackView
{
    private const int EntryLength = 4;

    private readonly ReadOnlySpan<byte> _body;

    private NackView(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>Who asks.</summary>
    public uint SenderSsrc => BinaryPrimitives.ReadUInt32BigEndian(_body);

    /// <summary>The stream that is asked for.</summary>
    public uint MediaSsrc => BinaryPrimitives.ReadUInt32BigEndian(_body[4..]);

    /// <summary>Pairs of packet id and bitmask.</summary>
    public int EntryCount => (_body.Length - RtcpFormat.FeedbackHeadLength) / EntryLength;

    /// <summary>Walks the sequence numbers in the order of the entries, each entry ascending.</summary>
    public SequenceNumberEnumerator GetEnumerator() => new(_body[RtcpFormat.FeedbackHeadLength..]);

    /// <summary>Checks the length.</summary>
    public static DropReason TryParse(scoped in RtcpPacketView packet, out NackView view)
    {
        view = default;
        if (packet.Kind != RtcpPacketKind.Nack || packet.Body.Length < RtcpFormat.FeedbackHeadLength) return DropReason.RtcpMalformed;
        view = new NackView(packet.Body);
        return DropReason.None;
    }

    /// <summary>Enumerates sequence numbers.</summary>
    public ref struct SequenceNumberEnumerator
    {
        private ReadOnlySpan<byte> _entries;
        private ushort _packetId;
        private int _bitmask;

        internal SequenceNumberEnumerator(ReadOnlySpan<byte> entries) => _entries = entries;

        /// <summary>The current number.</summary>
        public ushort Current { get; private set; }

        /// <summary>Goes to the next number.</summary>
        public bool MoveNext()
        {
            if (_bitmask != 0)
            {
                Current = (ushort)(_packetId + BitOperations.TrailingZeroCount(_bitmask) + 1);
                _bitmask &= _bitmask - 1;
                return true;
            }

            if (_entries.Length < EntryLength) return false;
            _packetId = BinaryPrimitives.ReadUInt16BigEndian(_entries);
            _bitmask = BinaryPrimitives.ReadUInt16BigEndian(_entries[2..]);
            _entries = _entries[EntryLength..];
            Current = _packetId;
            return true;
        }
    }
}
