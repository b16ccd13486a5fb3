using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>What a receiver says about one packet.</summary>
/// <param name="SequenceNumber">Transport sequence number.</param>
/// <param name="Received">False: not received so far.</param>
/// <param name="ArrivalNanoseconds">On the receiver's clock, in steps of 250 µs, wrapping with the 24-bit reference time: only
/// differences mean something. 0 when not received.</param>
public readonly record struct TransportPacketStatus(ushort SequenceNumber, bool Received, long ArrivalNanoseconds);

/// <summary>Enumerates the statuses of a <see cref="TransportFeedbackView"/>.</summary>
public ref struct TransportFeedbackEnumerator
{
    private readonly ReadOnlySpan<byte> _body;
    private readonly bool _receivedOnly;
    private int _chunkPosition;
    private int _deltaPosition;
    private int _remaining;
    private ushort _next;
    private long _ticks;
    private PacketChunk _chunk;
    private int _indexInChunk;

    internal TransportFeedbackEnumerator(ReadOnlySpan<byte> body, int deltasOffset, bool receivedOnly)
    {
        _body = body;
        _receivedOnly = receivedOnly;
        _chunkPosition = TransportFeedbackFormat.FixedBodyLength;
        _deltaPosition = deltasOffset;
        _next = BinaryPrimitives.ReadUInt16BigEndian(body[8..]);
        _remaining = BinaryPrimitives.ReadUInt16BigEndian(body[10..]);
        _ticks = (long)(BinaryPrimitives.ReadInt32BigEndian(body[12..]) >> 8) << TransportFeedbackFormat.TicksPerReferenceBits;
    }

    /// <summary>The current status.</summary>
    public TransportPacketStatus Current { get; private set; }

    /// <summary>Makes the enumerator itself usable with <c>foreach</c>.</summary>
    public readonly TransportFeedbackEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next status.</summary>
    public bool MoveNext()
    {
        while (_remaining > 0)
        {
            if (_indexInChunk == _chunk.Count)
            {
                _chunk = PacketChunk.Decode(BinaryPrimitives.ReadUInt16BigEndian(_body[_chunkPosition..]), _remaining);
                _chunkPosition += 2;
                _indexInChunk = 0;
                if (_receivedOnly && _chunk.IsLostRun)
                {
                    _indexInChunk = _chunk.Count;
                    _remaining -= _chunk.Count;
                    _next += (ushort)_chunk.Count;
                    continue;
                }
            }

            var symbol = _chunk[_indexInChunk++];
            var sequenceNumber = _next++;
            _remaining--;
            if (symbol == TransportFeedbackFormat.NotReceived)
            {
                if (_receivedOnly) continue;
                Current = new TransportPacketStatus(sequenceNumber, false, 0);
                return true;
            }

            _ticks += symbol == TransportFeedbackFormat.SmallDelta
                ? _body[_deltaPosition]
                : BinaryPrimitives.ReadInt16BigEndian(_body[_deltaPosition..]);
            _deltaPosition += symbol;
            Current = new TransportPacketStatus(sequenceNumber, true, _ticks * TransportFeedbackFormat.NanosecondsPerTick);
            return true;
        }

        return false;
    }
}
