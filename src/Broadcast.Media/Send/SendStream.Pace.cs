using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>What waits for the pace, and what a probe is filled with.</summary>
public sealed partial class SendStream
{
    /// <summary>
    /// How long a packet may wait for the pace. What is older would be shown late, and delay all that comes after it: it is dropped up to
    /// a keyframe. Long enough for a keyframe to leave at a low pace, and for the switch to a lower encoding that ends most queues.
    /// </summary>
    public static readonly TimeSpan MaxQueueTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Of how many of the newest packets a probe repeats one after the other.</summary>
    private const int Repeated = 32;

    /// <summary>Shorter ones are not worth their headers.</summary>
    private const int MinRepeatedLength = 200;

    private int _repeatedBack;

    /// <summary>True while something waits for the pace.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>Packets that were not sent because the pace had let them grow old.</summary>
    public long DroppedByPace { get; private set; }

    /// <summary>Sends something that the viewer can do without: a packet of late once more, where there is none padding (RFC 4588, RFC 3550 §5.1).</summary>
    /// <returns>False when there is no repair source to send it from.</returns>
    public bool SendPadding(PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        if (!_builder.HasRtx) return false;
        var length = RepeatRecent(channel, transport, now, output);
        if (length == 0) length = _builder.BuildPadding(_lastTimestamp, ref transport.SequenceNumber, now, channel.Srtp!, output);
        Commit(length, channel, transport, now, output);
        return true;
    }

    private int RepeatRecent(PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        for (var attempts = 0; attempts < Repeated; attempts++)
        {
            var sent = _numbers.HighestSent - (_repeatedBack++ & (Repeated - 1));
            if (!_numbers.TryFind(sent, out var mapping, out var source, out var placement) || mapping.IsLeadIn(sent)) continue;
            if (!mapping.Track.Log.TryFind(source, out var position, out var packet)) continue;
            packet = AsPlaced(mapping, placement, packet);
            if (packet.PayloadLength < MinRepeatedLength) continue;
            return _builder.Build(mapping, placement, position, packet, 0, repair: true, ref transport.SequenceNumber, now, channel.Srtp!, output);
        }

        return 0;
    }

    /// <summary>The pace is used up: the rest of the log waits, unless it has waited too long.</summary>
    private void HoldBack(SourceTrack track, in LoggedPacket packet, long head, MonotonicTime now)
    {
        // Whole pictures are dropped, and never the one with which a stretch begins: the next of that kind would be as large.
        var isBegun = _flowing && !_lastWasMarker && packet.Timestamp == _lastSourceTimestamp;
        if (now - packet.ReceivedAt <= MaxQueueTime || isBegun || packet.Timestamp == _numbers.Current.LeadInTimestamp)
        {
            IsBehind = true;
            return;
        }

        var keyframe = track.KeyframePosition;
        IsBehind = keyframe > _cursor && keyframe < head;
        var next = IsBehind ? keyframe : head;
        DroppedByPace += next - _cursor;
        (_cursor, _passOverUntil, _sentAhead, _flowing) = (next, 0, -1, false);
    }
}
