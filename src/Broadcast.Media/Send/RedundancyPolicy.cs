using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>Whether a viewer's sound goes out with copies: while it loses some, and for a while after, so that it does not go to and fro.</summary>
/// <remarks>Copies make three of one. Where sound is lost because the line is full, they would fill it further, and drive out the picture.</remarks>
internal struct RedundancyPolicy
{
    /// <summary>2 %, in 1/256: Opus hides what is below by itself.</summary>
    private const byte Worthwhile = 5;

    /// <summary>Of each packet.</summary>
    private const int Copies = 2;

    private static readonly TimeSpan Remains = TimeSpan.FromSeconds(30);

    /// <summary>Reports that follow each other closer do not tell a rate.</summary>
    private static readonly TimeSpan ShortestSpan = TimeSpan.FromMilliseconds(200);

    private bool _isWorthwhile;
    private MonotonicTime _lostAt;
    private MonotonicTime _countedAt;
    private long _octets;
    private double _bitsPerSecond;

    /// <summary>Takes one report.</summary>
    /// <param name="fractionLost">In 1/256.</param>
    /// <param name="octets">Of sound sent so far, without copies.</param>
    /// <param name="now">Present time.</param>
    public void OnReport(byte fractionLost, long octets, MonotonicTime now)
    {
        if (fractionLost >= Worthwhile) (_isWorthwhile, _lostAt) = (true, now);
        else if (now - _lostAt > Remains) _isWorthwhile = false;

        var elapsed = now - _countedAt;
        if (elapsed < ShortestSpan) return;
        _bitsPerSecond = (octets - _octets) * 8 / elapsed.TotalSeconds;
        (_octets, _countedAt) = (octets, now);
    }

    /// <summary>True when copies shall be sent.</summary>
    /// <param name="spareBitsPerSecond">What the viewer's network carries besides all that is sent anyway.</param>
    public readonly bool Decide(long spareBitsPerSecond) => _isWorthwhile && spareBitsPerSecond >= _bitsPerSecond * Copies;
}
