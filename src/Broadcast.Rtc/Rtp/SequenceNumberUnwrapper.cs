namespace Broadcast.Rtc.Rtp;

/// <summary>Extends 16-bit sequence numbers to 64 bits by taking the value nearest to the highest one seen.</summary>
/// <remarks>
/// The first number is returned as it is, so its low 16 bits always equal the wire's; packets from before the first one
/// may come out negative. A number exactly 2^15 away counts as older. Owned by one stream; not thread-safe.
/// </remarks>
public struct SequenceNumberUnwrapper
{
    private long _highest;
    private bool _hasValue;

    /// <summary>True once a number was committed.</summary>
    public readonly bool HasValue => _hasValue;

    /// <summary>The newest extended number; meaningful only when <see cref="HasValue"/>.</summary>
    public readonly long Highest => _highest;

    /// <summary>Extends a number and remembers it when it is the newest.</summary>
    public long Unwrap(ushort sequenceNumber)
    {
        var extended = Peek(sequenceNumber);
        if (!_hasValue || extended > _highest)
        {
            _highest = extended;
            _hasValue = true;
        }

        return extended;
    }

    /// <summary>Extends a number without remembering it (for packets that are not authenticated or only asked about).</summary>
    public readonly long Peek(ushort sequenceNumber) =>
        _hasValue ? _highest + (short)(sequenceNumber - (ushort)_highest) : sequenceNumber;
}
