using Broadcast.Rtc.Rtp;

namespace Broadcast.Rtc.Rtcp;

/// <summary>First arrival times of the newest transport sequence numbers, in a ring of fixed size.</summary>
/// <remarks>A gap costs one clearing of the skipped slots, at most the ring once. Owned by one transport; not thread-safe.</remarks>
internal sealed class ArrivalHistory
{
    /// <summary>Earlier than any arrival: the slot's packet has not arrived.</summary>
    private const long Missing = long.MinValue;

    private readonly long[] _ticks;
    private readonly int _mask;
    private SequenceNumberUnwrapper _unwrapper;

    /// <param name="capacity">A power of two.</param>
    public ArrivalHistory(int capacity)
    {
        _ticks = new long[capacity];
        _mask = capacity - 1;
    }

    /// <summary>One past the newest extended sequence number; the ring reaches back by its capacity, but not before <see cref="First"/>.</summary>
    public long End { get; private set; }

    /// <summary>The oldest extended sequence number whose slot is valid.</summary>
    public long First { get; private set; }

    /// <summary>Stores a first arrival.</summary>
    /// <returns>False for a repetition or a packet older than the ring.</returns>
    public bool TryAdd(ushort sequenceNumber, long ticks, out long extended)
    {
        var isFirst = !_unwrapper.HasValue;
        extended = _unwrapper.Unwrap(sequenceNumber);
        if (isFirst)
        {
            // Everything before the first packet is unknown rather than lost, but may still arrive late.
            Array.Fill(_ticks, Missing);
            End = extended + 1;
            First = End - _ticks.Length;
        }
        else if (extended >= End)
        {
            Clear(End, extended - End);
            End = extended + 1;
            First = End - _ticks.Length;
        }
        else if (extended < First || _ticks[extended & _mask] != Missing)
        {
            return false;
        }

        _ticks[extended & _mask] = ticks;
        return true;
    }

    /// <summary>When a packet arrived, in ticks of 250 µs.</summary>
    /// <param name="extended">From <see cref="First"/> to <see cref="End"/> − 1.</param>
    /// <param name="ticks">Its arrival.</param>
    /// <returns>False when it has not arrived.</returns>
    public bool TryGet(long extended, out long ticks)
    {
        ticks = _ticks[extended & _mask];
        return ticks != Missing;
    }

    private void Clear(long from, long count)
    {
        if (count >= _ticks.Length)
        {
            Array.Fill(_ticks, Missing);
            return;
        }

        var start = (int)(from & _mask);
        var untilWrap = Math.Min((int)count, _ticks.Length - start);
        _ticks.AsSpan(start, untilWrap).Fill(Missing);
        _ticks.AsSpan(0, (int)count - untilWrap).Fill(Missing);
    }
}
