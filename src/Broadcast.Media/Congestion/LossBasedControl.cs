using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>The rate that loss leaves: tells loss that sending less would cure from loss that the path always has.</summary>
/// <remarks>
/// <para>After libwebrtc, modules/congestion_controller/goog_cc/loss_based_bwe_v2.cc, with its present values but
/// for one: up to a tenth may be the path's own loss, as with draft-ietf-rmcat-gcc-02 §6. The path is taken for one that carries so many
/// bits per second and loses a share of packets in any case (<see cref="LossModel"/>); of a few candidates, near the
/// present one, the most likely after the observations wins. Observations last 250 ms of sending at least.</para>
/// <code>
/// ByDelay ──less than the estimate by delay──► Decreasing ──more than before, and the hold is over──► Increasing
///    ▲                                            ▲                                                   │      │
///    │                                            └──────────────────less again───────────────────────┘      │
///    └──────────────────────────as much as the estimate by delay──────────────────────────────────────────────┘
/// </code>
/// <para>A packet that is reported lost and later received counts as two. Owned by one MediaWorker; allocates nothing after construction.</para>
/// </remarks>
public sealed class LossBasedControl(long startBitsPerSecond)
{
    /// <summary>Never less than this, in bits per second: sound.</summary>
    public const long MinBitsPerSecond = 30_000;

    /// <summary>Observations before anything is said.</summary>
    private const int MinObservations = 3;

    /// <summary>Growing again, the estimate is at most this times what arrives …</summary>
    private const double RampUp = 1.5;

    /// <summary>… and this, while that is less than <see cref="HoldThreshold"/> times the rate at which it was last held.</summary>
    private const double RampUpInHold = 1.2;

    private const double HoldThreshold = 1.3;

    /// <summary>Growth per window while recovering.</summary>
    private const double MaxIncrease = 1.3;

    private static readonly TimeSpan IncreaseWindow = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan InitialHold = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan MaxHold = TimeSpan.FromSeconds(60);

    private readonly LossModel _model = new();
    private State _state;
    private double _result = startBitsPerSecond;

    /// <summary>What the path is taken for: the best candidate so far. Its rate is 0 before the first observation.</summary>
    private LossChannel _best = LossChannel.Unknown;

    private double _windowLimit = double.PositiveInfinity;
    private MonotonicTime? _windowBegan;
    private MonotonicTime _holdUntil = MonotonicTime.Zero;
    private TimeSpan _hold = InitialHold;
    private double _holdRate = double.PositiveInfinity;

    private enum State
    {
        ByDelay,
        Decreasing,
        Increasing,
    }

    /// <summary>The estimate in bits per second; the one by delay until there is enough to say more.</summary>
    public long BitsPerSecond { get; private set; } = startBitsPerSecond;

    /// <summary>True while loss keeps the estimate below the one by delay, and it does not grow again or still too much is lost: nobody shall probe.</summary>
    public bool IsLimiting => IsReady && (_state == State.Decreasing || (_state == State.Increasing && _model.InstantUpperBound < double.PositiveInfinity));

    /// <summary>Lost bytes of all, 0 to 1, recent ones counting more.</summary>
    public double AverageLoss => _model.AverageLoss;

    private bool IsReady => _best.BitsPerSecond > 0 && _model.Observations >= MinObservations;

    /// <summary>Takes the results of a feedback packet, or of a part of it.</summary>
    /// <param name="results">What became of packets, in any order.</param>
    /// <param name="delayBasedBitsPerSecond">The estimate by delay, which this one never exceeds.</param>
    /// <param name="acknowledgedBitsPerSecond">What arrives; null while unknown. The estimate does not fall below it.</param>
    /// <param name="isApplicationLimited">Then what arrives says nothing about the most that could.</param>
    /// <param name="now">Present time; what is measured goes by the times of sending.</param>
    public void Update(ReadOnlySpan<PacketResult> results, long delayBasedBitsPerSecond, long? acknowledgedBitsPerSecond, bool isApplicationLimited, MonotonicTime now)
    {
        var byDelay = (double)Math.Max(MinBitsPerSecond, delayBasedBitsPerSecond);
        if (_model.TryObserve(results))
        {
            if (_best.BitsPerSecond <= 0) (_best, _result) = (_best with { BitsPerSecond = byDelay }, byDelay);
            Estimate(byDelay, acknowledgedBitsPerSecond, isApplicationLimited, _model.LastSent);
        }

        BitsPerSecond = (long)Math.Max(MinBitsPerSecond, IsReady ? Math.Min(_result, byDelay) : byDelay);
    }

    /// <summary>A probe got through at this rate: the path carries at least that.</summary>
    public void OnProbeResult(long bitsPerSecond)
    {
        if (IsLimiting || _best.BitsPerSecond <= 0 || _best.BitsPerSecond >= bitsPerSecond) return;
        _best = _best with { BitsPerSecond = bitsPerSecond };

        // The window of slow growth began at a rate that no longer means anything.
        (_windowLimit, _windowBegan) = (double.PositiveInfinity, null);
    }

    /// <summary>Begins anew, as for another network.</summary>
    public void Reset(long startBitsPerSecond)
    {
        _model.Reset();
        _best = LossChannel.Unknown;
        _state = State.ByDelay;
        (_windowLimit, _windowBegan) = (double.PositiveInfinity, null);
        ForgetHold();
        _result = startBitsPerSecond;
        BitsPerSecond = startBitsPerSecond;
    }

    private void Estimate(double byDelay, double? acknowledged, bool isApplicationLimited, MonotonicTime lastSent)
    {
        // :: Step 1: the most likely candidate
        var best = Best(byDelay, isApplicationLimited ? null : acknowledged);

        // :: Step 2: no growth while more is lost than the path loses by itself, and only little while recovering
        if (_model.AverageLoss > best.InherentLoss && best.BitsPerSecond > _best.BitsPerSecond) best = best with { BitsPerSecond = _best.BitsPerSecond };
        if (_state != State.ByDelay) best = BoundRecovery(best, acknowledged, lastSent);

        // :: Step 3: within what loss and arrivals allow
        var lower = Math.Max(MinBitsPerSecond, acknowledged ?? 0);
        var bounded = Math.Max(lower, Math.Min(Math.Min(best.BitsPerSecond, _model.InstantUpperBound), byDelay));
        _best = bounded < best.BitsPerSecond
            ? new LossChannel(bounded, 0)
            : best with { BitsPerSecond = Math.Max(best.BitsPerSecond, lower) };

        // :: Step 4: after a decrease the rate is held a while
        if (_state == State.Decreasing && lastSent < _holdUntil && bounded < byDelay)
        {
            _holdRate = Math.Max(_holdRate, lower);
            _result = Math.Min(_holdRate, bounded);
            return;
        }

        // :: Step 5: the state that follows
        Change(bounded, byDelay, lastSent);
        _result = bounded;
        if (_state != State.ByDelay && (_windowBegan is not { } began || began + IncreaseWindow < lastSent))
            (_windowLimit, _windowBegan) = (Math.Max(MinBitsPerSecond, _best.BitsPerSecond * MaxIncrease), lastSent);
    }

    private LossChannel Best(double byDelay, double? acknowledged)
    {
        var limit = Math.Max(_best.BitsPerSecond, _state == State.ByDelay ? double.PositiveInfinity : _windowLimit);
        ReadOnlySpan<double> rates =
        [
            1.02 * _best.BitsPerSecond,
            _best.BitsPerSecond,
            0.95 * _best.BitsPerSecond,
            acknowledged ?? _best.BitsPerSecond,
            Math.Max(byDelay, _best.BitsPerSecond),
        ];

        var best = _best;
        var mostLikely = double.NegativeInfinity;
        foreach (var rate in rates)
        {
            var candidate = _model.Fit(_best with { BitsPerSecond = Math.Min(rate, limit) });
            var likelihood = _model.Likelihood(candidate);
            if (likelihood > mostLikely) (mostLikely, best) = (likelihood, candidate);
        }

        return best;
    }

    private LossChannel BoundRecovery(LossChannel best, double? acknowledged, MonotonicTime lastSent)
    {
        if (_windowBegan is { } began && began + IncreaseWindow > lastSent) best = best with { BitsPerSecond = Math.Min(best.BitsPerSecond, _windowLimit) };
        if (acknowledged is not { } arriving || !IsGrowth(_best.BitsPerSecond, best.BitsPerSecond)) return best;

        var factor = arriving < HoldThreshold * _holdRate && _holdRate < double.PositiveInfinity ? RampUpInHold : RampUp;
        var rate = Math.Max(_best.BitsPerSecond, Math.Min(best.BitsPerSecond, factor * arriving));

        // One bit more, so that the decrease is over even where what arrives allows no growth.
        if (_state == State.Decreasing && rate <= _best.BitsPerSecond) rate = _best.BitsPerSecond + 1;
        return best with { BitsPerSecond = rate };
    }

    private bool IsGrowth(double from, double to) => _state != State.ByDelay && (to > from || (to == from && _state == State.Increasing));

    private void Change(double bounded, double byDelay, MonotonicTime lastSent)
    {
        if (bounded >= byDelay)
        {
            ForgetHold();
            _state = State.ByDelay;
        }
        else if (IsGrowth(_result, bounded))
        {
            _state = State.Increasing;
        }
        else
        {
            if (_state != State.Decreasing)
            {
                (_holdUntil, _holdRate) = (lastSent + _hold, bounded);
                _hold = TimeSpan.FromTicks(Math.Min(MaxHold.Ticks, 2 * _hold.Ticks));
            }

            _state = State.Decreasing;
        }
    }

    private void ForgetHold() => (_holdUntil, _hold, _holdRate) = (MonotonicTime.Zero, InitialHold, double.PositiveInfinity);
}
