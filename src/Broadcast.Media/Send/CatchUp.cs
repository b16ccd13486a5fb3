using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>The pace at which a newcomer gets what was sent since the last keyframe, until it is at the live edge.</summary>
/// <remarks>
/// Faster than the media, so that the backlog melts, but not as one burst: the first picture at once, the rest at up to
/// <see cref="MaxSpeed"/> times the media's own rate. Owned by one MediaWorker.
/// </remarks>
internal sealed class CatchUp
{
    /// <summary>The oldest keyframe from which a newcomer starts: what takes longer to make good is better asked for anew.</summary>
    public static readonly TimeSpan MaxAge = PacketLog.JoinWindow;

    /// <summary>Most packets replayed.</summary>
    public const int MaxPackets = 4000;

    /// <summary>Most payload bytes replayed.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>A hole older than this will not be filled any more; with one the cache is of no use.</summary>
    public static readonly TimeSpan RepairTime = TimeSpan.FromSeconds(1);

    /// <summary>So many packets missing in a row have not been lost: the log has overwritten them.</summary>
    private const int MaxMissingInARow = 200;

    private const double MinSpeed = 2.5;
    private const double MaxSpeed = 5;
    private const double MinBytesPerSecond = 125_000;

    /// <summary>So much may leave at once besides the first picture: little enough for the queue of a slow line.</summary>
    private const double SmallBurst = 16 * 1024;

    /// <summary>No more than this leaves at once, whatever the size of the first picture.</summary>
    private const double MaxBurst = 96 * 1024;

    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(1);

    private readonly double _bytesPerSecond;
    private readonly MonotonicTime _begun;
    private double _budget;
    private MonotonicTime _last;
    private int _missingInARow;

    private CatchUp(long next, long pictureBytes, long bytes, TimeSpan age, MonotonicTime now)
    {
        Next = next;
        _begun = _last = now;
        _budget = Math.Min(pictureBytes + SmallBurst, MaxBurst);
        var media = bytes / Math.Max(age.TotalSeconds, 0.1);
        _bytesPerSecond = Math.Max(MinBytesPerSecond, Math.Clamp(bytes / Goal.TotalSeconds, media * MinSpeed, media * MaxSpeed));
    }

    /// <summary>Extended source sequence number that is to be sent next.</summary>
    public long Next { get; private set; }

    /// <summary>True until the first packet has been sent.</summary>
    public bool IsAtStart { get; private set; } = true;

    /// <summary>True once everything had been sent that had come: with the next picture live sending begins.</summary>
    public bool HasReachedEdge { get; set; }

    /// <summary>Prepares to replay from a keyframe, if everything since then is there.</summary>
    /// <param name="log">The source's packets.</param>
    /// <param name="keyframe">Position of the packet to begin with.</param>
    /// <param name="head">One past the newest packet.</param>
    /// <param name="now">Present time.</param>
    /// <returns>Null when the keyframe is too old, or packets are missing for good or too many.</returns>
    public static CatchUp? TryBegin(PacketLog log, long keyframe, long head, MonotonicTime now)
    {
        if (keyframe < 0 || keyframe >= head || !log.TryGet(keyframe, out var first) || now - first.ReceivedAt > MaxAge) return null;
        var (bytes, pictureBytes) = (0L, 0L);
        var newest = Newest(log, head, out _);
        if (newest - first.ExtendedSequenceNumber >= MaxPackets) return null;
        var lastWasThere = true;
        for (var sequence = first.ExtendedSequenceNumber; sequence <= newest; sequence++)
        {
            var isThere = log.TryFind(sequence, out _, out var packet);
            if (isThere && !lastWasThere && now - packet.ReceivedAt > RepairTime) return null;
            if (isThere) bytes += packet.PayloadLength;
            if (isThere && packet.Timestamp == first.Timestamp) pictureBytes += packet.PayloadLength;
            lastWasThere = isThere;
        }

        return bytes > MaxBytes ? null : new CatchUp(first.ExtendedSequenceNumber, pictureBytes, bytes, now - first.ReceivedAt, now);
    }

    /// <summary>The newest packet that came in order before a position; its sequence number, −1 without one.</summary>
    public static long Newest(PacketLog log, long head, out LoggedPacket packet)
    {
        for (var position = head - 1; log.TryGet(position, out packet); position--)
        {
            if (!packet.IsLate) return packet.ExtendedSequenceNumber;
        }

        return -1;
    }

    /// <summary>True when the network is too slow for it: a change to another encoding need not wait for its end.</summary>
    public bool LastsLong(MonotonicTime now) => now - _begun > Goal;

    /// <summary>Adds what time has earned.</summary>
    /// <param name="now">Present time.</param>
    /// <param name="maxBytesPerSecond">What the viewer's network allows.</param>
    public void Earn(MonotonicTime now, double maxBytesPerSecond)
    {
        _budget = Math.Min(MaxBurst, _budget + ((now - _last).TotalSeconds * Math.Min(_bytesPerSecond, maxBytesPerSecond)));
        _last = now;
    }

    /// <summary>True while another packet may be sent.</summary>
    public bool HasBudget => _budget > 0;

    /// <summary>Notes a packet as sent, or as left out.</summary>
    public void Advance(int bytes)
    {
        _budget -= bytes;
        Next++;
        IsAtStart = false;
        _missingInARow = 0;
    }

    /// <summary>Passes over a packet that is missing: it keeps its number, and the viewer asks for it.</summary>
    /// <returns>False when it is gone and not lost.</returns>
    public bool TryPassOver()
    {
        Next++;
        return ++_missingInARow <= MaxMissingInARow;
    }
}
