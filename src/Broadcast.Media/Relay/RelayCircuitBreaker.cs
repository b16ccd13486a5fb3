using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Relay;

/// <summary>Leaves the upper encodings out while a link loses too much (RFC 8083): links have no congestion control of their own.</summary>
internal struct RelayCircuitBreaker
{
    /// <summary>A tenth, in 1/256.</summary>
    private const byte TooMuch = 26;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    private bool _losing;
    private bool _open;
    private MonotonicTime _losingSince;
    private MonotonicTime _closesAt;
    private MonotonicTime _closedAt;
    private TimeSpan _pause;

    /// <summary>Times it has opened.</summary>
    public int Trips { get; private set; }

    /// <summary>Takes the loss as last reported.</summary>
    /// <param name="fractionLost">0 to 255.</param>
    /// <param name="now">Present time.</param>
    /// <returns>True when it opened or closed.</returns>
    public bool Update(byte fractionLost, MonotonicTime now)
    {
        if (_open)
        {
            if (now < _closesAt) return false;
            (_open, _losing, _closedAt) = (false, false, now);
            return true;
        }

        if (fractionLost <= TooMuch)
        {
            _losing = false;
            return false;
        }

        if (!_losing) (_losing, _losingSince) = (true, now);
        if (now - _losingSince < Patience) return false;

        // A link that held for as long as it was relieved before has earned a short pause again.
        _pause = Trips == 0 || now - _closedAt > _pause ? FirstPause : _pause * 2 > LongestPause ? LongestPause : _pause * 2;
        (_open, _closesAt) = (true, now + _pause);
        Trips++;
        return true;
    }

    /// <summary>Whether a track may be sent: sound always, and of the picture the lowest quality.</summary>
    public readonly bool Allows(Publication publication, SourceTrack track)
    {
        if (!_open || track.Kind == MediaKind.Audio) return true;
        var qualities = publication.Qualities;
        return qualities.Rungs.Length == 0 || ReferenceEquals(qualities.Rungs[qualities.LowestActive].Track, track);
    }
}
