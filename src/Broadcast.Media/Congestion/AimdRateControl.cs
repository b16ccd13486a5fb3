using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>Raises the rate while the delay stays, lowers it to 85 % of what arrives when the delay grows
/// (draft-ietf-rmcat-gcc-02 §5.5; libwebrtc <c>aimd_rate_control.cc</c>).</summary>
/// <remarks>
/// <code>
///            normal             overuse
///   Hold ───────────► Increase ─────────► (decrease) ──► Hold
///    ▲                    │ underuse
///    └────────────────────┘
/// </code>
/// Owned by one <see cref="DelayBasedControl"/>.
/// </remarks>
public sealed class AimdRateControl(long startBitsPerSecond, long minBitsPerSecond, long maxBitsPerSecond)
{
    /// <summary>Decreases that follow each other within this time are one fall.</summary>
    public static readonly TimeSpan OneFall = TimeSpan.FromMilliseconds(400);

    private const double Backoff = 0.85;

    /// <summary>Also a flow whose own burst made the queue yields a little, so that who sends less can catch up.</summary>
    private const double LeastBackoff = 0.95;

    /// <summary>The first decrease for a while leaves at least this share, …</summary>
    private const double FirstStep = 0.6;

    /// <summary>… those that follow it this.</summary>
    private const double FurtherStep = 0.4;

    /// <summary>When less than this share of the rate arrives, the next decrease does not wait for a round trip.</summary>
    private const double FarLess = 0.7;

    private const long BackoffBits = 5_000;
    private const double GrowthPerSecond = 1.08;
    private const double MinGrowthPerSecond = 40_000;
    private const double MaxAdditiveShare = 0.25;
    private const double PacketBits = 1200 * 8;

    private static readonly TimeSpan ShortestReaction = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestReaction = TimeSpan.FromMilliseconds(200);

    private LinkCapacity _capacity;
    private MonotonicTime _lastDecrease = MonotonicTime.Zero;
    private long _acknowledged = startBitsPerSecond;
    private bool _isIncreasing;
    private MonotonicTime _lastChange = MonotonicTime.Zero;
    private TimeSpan _roundTrip = LongestReaction;

    /// <summary>The present rate.</summary>
    public long BitsPerSecond { get; private set; } = Math.Clamp(startBitsPerSecond, minBitsPerSecond, maxBitsPerSecond);

    /// <summary>The last measured round trip; 200 ms before the first.</summary>
    public void OnRoundTrip(TimeSpan roundTrip) => _roundTrip = roundTrip;

    /// <summary>Sets the rate: a probe has measured it, or everything begins anew.</summary>
    public void Set(long bitsPerSecond, MonotonicTime now)
    {
        BitsPerSecond = Math.Clamp(bitsPerSecond, minBitsPerSecond, maxBitsPerSecond);
        _lastChange = now;
    }

    /// <summary>Forgets what the link was.</summary>
    public void Reset(long bitsPerSecond, MonotonicTime now)
    {
        Set(bitsPerSecond, now);
        _capacity.Reset();
        (_acknowledged, _isIncreasing, _roundTrip) = (bitsPerSecond, false, LongestReaction);
    }

    /// <summary>Takes a step.</summary>
    /// <param name="usage">What the delay tells.</param>
    /// <param name="acknowledgedBitsPerSecond">What arrives; null while not known.</param>
    /// <param name="isApplicationLimited">Less is sent than the rate allows: it is not raised, since nothing would prove it.</param>
    /// <param name="now">Present time.</param>
    public void Update(NetworkUsage usage, long? acknowledgedBitsPerSecond, bool isApplicationLimited, MonotonicTime now)
    {
        _acknowledged = acknowledgedBitsPerSecond ?? _acknowledged;
        switch (usage)
        {
            case NetworkUsage.Overuse:
                if (MayDecrease(acknowledgedBitsPerSecond, isApplicationLimited, now)) Decrease(acknowledgedBitsPerSecond, isApplicationLimited, now);
                break;
            case NetworkUsage.Underuse:
                _isIncreasing = false;
                break;
            default:
                if (!_isIncreasing) (_isIncreasing, _lastChange) = (true, now);
                Increase(isApplicationLimited, now);
                break;
        }
    }

    /// <summary>Once per round trip, so that a decrease can show; at once when far less arrives than is sent.</summary>
    private bool MayDecrease(long? acknowledged, bool isApplicationLimited, MonotonicTime now)
    {
        var reaction = _roundTrip < ShortestReaction ? ShortestReaction : _roundTrip > LongestReaction ? LongestReaction : _roundTrip;
        return now - _lastChange >= reaction || (!isApplicationLimited && acknowledged < BitsPerSecond * FarLess);
    }

    private void Decrease(long? acknowledged, bool isApplicationLimited, MonotonicTime now)
    {
        if (acknowledged is not { } arrives)
        {
            Set(BitsPerSecond / 2, now);
            return;
        }

        // What arrives while little is sent is not what the link carries: step by step then, as long as it goes on. And nothing that
        // is over with the next feedback, as when some machine was busy for a moment, takes more than a part.
        var lower = isApplicationLimited ? LessThan(Math.Max(arrives, BitsPerSecond)) : Math.Max(LessThan(arrives), (long)(BitsPerSecond * LargestStep(now)));
        _lastDecrease = now;
        if (_capacity.IsAbove(arrives)) _capacity.Reset();
        _capacity.OnOveruse(arrives);
        _isIncreasing = false;
        Set(Math.Min(lower, (long)(BitsPerSecond * LeastBackoff)), now);
    }

    private void Increase(bool isApplicationLimited, MonotonicTime now)
    {
        if (_capacity.IsBelow(_acknowledged)) _capacity.Reset();
        var seconds = Math.Min((now - _lastChange).TotalSeconds, 1);
        _lastChange = now;
        var limit = (_acknowledged + (_acknowledged / 2)) + 10_000;
        if (isApplicationLimited || BitsPerSecond >= limit || seconds <= 0) return;
        var step = AdditiveGrowth() * seconds;
        if (_capacity.BitsPerSecond is null) step = Math.Max(step, BitsPerSecond * (Math.Pow(GrowthPerSecond, seconds) - 1));
        Set(Math.Min(BitsPerSecond + (long)step, limit), now);
    }

    /// <summary>
    /// Three packets more per response time, in bits per second each second. It is the same for all rates but very low ones, so that flows that
    /// share a link, and fall by shares, come to share it evenly.
    /// </summary>
    private double AdditiveGrowth() => Math.Min(Math.Max(3 * PacketBits / (_roundTrip.TotalSeconds + 0.1), MinGrowthPerSecond), BitsPerSecond * MaxAdditiveShare);

    private double LargestStep(MonotonicTime now) => now - _lastDecrease < OneFall ? FurtherStep : FirstStep;

    private static long LessThan(long acknowledged)
    {
        var lower = (long)(acknowledged * Backoff);
        return lower > BackoffBits ? lower - BackoffBits : lower;
    }
}
