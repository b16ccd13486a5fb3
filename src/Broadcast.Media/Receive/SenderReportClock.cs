using Broadcast.Rtc;

namespace Broadcast.Media.Receive;

/// <summary>The publisher's newest pair of NTP and RTP time for one track (RFC 3550 §6.4.1).</summary>
/// <param name="NtpTimestamp">64-bit NTP time of the publisher.</param>
/// <param name="RtpTimestamp">The same instant in the track's RTP time.</param>
/// <param name="ReceivedAt">When the report arrived here; only used to extrapolate both forward together.</param>
public readonly record struct SenderReportPair(ulong NtpTimestamp, uint RtpTimestamp, MonotonicTime ReceivedAt);

/// <summary>Holds the newest <see cref="SenderReportPair"/>: one writer, many readers, no lock (a sequence lock).</summary>
public sealed class SenderReportClock
{
    private int _version;
    private SenderReportPair _pair;

    /// <summary>Stores a pair. The publisher's worker only.</summary>
    public void Update(in SenderReportPair pair)
    {
        Volatile.Write(ref _version, _version + 1);
        Volatile.WriteBarrier();
        _pair = pair;
        Volatile.WriteBarrier();
        Volatile.Write(ref _version, _version + 1);
    }

    /// <summary>Reads the pair. Any thread.</summary>
    /// <returns>False before the first report, or when a write is under way (try again at the next report).</returns>
    public bool TryRead(out SenderReportPair pair)
    {
        var before = Volatile.Read(ref _version);
        Volatile.ReadBarrier();
        pair = _pair;
        Volatile.ReadBarrier();
        return before != 0 && (before & 1) == 0 && before == Volatile.Read(ref _version);
    }
}
