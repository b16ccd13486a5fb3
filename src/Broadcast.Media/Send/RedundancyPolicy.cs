using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>Whether a viewer's sound goes out with copies: while it loses some, and for a while after, so that it does not go to and fro.</summary>
internal struct RedundancyPolicy
{
    /// <summary>2 %, in 1/256: Opus hides what is below by itself.</summary>
    private const byte Worthwhile = 5;

    private static readonly TimeSpan Remains = TimeSpan.FromSeconds(30);

    private bool _isOn;
    private MonotonicTime _lostAt;

    /// <summary>Takes the loss of one report, in 1/256.</summary>
    public bool Decide(byte fractionLost, MonotonicTime now)
    {
        if (fractionLost >= Worthwhile) (_isOn, _lostAt) = (true, now);
        else if (now - _lostAt > Remains) _isOn = false;
        return _isOn;
    }
}
