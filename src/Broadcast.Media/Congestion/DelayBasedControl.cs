using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>The rate at which no queue builds up, from when packets were sent and when they arrived
/// (draft-ietf-rmcat-gcc-02 §5; libwebrtc <c>delay_based_bwe.cc</c>).</summary>
/// <remarks>Owned by one <see cref="SendSideEstimator"/>.</remarks>
public sealed class DelayBasedControl(long startBitsPerSecond, long minBitsPerSecond, long maxBitsPerSecond)
{
    /// <summary>After such a pause the delay before it says nothing.</summary>
    private static readonly TimeSpan StreamTimeOut = TimeSpan.FromSeconds(2);

    /// <summary>After falling below this share in one fall there is a queue, which this flow has filled …</summary>
    private const double LargeDrop = 0.5;

    /// <summary>… and empties by sending that much less than fits …</summary>
    private const double DrainShare = 0.6;

    /// <summary>… for so long.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    /// <summary>Less than this share of what arrived before is not the other's burst but less capacity.</summary>
    private const double SuddenFall = 0.4;

    /// <summary>A rate that is lower than the average is believed after this …</summary>
    private const double SureMilliseconds = 150;

    /// <summary>… a higher one after this.</summary>
    private const double SoonMilliseconds = 60;

    /// <summary>No single step believes that less than this share of the average is left: a few packets are no measurement.</summary>
    private const double LeastShare = 0.5;

    /// <summary>A fall so long ago was not for the stall that ends now.</summary>
    private static readonly TimeSpan FreshFall = TimeSpan.FromMilliseconds(700);

    /// <summary>A network that stalls all the time is a narrow one.</summary>
    private static readonly TimeSpan TakeBackInterval = TimeSpan.FromSeconds(3);

    /// <summary>The share of the rate from before that it goes back to.</summary>
    private const double TakenBackShare = 0.9;

    private readonly ArrivalGroups _groups = new();
    private readonly TrendlineEstimator _trendline = new();
    private readonly OveruseDetector _detector = new();
    private readonly AimdRateControl _rate = new(startBitsPerSecond, minBitsPerSecond, maxBitsPerSecond);
    private StallDetector _stalls;
    private MonotonicTime _stallEnded = MonotonicTime.Never;
    private MonotonicTime _tookBackAt = new(long.MinValue / 2);
    private MonotonicTime _drainUntil;
    private MonotonicTime _fellAt = new(long.MinValue / 2);
    private long _beforeFall;
    private bool _wasSurging;
    private MonotonicTime _lastSeen = MonotonicTime.Never;

    /// <summary>The present rate.</summary>
    public long BitsPerSecond { get; private set; } = startBitsPerSecond;

    /// <summary>True for a while after a large fall of the rate: the queue that led to it has yet to empty.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>What the delay tells at present.</summary>
    public NetworkUsage Usage => _detector.Usage;

    /// <summary>The last measured round trip.</summary>
    public void OnRoundTrip(TimeSpan roundTrip) => _rate.OnRoundTrip(roundTrip);

    /// <summary>Adds a received packet, in order of sending.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="now">When its feedback arrived.</param>
    public void Add(in PacketResult packet, MonotonicTime now)
    {
        if (_lastSeen != MonotonicTime.Never && now - _lastSeen > StreamTimeOut) ForgetDelay();
        _lastSeen = now;
        if (_stalls.EndsWith(packet)) _stallEnded = now;
        if (!_groups.TryAdd(packet, now, out var deltas)) return;
        _trendline.Add(deltas);
        _detector.Update(_trendline.Slope, deltas, isSurging: _wasSurging && _trendline.IsSurging);
    }

    /// <summary>Takes a step after the packets of one feedback.</summary>
    /// <param name="acknowledgedBitsPerSecond">What arrives; null while not known.</param>
    /// <param name="probedBitsPerSecond">What a probe has measured since the last step; null for none.</param>
    /// <param name="isApplicationLimited">Less is sent than the rate allows.</param>
    /// <param name="isOverflowing">The queue is full and drops packets: the delay, though great, grows no more.</param>
    /// <param name="now">Present time.</param>
    public void Update(long? acknowledgedBitsPerSecond, long? probedBitsPerSecond, bool isApplicationLimited, bool isOverflowing, MonotonicTime now)
    {
        // One feedback may tell of a machine that was busy for a moment; the next does not.
        _wasSurging = _trendline.IsSurging;
        if (_stallEnded == now && TakeBack(now)) return;
        var usage = isOverflowing ? NetworkUsage.Overuse : _detector.Usage;
        var before = _rate.BitsPerSecond;
        if (usage != NetworkUsage.Overuse && probedBitsPerSecond is { } probed) _rate.Set(probed, now);
        else if (usage != NetworkUsage.Overuse) _rate.Update(usage, acknowledgedBitsPerSecond, isApplicationLimited && !isOverflowing, now);
        else if (Given(acknowledgedBitsPerSecond) is { } given)
        {
            // However little was sent, the link has given less. Of a rate that nobody used nothing is left.
            if (isApplicationLimited) _rate.Set(Math.Min(_rate.BitsPerSecond, acknowledgedBitsPerSecond!.Value), now);
            _rate.Update(usage, given, isApplicationLimited: false, now);
        }
        else _rate.Update(usage, Arriving(acknowledgedBitsPerSecond), isApplicationLimited && !isOverflowing, now);
        if (_rate.BitsPerSecond < before) NoteFall(before, now);
        IsDraining = now < _drainUntil;
        BitsPerSecond = IsDraining ? Math.Max((long)(_rate.BitsPerSecond * DrainShare), minBitsPerSecond) : _rate.BitsPerSecond;
    }

    /// <summary>Sets the rate, and forgets the delay so far.</summary>
    public void Reset(long bitsPerSecond, MonotonicTime now)
    {
        ForgetDelay();
        _rate.Reset(bitsPerSecond, now);
        BitsPerSecond = _rate.BitsPerSecond;
        (_drainUntil, IsDraining) = (MonotonicTime.Zero, false);
    }

    /// <summary>
    /// While the queue builds up: what the link has given since then. A large picture shows soon that it is more than the average of what
    /// was sent; a sudden fall shows long before the average follows, but it takes some packets more to be sure.
    /// </summary>
    private long? Given(long? acknowledged) =>
        acknowledged is { } average && _trendline.RateSinceLeastDelay(SureMilliseconds) is { } sure && (_trendline.IsSurging || sure < average * SuddenFall)
            ? Math.Max(sure, (long)(average * LeastShare))
            : null;

    /// <summary>Another flow's burst, which holds back the last packets, passes: short of a sudden fall the greater of the two holds.</summary>
    private long? Arriving(long? acknowledged) =>
        acknowledged is { } average ? Math.Max(_trendline.RateSinceLeastDelay(SoonMilliseconds) ?? 0, average) : null;

    /// <summary>What looked like a queue was a moment in which nothing moved: a fall that it led to is taken back, once in a while.</summary>
    private bool TakeBack(MonotonicTime now)
    {
        ForgetDelay();
        if (now - _fellAt > FreshFall || now - _tookBackAt < TakeBackInterval) return false;
        _tookBackAt = now;
        _rate.Set(Math.Max(_rate.BitsPerSecond, (long)(_beforeFall * TakenBackShare)), now);
        (_drainUntil, IsDraining, BitsPerSecond) = (MonotonicTime.Zero, false, _rate.BitsPerSecond);
        return true;
    }

    /// <summary>Falls that follow each other closely are one; when that is large, a queue has built up.</summary>
    private void NoteFall(long before, MonotonicTime now)
    {
        if (now - _fellAt > AimdRateControl.OneFall) _beforeFall = before;
        _fellAt = now;
        if (_rate.BitsPerSecond < _beforeFall * LargeDrop) _drainUntil = now + DrainTime;
    }

    private void ForgetDelay()
    {
        _groups.Reset();
        _trendline.Reset();
        _detector.Reset();
    }
}
