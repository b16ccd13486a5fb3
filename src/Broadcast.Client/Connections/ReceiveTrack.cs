using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Client.Connections;

/// <summary>Follows the sequence numbers of one received stream: what came, what is missing, what a report says about it.</summary>
/// <remarks>Reads headers only, so it works on packets that are not decrypted. Owned by one viewer.</remarks>
internal sealed class ReceiveTrack(uint clockRateHz)
{
    private const int Window = 1024;

    private readonly ulong[] _received = new ulong[Window / 64];
    private SequenceNumberUnwrapper _sequence;
    private long _first;
    private long _expectedBefore;
    private long _receivedBefore;
    private long _receivedCount;
    private long _transit;
    private double _jitter;
    private uint _lastSenderReport;
    private MonotonicTime _senderReportAt;

    /// <summary>The stream; meaningful once <see cref="HasStarted"/>.</summary>
    public uint Ssrc { get; private set; }

    /// <summary>A packet was received.</summary>
    public bool HasStarted => _sequence.HasValue;

    /// <summary>The newest sequence number, extended.</summary>
    public long Highest => _sequence.Highest;

    /// <summary>The holes.</summary>
    public MissingPackets Missing { get; } = new();

    /// <summary>What a packet was to the track.</summary>
    public enum Verdict
    {
        /// <summary>Newer than all before.</summary>
        Newest,

        /// <summary>It filled a hole.</summary>
        Repair,

        /// <summary>Known already, or too old to tell.</summary>
        Duplicate,
    }

    /// <summary>Notes a packet of the stream itself.</summary>
    public Verdict Receive(uint ssrc, ushort sequenceNumber, uint timestamp, MonotonicTime arrival)
    {
        if (!HasStarted)
        {
            Ssrc = ssrc;
            _first = _sequence.Unwrap(sequenceNumber);
            _receivedCount = 1;
            _received.AsSpan().Fill(ulong.MaxValue); // what was before the first packet is not missing
            return Verdict.Newest;
        }

        UpdateJitter(timestamp, arrival);
        return Mark(_sequence.Peek(sequenceNumber), arrival);
    }

    /// <summary>Notes a packet that was recovered from a retransmission stream.</summary>
    public Verdict Recover(ushort originalSequenceNumber, MonotonicTime arrival) =>
        HasStarted ? Mark(_sequence.Peek(originalSequenceNumber), arrival) : Verdict.Duplicate;

    /// <summary>Extends a number without noting it.</summary>
    public long Extend(ushort sequenceNumber) => _sequence.Peek(sequenceNumber);

    /// <summary>Whether everything from one number to another has come; both within the last 1,024.</summary>
    public bool HasAll(long first, long last)
    {
        for (var i = first; i <= last; i++)
        {
            if (i <= Highest - Window || i > Highest || !IsSet(i)) return false;
        }

        return true;
    }

    /// <summary>Remembers a sender report for LSR and DLSR.</summary>
    public void HandleSenderReport(ulong ntpTimestamp, MonotonicTime arrival)
    {
        _lastSenderReport = NtpTime.Compact(ntpTimestamp);
        _senderReportAt = arrival;
    }

    /// <summary>The block of the next receiver report (RFC 3550 §6.4.1, A.3).</summary>
    public ReportBlock Report(MonotonicTime now)
    {
        var expected = Highest - _first + 1;
        var expectedNow = expected - _expectedBefore;
        var receivedNow = _receivedCount - _receivedBefore;
        (_expectedBefore, _receivedBefore) = (expected, _receivedCount);
        var fraction = expectedNow > receivedNow && expectedNow > 0 ? (byte)Math.Min(255, (expectedNow - receivedNow) * 256 / expectedNow) : (byte)0;
        var delay = _lastSenderReport == 0 ? 0 : NtpTime.CompactFromNanoseconds(now.Nanoseconds - _senderReportAt.Nanoseconds);
        return new ReportBlock(Ssrc, fraction, (int)(expected - _receivedCount), (uint)Highest, (uint)_jitter, _lastSenderReport, delay);
    }

    private Verdict Mark(long extended, MonotonicTime arrival)
    {
        if (extended > Highest)
        {
            for (var skipped = Math.Max(Highest + 1, extended - Window + 1); skipped < extended; skipped++)
            {
                _received[(skipped & (Window - 1)) >> 6] &= ~(1UL << (int)(skipped & 63));
            }

            Missing.AddRange(Highest + 1, extended, arrival);
            _sequence.Unwrap((ushort)extended);
            Set(extended);
            _receivedCount++;
            return Verdict.Newest;
        }

        if (extended <= Highest - Window || IsSet(extended)) return Verdict.Duplicate;
        Set(extended);
        _receivedCount++;
        return Missing.Remove(extended) ? Verdict.Repair : Verdict.Duplicate; // after it was given up it is of no use
    }

    private bool IsSet(long extended) => (_received[(extended & (Window - 1)) >> 6] & (1UL << (int)(extended & 63))) != 0;

    private void Set(long extended) => _received[(extended & (Window - 1)) >> 6] |= 1UL << (int)(extended & 63);

    /// <summary>RFC 3550 §A.8.</summary>
    private void UpdateJitter(uint timestamp, MonotonicTime arrival)
    {
        var transit = (arrival.Nanoseconds / 1000 * clockRateHz / 1_000_000) - timestamp;
        if (_transit != 0) _jitter += (Math.Min(Math.Abs((int)(transit - _transit)), clockRateHz) - _jitter) / 16;
        _transit = transit;
    }
}
