using Broadcast.Rtc;

namespace Broadcast.Client.Connections;

/// <summary>The longest time in which nothing came. Owned by one viewer.</summary>
internal sealed class PauseWatch
{
    private MonotonicTime _last;
    private TimeSpan _longest;

    /// <summary>Packets noted.</summary>
    public long Packets { get; private set; }

    /// <summary>A packet came.</summary>
    public void Note(MonotonicTime arrival)
    {
        Packets++;
        if (_last != MonotonicTime.Zero && arrival - _last > _longest) _longest = arrival - _last;
        _last = MonotonicTime.Max(_last, arrival);
    }

    /// <summary>The longest pause since <see cref="Restart"/>, one that still lasts included.</summary>
    public TimeSpan Longest(MonotonicTime now) => _last != MonotonicTime.Zero && now - _last > _longest ? now - _last : _longest;

    /// <summary>Forgets the pauses so far.</summary>
    public void Restart() => _longest = TimeSpan.Zero;
}
