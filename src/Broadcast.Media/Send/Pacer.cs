using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>Spreads what is sent over time: a burst at most, then so much as time earns (libwebrtc <c>modules/pacing/interval_budget.cc</c>).</summary>
/// <remarks>Counts, and holds nothing. A mutable value; owned by one <see cref="PacedTransport"/>.</remarks>
internal struct Pacer
{
    /// <summary>The longest burst, as time at the pace: long enough for one segmented send, short enough for a home router's queue.</summary>
    public static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(5);

    /// <summary>A packet may always be saved up for.</summary>
    private const double MinBurstBytes = 1200;

    /// <summary>How far it may be overdrawn by what does not ask, as time at the pace.</summary>
    private static readonly TimeSpan MaxDebt = TimeSpan.FromMilliseconds(500);

    private double _bytes;
    private double _bytesPerSecond;
    private MonotonicTime _last;

    /// <summary>True while another packet may leave now.</summary>
    public readonly bool HasBudget => _bytes > 0;

    /// <summary>Adds what time has earned.</summary>
    /// <param name="bitsPerSecond">The pace since the last call.</param>
    /// <param name="now">Present time.</param>
    public void Earn(long bitsPerSecond, MonotonicTime now)
    {
        _bytesPerSecond = bitsPerSecond / 8.0;
        _bytes = Math.Min(Math.Max(_bytesPerSecond * Burst.TotalSeconds, MinBurstBytes), _bytes + ((now - _last).TotalSeconds * _bytesPerSecond));
        _last = now;
    }

    /// <summary>Notes a packet.</summary>
    public void OnSent(int bytes) => _bytes = Math.Max(_bytes - bytes, -_bytesPerSecond * MaxDebt.TotalSeconds);
}
