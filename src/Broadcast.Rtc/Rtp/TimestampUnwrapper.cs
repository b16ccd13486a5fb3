namespace Broadcast.Rtc.Rtp;

/// <summary>Extends 32-bit RTP timestamps to 64 bits by taking the value nearest to the highest one seen.</summary>
/// <remarks>The first timestamp is returned as it is; earlier ones may come out negative. Owned by one stream; not thread-safe.</remarks>
public struct TimestampUnwrapper
{
    private long _highest;
    private bool _hasValue;

    /// <summary>True once a timestamp was committed.</summary>
    public readonly bool HasValue => _hasValue;

    /// <summary>The latest extended timestamp; meaningful only when <see cref="HasValue"/>.</summary>
    public readonly long Highest => _highest;

    /// <summary>Extends a timestamp and remembers it when it is the latest.</summary>
    public long Unwrap(uint timestamp)
    {
        var extended = Peek(timestamp);
        if (!_hasValue || extended > _highest)
        {
            _highest = extended;
            _hasValue = true;
        }

        return extended;
    }

    /// <summary>Extends a timestamp without remembering it.</summary>
    public readonly long Peek(uint timestamp) =>
        _hasValue ? _highest + (int)(timestamp - (uint)_highest) : timestamp;
}
