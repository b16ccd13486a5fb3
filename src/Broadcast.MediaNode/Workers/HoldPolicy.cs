using Broadcast.Rtc;

namespace Broadcast.MediaNode.Workers;

/// <summary>Decides how long a worker collects packets before it forwards them: not at all while it has time, at most 2 ms under load.</summary>
/// <remarks>
/// Larger batches make longer segmented sends, which is where the cost is (docs/decisions/0003). Latency comes first, so the hold
/// grows only with the share of time the worker is busy. Owned by one MediaWorker.
/// </remarks>
public sealed class HoldPolicy
{
    /// <summary>The longest hold.</summary>
    public static readonly TimeSpan MaxHold = TimeSpan.FromMilliseconds(2);

    private const double LoadWithoutHold = 0.08;
    private const double LoadWithFullHold = 0.30;
    private const double WindowNanoseconds = 50_000_000;

    private long _busy;
    private MonotonicTime _windowStart;

    /// <summary>Share of time the worker was not waiting, 0 to 1, smoothed over some 100 ms.</summary>
    public double Load { get; private set; }

    /// <summary>How long a packet may wait for company now.</summary>
    public TimeSpan Hold { get; private set; }

    /// <summary>Notes a turn of the loop.</summary>
    /// <param name="busyNanoseconds">Time spent working in it.</param>
    /// <param name="now">Present time.</param>
    public void OnTurn(long busyNanoseconds, MonotonicTime now)
    {
        _busy += busyNanoseconds;
        var window = now.Nanoseconds - _windowStart.Nanoseconds;
        if (window < WindowNanoseconds) return;
        Load = (Load * 0.5) + (Math.Min(1.0, (double)_busy / window) * 0.5);
        _busy = 0;
        _windowStart = now;
        Hold = MaxHold * Math.Clamp((Load - LoadWithoutHold) / (LoadWithFullHold - LoadWithoutHold), 0, 1);
    }
}
