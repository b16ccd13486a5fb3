using Broadcast.Rtc;

namespace Broadcast.Media.Layers;

/// <summary>The one budget of keyframe requests of a source layer.</summary>
/// <remarks>
/// The leading edge goes out at once; while nobody answers the interval doubles from 1 s to 4 s; everything pending is
/// satisfied by the next keyframe. After three unanswered requests the source is taken as one that ignores PLI
/// (OBS does) and is no longer asked: only tried once after <see cref="IgnoredInterval"/>, then after twice as long each time
/// up to <see cref="MaxIgnoredInterval"/>, in case it was the network that lost the requests, until a keyframe follows within a second.
/// Owned by the publisher's worker; only <see cref="Want"/> may be called from other threads.
/// </remarks>
public sealed class KeyframeBudget
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(4);

    /// <summary>When a source that ignores requests is tried again for the first time.</summary>
    public static readonly TimeSpan IgnoredInterval = TimeSpan.FromSeconds(30);

    /// <summary>The longest time between two such trials.</summary>
    public static readonly TimeSpan MaxIgnoredInterval = TimeSpan.FromMinutes(8);

    private int _wanted;
    private bool _everSent;
    private bool _awaiting;
    private MonotonicTime _lastSent;
    private MonotonicTime _lastKeyframe;
    private TimeSpan _interval = MinInterval;
    private TimeSpan _ignoredInterval = IgnoredInterval;

    /// <summary>Requests sent to the source.</summary>
    public long Asked { get; private set; }

    /// <summary>Keyframes that came while a request was pending.</summary>
    public long Answered { get; private set; }

    /// <summary>Wishes that were satisfied by a request already on its way.</summary>
    public long Coalesced => Interlocked.Read(ref _coalesced);

    /// <summary>Wishes not asked because the source does not honour requests.</summary>
    public long Refused { get; private set; }

    /// <summary>Viewers who began with a cached keyframe instead of asking for one.</summary>
    public long ServedFromCache => Interlocked.Read(ref _servedFromCache);

    /// <summary>Requests in a row without a keyframe.</summary>
    public int Unanswered { get; private set; }

    /// <summary>True when the source does not honour PLI and FIR.</summary>
    public bool SourceIgnoresRequests => Unanswered >= 3;

    private long _coalesced;
    private long _servedFromCache;

    /// <summary>A receiver needs a keyframe. Any thread.</summary>
    /// <returns>True when this is the first wish since the last request, so that the owner should be woken.</returns>
    public bool Want()
    {
        if (Interlocked.Exchange(ref _wanted, 1) == 0) return true;
        Interlocked.Increment(ref _coalesced);
        return false;
    }

    /// <summary>A viewer begins with a cached keyframe. Any thread.</summary>
    public void OnServedFromCache() => Interlocked.Increment(ref _servedFromCache);

    /// <summary>Decides whether to send a PLI now.</summary>
    public bool ShouldSend(MonotonicTime now)
    {
        if (Volatile.Read(ref _wanted) == 0) return false;
        if (_everSent && now - _lastSent < _interval) return false;

        if (SourceIgnoresRequests && now - _lastSent < _ignoredInterval)
        {
            Volatile.Write(ref _wanted, 0);
            Refused++;
            return false;
        }

        if (_awaiting)
        {
            Unanswered++;
            _interval = _interval * 2 > MaxInterval ? MaxInterval : _interval * 2;
            if (Unanswered == 3) return false;
        }

        if (SourceIgnoresRequests) _ignoredInterval = _ignoredInterval * 2 > MaxIgnoredInterval ? MaxIgnoredInterval : _ignoredInterval * 2;
        _everSent = true;
        _awaiting = true;
        _lastSent = now;
        Asked++;
        return true;
    }

    /// <summary>When <see cref="ShouldSend"/> may next return true.</summary>
    public MonotonicTime NextDeadline(MonotonicTime now) =>
        Volatile.Read(ref _wanted) == 0 ? MonotonicTime.Never
        : _everSent ? MonotonicTime.Max(now, _lastSent + _interval)
        : now;

    /// <summary>A keyframe began to arrive.</summary>
    public void OnKeyframe(MonotonicTime now)
    {
        if (_awaiting)
        {
            Answered++;
            _awaiting = false;

            // A source with its own keyframe interval also "answers" sooner or later; only a prompt one proves that it listens.
            if (now - _lastSent < MinInterval) (Unanswered, _ignoredInterval) = (0, IgnoredInterval);
            _interval = MinInterval;
        }

        _lastKeyframe = now;
        Volatile.Write(ref _wanted, 0);
    }

    /// <summary>When the last keyframe began; zero before the first.</summary>
    public MonotonicTime LastKeyframe => _lastKeyframe;
}
