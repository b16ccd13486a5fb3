using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>A path as <see cref="LossModel"/> sees it.</summary>
/// <param name="BitsPerSecond">What it carries.</param>
/// <param name="InherentLoss">The share that it loses however little is sent, 0 to 1.</param>
internal readonly record struct LossChannel(double BitsPerSecond, double InherentLoss)
{
    /// <summary>Before anything was observed.</summary>
    public static readonly LossChannel Unknown = new(0, 0.01);
}

/// <summary>What was sent and lost in the last seconds, and how likely that is for a given path.</summary>
/// <remarks>
/// The observations and the objective of libwebrtc, modules/congestion_controller/goog_cc/loss_based_bwe_v2.cc, counted in bytes: sending
/// at the rate r over a path (b, i), a share p = i + (1 − i)·max(0, r − b)/r is expected to be lost. 12 bytes for each of 20 observations.
/// </remarks>
internal sealed class LossModel
{
    private const int Window = 20;
    private const double WeightPerObservation = 0.9;
    private const double MinInherentLoss = 1e-3;

    /// <summary>Above this share, and <see cref="BalanceBitsPerSecond"/> divided by the rate, loss is not the path's own.</summary>
    private const double InherentLossOffset = 0.10;

    private const double BalanceBitsPerSecond = 150_000;

    /// <summary>Up to this loss higher rates are preferred, beyond it lower ones.</summary>
    private const double PreferenceThreshold = 0.2;

    private const double PreferenceSmoothing = 0.002;
    private const double RatePreference = 0.0002;
    private const double LogRatePreference = 0.02;
    private const double NewtonStep = 0.75;

    private static readonly TimeSpan MinDuration = TimeSpan.FromMilliseconds(250);
    private static readonly double[] Weights = MakeWeights();

    private readonly Observation[] _observations = new Observation[Window];
    private long _bytes;
    private long _lostBytes;
    private MonotonicTime? _lastSent;
    private double _preference;

    /// <summary>Observations so far.</summary>
    public long Observations { get; private set; }

    /// <summary>When the last packet of the last observation was sent.</summary>
    public MonotonicTime LastSent => _lastSent ?? MonotonicTime.Zero;

    /// <summary>Lost bytes of all, 0 to 1, weighted.</summary>
    public double AverageLoss { get; private set; }

    /// <summary>What so much loss allows at once, without waiting for candidates to get there.</summary>
    public double InstantUpperBound => AverageLoss > InherentLossOffset ? BalanceBitsPerSecond / (AverageLoss - InherentLossOffset) : double.PositiveInfinity;

    /// <summary>Adds results to the observation that is being made.</summary>
    /// <returns>True when it is complete.</returns>
    public bool TryObserve(ReadOnlySpan<PacketResult> results)
    {
        if (results.IsEmpty) return false;
        var first = MonotonicTime.Never;
        var last = new MonotonicTime(long.MinValue);
        foreach (ref readonly var result in results)
        {
            _bytes += result.Bytes;
            if (!result.IsReceived) _lostBytes += result.Bytes;
            first = MonotonicTime.Min(first, result.SentAt);
            last = MonotonicTime.Max(last, result.SentAt);
        }

        _lastSent ??= first;
        var duration = last - LastSent;
        if (duration < MinDuration) return false;

        _lastSent = last;
        _observations[Observations++ % Window] = new Observation(_bytes, _lostBytes, _bytes * 8 / duration.TotalSeconds);
        (_bytes, _lostBytes) = (0, 0);
        AverageLoss = WeightedLoss();
        _preference = (PreferenceThreshold - AverageLoss) / (PreferenceSmoothing + Math.Abs(PreferenceThreshold - AverageLoss));
        return true;
    }

    /// <summary>Moves the loss of a candidate one step of Newton's method toward what is most likely at its rate.</summary>
    public LossChannel Fit(LossChannel channel)
    {
        channel = Feasible(channel);
        double first = 0, second = 0;
        var count = (int)Math.Min(Observations, Window);
        for (var age = 0; age < count; age++)
        {
            ref readonly var observation = ref At(age);
            var p = ExpectedLoss(channel, observation.BitsPerSecond);
            var lost = observation.LostKilobytes;
            var received = observation.Kilobytes - lost;
            first += Weights[age] * ((lost / p) - (received / (1 - p)));
            second -= Weights[age] * ((lost / (p * p)) + (received / ((1 - p) * (1 - p))));
        }

        return second < 0 ? Feasible(channel with { InherentLoss = channel.InherentLoss - (NewtonStep * first / second) }) : channel;
    }

    /// <summary>How likely the observations are over such a path, as a logarithm, with the preference for higher rates.</summary>
    public double Likelihood(LossChannel channel)
    {
        var kilobits = channel.BitsPerSecond / 1000;
        var bias = _preference * ((RatePreference * kilobits) + (LogRatePreference * Math.Log(1 + kilobits)));

        // Below the path's rate the expectation is always the same: one pair of logarithms for all of these.
        var own = ExpectedLoss(channel, 0);
        var (ownLog, ownOtherLog) = (Math.Log(own), Math.Log(1 - own));
        double sum = 0;
        var count = (int)Math.Min(Observations, Window);
        for (var age = 0; age < count; age++)
        {
            ref readonly var observation = ref At(age);
            var (log, otherLog) = (ownLog, ownOtherLog);
            if (observation.BitsPerSecond > channel.BitsPerSecond)
            {
                var p = ExpectedLoss(channel, observation.BitsPerSecond);
                (log, otherLog) = (Math.Log(p), Math.Log(1 - p));
            }

            var lost = observation.LostKilobytes;
            sum += Weights[age] * ((lost * log) + ((observation.Kilobytes - lost) * otherLog) + (bias * observation.Kilobytes));
        }

        return sum;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Observations = 0;
        (_bytes, _lostBytes, _lastSent) = (0, 0, null);
        (AverageLoss, _preference) = (0, 0);
    }

    private static double ExpectedLoss(LossChannel channel, double sendingRate)
    {
        var p = channel.InherentLoss;
        if (sendingRate > channel.BitsPerSecond) p += (1 - p) * (sendingRate - channel.BitsPerSecond) / sendingRate;
        return Math.Clamp(p, 1e-6, 1 - 1e-6);
    }

    private static LossChannel Feasible(LossChannel channel)
    {
        var upper = channel.BitsPerSecond > 0 ? Math.Min(1, InherentLossOffset + (BalanceBitsPerSecond / channel.BitsPerSecond)) : 1;
        return channel with { InherentLoss = Math.Clamp(channel.InherentLoss, MinInherentLoss, upper) };
    }

    private static double[] MakeWeights()
    {
        var weights = new double[Window];
        for (var age = 0; age < Window; age++) weights[age] = Math.Pow(WeightPerObservation, age);
        return weights;
    }

    private double WeightedLoss()
    {
        double all = 0, lost = 0;
        var count = (int)Math.Min(Observations, Window);
        for (var age = 0; age < count; age++)
        {
            all += Weights[age] * At(age).Kilobytes;
            lost += Weights[age] * At(age).LostKilobytes;
        }

        return all > 0 ? lost / all : 0;
    }

    private ref readonly Observation At(int age) => ref _observations[(Observations - 1 - age) % Window];

    private readonly struct Observation(long bytes, long lostBytes, double bitsPerSecond)
    {
        public readonly float Kilobytes = bytes / 1000f;
        public readonly float LostKilobytes = lostBytes / 1000f;
        public readonly float BitsPerSecond = (float)bitsPerSecond;
    }
}
