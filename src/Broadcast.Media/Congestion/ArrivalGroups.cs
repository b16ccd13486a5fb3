using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>How two neighbouring groups of packets differ: what the network did to the distance between them.</summary>
/// <param name="SendMilliseconds">From the last packet of the one to the last of the other, when they were sent.</param>
/// <param name="ArrivalMilliseconds">The same when they arrived.</param>
/// <param name="Bytes">Of the later group.</param>
public readonly record struct GroupDeltas(double SendMilliseconds, double ArrivalMilliseconds, int Bytes);

/// <summary>Gathers packets that were sent within 5 ms, or arrived in one burst, so that pacing and batching do not look like
/// queueing (draft-ietf-rmcat-gcc-02 §5.2; libwebrtc <c>inter_arrival_delta.cc</c>).</summary>
/// <remarks>Owned by one <see cref="DelayBasedControl"/>.</remarks>
public sealed class ArrivalGroups
{
    private static readonly TimeSpan GroupLength = TimeSpan.FromMilliseconds(5);

    /// <summary>Arrivals that close together after a jam are one burst …</summary>
    private static readonly TimeSpan BurstGap = TimeSpan.FromMilliseconds(5);

    /// <summary>… which lasts no longer than this.</summary>
    private static readonly TimeSpan MaxBurst = TimeSpan.FromMilliseconds(100);

    /// <summary>The receiver's clock jumped if it went that much more than this node's.</summary>
    private static readonly TimeSpan ClockJump = TimeSpan.FromSeconds(3);

    private const int ReorderedUntilReset = 3;

    private Group _current;
    private Group _previous;
    private int _reordered;

    /// <summary>Adds a received packet, in order of sending.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="now">When the feedback arrived.</param>
    /// <param name="deltas">Between the two groups before the one that this packet begins.</param>
    /// <returns>True when it begins another group and there are two complete ones before it.</returns>
    public bool TryAdd(in PacketResult packet, MonotonicTime now, out GroupDeltas deltas)
    {
        deltas = default;
        if (!_current.Exists)
        {
            _current = new Group(packet, now);
            return false;
        }

        if (packet.SentAt < _current.FirstSent) return false;
        if (packet.SentAt - _current.FirstSent <= GroupLength || IsSameBurst(packet))
        {
            _current.Add(packet, now);
            return false;
        }

        var isComplete = _previous.Exists && TryCompare(out deltas);
        if (!_current.Exists) return false;
        _previous = _current;
        _current = new Group(packet, now);
        return isComplete;
    }

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        _current = _previous = default;
        _reordered = 0;
    }

    private bool TryCompare(out GroupDeltas deltas)
    {
        var arrival = _current.LastArrival - _previous.LastArrival;
        deltas = new GroupDeltas((_current.LastSent - _previous.LastSent).TotalMilliseconds, arrival.TotalMilliseconds, _current.Bytes);
        if (arrival - (_current.ReportedAt - _previous.ReportedAt) >= ClockJump)
        {
            Reset();
            return false;
        }

        if (arrival < TimeSpan.Zero)
        {
            if (++_reordered >= ReorderedUntilReset) Reset();
            return false;
        }

        _reordered = 0;
        return true;
    }

    /// <summary>It caught up with the packets before it, so something held all of them back.</summary>
    private bool IsSameBurst(in PacketResult packet)
    {
        var arrival = packet.ReceivedAt - _current.LastArrival;
        var sent = packet.SentAt - _current.LastSent;
        if (sent == TimeSpan.Zero) return true;
        return arrival < sent && arrival <= BurstGap && packet.ReceivedAt - _current.FirstArrival < MaxBurst;
    }

    private struct Group(in PacketResult packet, MonotonicTime now)
    {
        public readonly bool Exists = true;
        public readonly MonotonicTime FirstSent = packet.SentAt;
        public readonly MonotonicTime FirstArrival = packet.ReceivedAt;
        public MonotonicTime LastSent = packet.SentAt;
        public MonotonicTime LastArrival = packet.ReceivedAt;
        public MonotonicTime ReportedAt = now;
        public int Bytes = packet.Bytes;

        public void Add(in PacketResult packet, MonotonicTime now)
        {
            LastSent = MonotonicTime.Max(LastSent, packet.SentAt);
            LastArrival = packet.ReceivedAt;
            ReportedAt = now;
            Bytes += packet.Bytes;
        }
    }
}
