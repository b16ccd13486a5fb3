namespace Broadcast.EndToEnd.Tests.Network;

/// <summary>A line of limited capacity, with a queue before it that lets nobody in when it is full (drop-tail).</summary>
/// <remarks>
/// It has no clock: it is told when a datagram comes, and says when its last bit has gone. The capacity may be set from any thread at
/// any time; what is queued then goes as it would have. Everything else is one thread's.
/// </remarks>
/// <param name="longestQueue">How long a datagram may wait for its turn, at most.</param>
public sealed class Bottleneck(TimeSpan longestQueue)
{
    private static readonly TimeSpan UsualQueue = TimeSpan.FromMilliseconds(300);

    /// <summary>IPv4 and UDP.</summary>
    private const int HeaderBytes = 28;

    private long _bitsPerSecond;
    private TimeSpan _freeAt;

    /// <summary>A queue of 300 ms, at whatever capacity there is.</summary>
    public Bottleneck()
        : this(UsualQueue)
    {
    }

    /// <summary>Headers of IP and UDP included; 0 for no limit, which is what it begins with.</summary>
    public long BitsPerSecond
    {
        get => Volatile.Read(ref _bitsPerSecond);
        set => Volatile.Write(ref _bitsPerSecond, value);
    }

    /// <summary>Takes a datagram.</summary>
    /// <param name="now">Not before the one before it.</param>
    /// <param name="length">Of its payload, in bytes.</param>
    /// <returns>When it has passed; null when the queue was full.</returns>
    public TimeSpan? Pass(TimeSpan now, int length)
    {
        var begin = _freeAt > now ? _freeAt : now;
        if (BitsPerSecond is not (> 0 and var capacity)) return begin; // behind those before it, as the order stays
        if (begin - now > longestQueue) return null;
        return _freeAt = begin + TimeSpan.FromTicks((length + HeaderBytes) * 8 * TimeSpan.TicksPerSecond / capacity);
    }
}
