using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>Decides when the network is asked for more than is sent, and for how much.</summary>
/// <remarks>
/// <para>After libwebrtc, modules/congestion_controller/goog_cc/probe_controller.cc. Owned by one MediaWorker. A probe is decided here,
/// taken by whoever paces (<see cref="TryTake"/>), measured by <see cref="ProbeBitrateEstimator"/>, and its result comes back as an
/// estimate. None is made while loss limits the rate, none above <see cref="MaxBitsPerSecond"/>, none that could teach nothing.</para>
/// <code>
/// Idle ──Start──► Waiting ──estimate above 0.7 of the goal: 2 × the estimate──► Waiting
///   ▲               │ 1 s without result, or the ceiling was the goal
///   └───────────────┘   (Idle: every 5 s while application limited, on request, after a large drop)
/// </code>
/// </remarks>
public sealed class ProbeController
{
    /// <summary>Higher than any rate of a viewer.</summary>
    public const long DefaultMaxBitsPerSecond = 100_000_000;

    /// <summary>How long after a probe its result must be there.</summary>
    public static readonly TimeSpan ResultTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Between probes while application limited, and between two after one drop.</summary>
    public static readonly TimeSpan ApplicationLimitedInterval = TimeSpan.FromSeconds(5);

    /// <summary>Between two probes on request that brought nothing; doubles with each up to <see cref="MaxRequestInterval"/>.</summary>
    public static readonly TimeSpan MinRequestInterval = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between probes on request.</summary>
    public static readonly TimeSpan MaxRequestInterval = TimeSpan.FromSeconds(10);

    /// <summary>How long after a large drop it is worth while to try the rate from before.</summary>
    public static readonly TimeSpan DropMemory = TimeSpan.FromSeconds(10);

    /// <summary>A probe is at least this long, unless <see cref="MinPackets"/> take longer.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(15);

    /// <summary>A probe has at least that many packets.</summary>
    public const int MinPackets = 5;

    private const double FirstScale = 3;
    private const double SecondScale = 6;
    private const double FurtherScale = 2;
    private const double ApplicationLimitedScale = 2;

    /// <summary>A request is tried at up to this times the estimate; what lies higher is reached by going on.</summary>
    private const double RequestScale = 2;

    /// <summary>A probe up to this is a few small packets: however low the estimate, it may go so far at once.</summary>
    private const long AlwaysAllowed = 300_000;

    /// <summary>The share of a probe's goal from which it counts as reached; packets seldom arrive quite as fast as they are sent.</summary>
    private const double ReachedShare = 0.7;

    /// <summary>Falling below this share of what it was is a large drop.</summary>
    private const double DropShare = 0.66;

    /// <summary>The share of the rate from before a drop that is tried.</summary>
    private const double AfterDropScale = 0.85;

    /// <summary>Waiting to be taken; the two of the start, or one.</summary>
    private readonly ProbeCluster[] _pending = new ProbeCluster[2];

    private int _pendingCount;
    private int _lastId;
    private bool _isWaiting;
    private long _furtherAbove;
    private long _estimate;
    private bool _isLossLimited;
    private MonotonicTime _probedAt = MonotonicTime.Zero;
    private MonotonicTime _applicationLimitedSince = MonotonicTime.Never;

    private TimeSpan _requestInterval = MinRequestInterval;
    private MonotonicTime _noRequestBefore = MonotonicTime.Zero;
    private long _requestGoal;

    private long _beforeDrop;
    private MonotonicTime _droppedAt;
    private MonotonicTime _noDropProbeBefore = MonotonicTime.Zero;

    /// <summary>The ceiling of every probe, in bits per second: what could be used at all, with some room.</summary>
    public long MaxBitsPerSecond { get; set; } = DefaultMaxBitsPerSecond;

    /// <summary>True when one waits to be taken.</summary>
    public bool HasPending => _pendingCount > 0;

    /// <summary>The first two probes, at 3 and 6 times what is assumed.</summary>
    public void Start(long bitsPerSecond, MonotonicTime now)
    {
        _estimate = bitsPerSecond;
        Probe((long)(FirstScale * bitsPerSecond), (long)(SecondScale * bitsPerSecond), goOn: true, now);
    }

    /// <summary>Takes every new estimate, also those that a probe led to.</summary>
    /// <param name="bitsPerSecond">The estimate.</param>
    /// <param name="isLossLimited">Whether loss keeps it low: <see cref="LossBasedControl.IsLimiting"/>.</param>
    /// <param name="now">Present time.</param>
    public void OnEstimate(long bitsPerSecond, bool isLossLimited, MonotonicTime now)
    {
        var previous = _estimate;
        _estimate = bitsPerSecond;
        _isLossLimited = isLossLimited;
        if (isLossLimited) StopProbing();

        // :: Step 1: a request that was granted; the next one need not wait long
        if (_requestGoal > 0 && bitsPerSecond >= ReachedShare * _requestGoal)
        {
            (_requestGoal, _requestInterval) = (0, MinRequestInterval);
            _noRequestBefore = now;
        }

        // :: Step 2: a probe that reached its goal; how far does it go on?
        if (_isWaiting && bitsPerSecond > _furtherAbove)
        {
            Probe((long)(FurtherScale * bitsPerSecond), 0, goOn: true, now);
            return;
        }

        // :: Step 3: a large drop; once the estimate grows again, what was there before may be there again
        if (bitsPerSecond < DropShare * previous)
        {
            // Several in a row are one, as when feedback stays away.
            if (_beforeDrop == 0) _beforeDrop = previous;
            _droppedAt = now;
        }
        else if (_beforeDrop > 0)
        {
            if (now - _droppedAt > DropMemory || bitsPerSecond >= AfterDropScale * _beforeDrop) _beforeDrop = 0;
            else if (bitsPerSecond > previous && !_isWaiting && now >= _noDropProbeBefore && Probe((long)(AfterDropScale * _beforeDrop), 0, goOn: false, now))
                _noDropProbeBefore = now + ApplicationLimitedInterval;
        }
    }

    /// <summary>Says whether less is sent than might be (<see cref="ApplicationLimit.IsLimited"/>); may be repeated.</summary>
    public void OnApplicationLimited(bool isLimited, MonotonicTime now)
    {
        if (!isLimited) _applicationLimitedSince = MonotonicTime.Never;
        else if (_applicationLimitedSince == MonotonicTime.Never) _applicationLimitedSince = now;
    }

    /// <summary>Somebody would send more if the network carried so much; may be repeated as often as one likes.</summary>
    public void Request(long bitsPerSecond, MonotonicTime now)
    {
        if (_isWaiting || HasPending || bitsPerSecond <= _estimate || now < _noRequestBefore || now - _probedAt < ResultTimeout) return;
        var limit = Math.Max((long)(RequestScale * _estimate), AlwaysAllowed);
        if (!Probe(Math.Min(bitsPerSecond, limit), 0, goOn: bitsPerSecond > limit, now)) return;
        _requestGoal = Math.Min(bitsPerSecond, limit);
        _noRequestBefore = now + _requestInterval;
        _requestInterval = TimeSpan.FromTicks(Math.Min(MaxRequestInterval.Ticks, 2 * _requestInterval.Ticks));
    }

    /// <summary>The periodic part: an end to waiting, also for somebody who takes the probe, and the probes while application limited.</summary>
    /// <returns>When to call it again, if nothing else is said to this object until then.</returns>
    public MonotonicTime Process(MonotonicTime now)
    {
        if (now - _probedAt > ResultTimeout) StopProbing();
        if (_isWaiting || HasPending) return _probedAt + ResultTimeout + TimeSpan.FromMilliseconds(1);
        if (_applicationLimitedSince == MonotonicTime.Never || _estimate == 0) return MonotonicTime.Never;

        var due = MonotonicTime.Max(_applicationLimitedSince, _probedAt) + ApplicationLimitedInterval;
        if (now < due) return due;
        return Probe(Math.Max((long)(ApplicationLimitedScale * _estimate), AlwaysAllowed), 0, goOn: true, now)
            ? now + ResultTimeout
            : now + ApplicationLimitedInterval;
    }

    /// <summary>Takes the next probe, to begin it now: its number and goal are also for <see cref="ProbeBitrateEstimator.Begin"/>.</summary>
    public bool TryTake(MonotonicTime now, out ProbeCluster probe)
    {
        probe = default;
        if (_pendingCount == 0) return false;
        probe = _pending[0];
        _pending[0] = _pending[1];
        _pendingCount--;

        // Its result cannot be there before it was sent.
        _probedAt = now;
        return true;
    }

    /// <summary>Forgets everything but the ceiling and the numbers of probes; <see cref="Start"/> begins anew.</summary>
    public void Reset()
    {
        StopProbing();
        (_estimate, _isLossLimited) = (0, false);
        (_requestGoal, _requestInterval, _noRequestBefore) = (0, MinRequestInterval, MonotonicTime.Zero);
        (_beforeDrop, _noDropProbeBefore) = (0, MonotonicTime.Zero);
        _applicationLimitedSince = MonotonicTime.Never;
        _probedAt = MonotonicTime.Zero;
    }

    private void StopProbing()
    {
        _isWaiting = false;
        _pendingCount = 0;
    }

    /// <summary>Makes one probe, or two when the second goal is not 0; what waited before is given up.</summary>
    /// <returns>False when none may be made now.</returns>
    private bool Probe(long first, long second, bool goOn, MonotonicTime now)
    {
        StopProbing();
        if (_isLossLimited || MaxBitsPerSecond <= _estimate) return false;

        Add(first);
        if (second > 0 && first < MaxBitsPerSecond) Add(second);
        _probedAt = now;

        // What is allowed at most was the goal: there is nothing to go on to.
        var goal = Math.Max(first, second);
        _isWaiting = goOn && goal < MaxBitsPerSecond;
        _furtherAbove = (long)(ReachedShare * goal);
        return true;
    }

    private void Add(long goal)
    {
        goal = Math.Min(goal, MaxBitsPerSecond);
        _lastId = _lastId == int.MaxValue ? 1 : _lastId + 1;
        _pending[_pendingCount++] = new ProbeCluster(_lastId, goal, MinPackets, (int)(goal / 8 * Duration.TotalSeconds), Duration);
    }
}
