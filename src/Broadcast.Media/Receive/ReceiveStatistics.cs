using Broadcast.Rtc;

namespace Broadcast.Media.Receive;

/// <summary>Loss and jitter of one received SSRC (RFC 3550 §6.4.1, Appendix A.3 and A.8).</summary>
/// <remarks>
/// Owned by one MediaWorker; not thread-safe. A packet restored from RTX is not lost to the picture, but it was lost by the
/// network: reports leave it out, as it came on another SSRC (RFC 4588 §4).
/// </remarks>
public struct ReceiveStatistics
{
    private readonly int _clockRateHz;
    private bool _started;
    private long _base;
    private long _highest;
    private long _expectedPrior;
    private long _receivedPrior;
    private double _jitter;
    private long _lastTransit;

    /// <summary>Creates statistics for a stream whose timestamps advance at <paramref name="clockRateHz"/>.</summary>
    public ReceiveStatistics(int clockRateHz)
    {
        this = default;
        _clockRateHz = clockRateHz;
    }

    /// <summary>Distinct packets that came on this SSRC.</summary>
    public long Received { get; private set; }

    /// <summary>Distinct packets restored from the repair stream.</summary>
    public long Restored { get; private set; }

    /// <summary>Highest extended sequence number.</summary>
    public readonly long Highest => _highest;

    /// <summary>Packets from the first to the highest number.</summary>
    public readonly long Expected => _started ? _highest - _base + 1 : 0;

    /// <summary>Packets that came in no form.</summary>
    public readonly long Lost => _started ? Math.Max(0, _highest - _base + 1 - Received - Restored) : 0;

    /// <summary>Interarrival jitter in timestamp units.</summary>
    public readonly uint Jitter => (uint)_jitter;

    /// <summary>Counts a packet that is no duplicate.</summary>
    /// <param name="extendedSequenceNumber">Its extended sequence number.</param>
    /// <param name="timestamp">Its RTP timestamp.</param>
    /// <param name="arrival">When it came.</param>
    /// <param name="inOrder">False for late packets, which say nothing about jitter.</param>
    /// <param name="restored">True when it came by RTX.</param>
    public void OnPacket(long extendedSequenceNumber, uint timestamp, MonotonicTime arrival, bool inOrder, bool restored)
    {
        if (restored) Restored++;
        else Received++;
        if (!_started)
        {
            _started = true;
            _base = _highest = extendedSequenceNumber;
        }

        _base = Math.Min(_base, extendedSequenceNumber);
        _highest = Math.Max(_highest, extendedSequenceNumber);
        if (!inOrder || restored) return;

        var arrivalUnits = (long)(arrival.Nanoseconds / 1e9 * _clockRateHz);
        var transit = (int)((uint)arrivalUnits - timestamp);
        if (_lastTransit != 0)
        {
            var difference = Math.Abs((int)(transit - _lastTransit));
            if (difference < _clockRateHz * 10) _jitter += (difference - _jitter) / 16.0;
        }

        _lastTransit = transit;
    }

    /// <summary>Closes the present report interval.</summary>
    /// <returns>Fraction lost (0–255), cumulative loss clamped to 24 bits signed.</returns>
    public (byte FractionLost, int CumulativeLost) TakeInterval()
    {
        if (!_started) return (0, 0);
        var expected = _highest - _base + 1;
        var expectedInterval = expected - _expectedPrior;
        var receivedInterval = Received - _receivedPrior;
        _expectedPrior = expected;
        _receivedPrior = Received;
        var lostInterval = expectedInterval - receivedInterval;
        var fraction = expectedInterval <= 0 || lostInterval <= 0 ? 0 : (lostInterval << 8) / expectedInterval;
        return ((byte)Math.Min(255, fraction), (int)Math.Clamp(expected - Received, -0x800000, 0x7FFFFF));
    }
}
