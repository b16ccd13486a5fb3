using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>What becomes of the rate while packets are on their way and nobody reports on any: it falls after two seconds, and what it
/// was before comes back in steps when feedback does.</summary>
/// <remarks>Stands for the feedback timeout of libwebrtc <c>send_side_bandwidth_estimation.cc</c>, which waits longer. Owned by one
/// <see cref="SendSideEstimator"/>.</remarks>
internal struct FeedbackSilence
{
    private const double FirstShare = 0.5;
    private const double StepShare = 0.7;

    /// <summary>Several feedback intervals and a long round trip.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan StepInterval = TimeSpan.FromMilliseconds(500);

    private MonotonicTime _nextStep;
    private bool _isWaiting;

    public FeedbackSilence() => End();

    /// <summary>The rate that was right when it began; 0 while there is no silence.</summary>
    public long Before { get; private set; }

    /// <summary>The most that is sent into it; <see cref="long.MaxValue"/> while there is none.</summary>
    public long Limit { get; private set; }

    /// <summary>A packet was sent.</summary>
    public void OnSent(MonotonicTime now)
    {
        if (!_isWaiting) (_isWaiting, _nextStep) = (true, now + Patience);
    }

    /// <summary>Looks whether it is time for a step down.</summary>
    /// <param name="bitsPerSecond">The present rate.</param>
    /// <param name="now">Present time.</param>
    public void Step(long bitsPerSecond, MonotonicTime now)
    {
        if (!_isWaiting || now < _nextStep) return;
        _nextStep = now + StepInterval;
        if (Before == 0) Before = bitsPerSecond;
        Limit = (long)(Limit == long.MaxValue ? bitsPerSecond * FirstShare : Limit * StepShare);
    }

    /// <summary>Feedback arrived, or nothing is to be expected.</summary>
    public void End()
    {
        (_isWaiting, _nextStep, Before, Limit) = (false, MonotonicTime.Never, 0, long.MaxValue);
    }

    /// <summary>When <see cref="Step(long, MonotonicTime)"/> has something to do.</summary>
    public readonly MonotonicTime Deadline => _nextStep;
}
