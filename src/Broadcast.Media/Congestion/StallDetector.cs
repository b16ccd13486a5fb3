using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>Finds moments at which somebody on the way stood still and then let everything go at once: a busy machine, a radio. What such a
/// moment does to the delay looks like a queue, but no full link lets packets through faster than they were sent.</summary>
/// <remarks>Owned by one <see cref="DelayBasedControl"/>.</remarks>
internal struct StallDetector
{
    /// <summary>So many packets …</summary>
    private const int MinPackets = 4;

    /// <summary>… that were sent over at least this time …</summary>
    private static readonly TimeSpan MinSent = TimeSpan.FromMilliseconds(50);

    /// <summary>… and have arrived within this.</summary>
    private static readonly TimeSpan MaxArrival = TimeSpan.FromMilliseconds(10);

    private MonotonicTime _firstSent;
    private MonotonicTime _firstArrival;
    private int _packets;

    /// <summary>Takes a received packet, in order of sending.</summary>
    /// <returns>True when a stall ends with it.</returns>
    public bool EndsWith(in PacketResult packet)
    {
        var arrival = packet.ReceivedAt - _firstArrival;
        if (_packets == 0 || arrival < TimeSpan.Zero || arrival > MaxArrival)
        {
            (_firstSent, _firstArrival, _packets) = (packet.SentAt, packet.ReceivedAt, 1);
            return false;
        }

        _packets++;
        return _packets >= MinPackets && packet.SentAt - _firstSent >= MinSent;
    }
}
