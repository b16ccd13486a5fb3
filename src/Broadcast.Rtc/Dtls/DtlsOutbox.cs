using System.Buffers.Binary;

namespace Broadcast.Rtc.Dtls;

/// <summary>Records on their way out: numbers them, packs them into datagrams, and keeps the last flight to send it again.</summary>
/// <remarks>
/// <para>
/// Retransmission is done here and not by OpenSSL, whose timer reads the wall clock and cannot be driven by a time
/// that is passed in (see <see cref="DtlsEngine"/>). A retransmitted record must carry a new sequence number, or the
/// peer takes it for a replay (RFC 6347 §4.2.4). In epoch 0 that is a change of the header; in epoch 1, which concerns
/// only the Finished of a client, the record is encrypted again.
/// </para>
/// <para>
/// Hence the sequence numbers on the wire are counted here, and what OpenSSL writes later is renumbered the same way.
/// </para>
/// </remarks>
internal sealed class DtlsOutbox(int maxDatagramLength)
{
    private readonly Queue<byte[]> _datagrams = new();
    private byte[] _flight = [];
    private ulong _nextInEpoch0;
    private ulong _nextInEpoch1 = 1UL << 48;

    /// <summary>Whether there is a flight to send again.</summary>
    public bool HasFlight => _flight.Length != 0;

    /// <summary>Bytes held.</summary>
    public int Size => _flight.Length + _datagrams.Sum(datagram => datagram.Length);

    /// <summary>Queues records and keeps them as the flight to resend.</summary>
    public void SendFlight(ReadOnlySpan<byte> records, DtlsRecordProtection? protection)
    {
        _flight = records.ToArray();
        Send(records, protection);
    }

    /// <summary>Queues the last flight once more under new sequence numbers.</summary>
    public void ResendFlight(DtlsRecordProtection? protection) => Send(_flight, protection);

    /// <summary>Forgets the last flight: it was answered.</summary>
    public void ForgetFlight() => _flight = [];

    /// <summary>Queues records. Those of epoch 1 need the record keys if their numbers have been used meanwhile.</summary>
    public void Send(ReadOnlySpan<byte> records, DtlsRecordProtection? protection)
    {
        Span<byte> datagram = stackalloc byte[maxDatagramLength];
        var used = 0;
        while (!records.IsEmpty)
        {
            var record = records[..DtlsRecord.TotalLength(records)];
            records = records[record.Length..];
            if (used + record.Length > datagram.Length)
            {
                if (used > 0) _datagrams.Enqueue(datagram[..used].ToArray());
                used = 0;
            }

            // OpenSSL keeps records within the MTU it was told; if it ever did not, one alone is sent as it is.
            if (record.Length > datagram.Length)
            {
                var large = record.ToArray();
                if (TryNumber(large, protection)) _datagrams.Enqueue(large);
                continue;
            }

            record.CopyTo(datagram[used..]);
            if (TryNumber(datagram.Slice(used, record.Length), protection)) used += record.Length;
        }

        if (used > 0) _datagrams.Enqueue(datagram[..used].ToArray());
    }

    /// <summary>Epoch and sequence number that the next record of epoch 1 should carry.</summary>
    public ulong NextNumberInEpoch1 => _nextInEpoch1;

    /// <summary>Takes the next datagram; false if there is none or the destination is too small for it.</summary>
    public bool TryTake(Span<byte> destination, out int length)
    {
        length = 0;
        if (!_datagrams.TryPeek(out var datagram) || !datagram.AsSpan().TryCopyTo(destination)) return false;
        length = datagram.Length;
        _datagrams.Dequeue();
        if (_datagrams.Count == 0) _datagrams.TrimExcess();
        return true;
    }

    private bool TryNumber(Span<byte> record, DtlsRecordProtection? protection)
    {
        var number = DtlsRecord.EpochAndSequence(record);
        if (number >> 48 == 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(record[3..], _nextInEpoch0++);
            return true;
        }

        if (number < _nextInEpoch1) return protection is not null && protection.TryReseal(record, _nextInEpoch1++);
        _nextInEpoch1 = number + 1;
        return true;
    }
}
