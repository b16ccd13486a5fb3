using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>Replaying from the cache until the live edge is reached.</summary>
public sealed partial class SendStream
{
    /// <summary>How far before its place in order of arrival a packet may lie in the log.</summary>
    private const int MaxReordering = 512;

    private long _passOverBelow;
    private long _passOverUntil;

    /// <summary>Sends what the pace allows of the packets since the keyframe, in their order, each picture with the time of the newest that has come.</summary>
    private void ForwardFromCache(SourceTrack track, long head, PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        var catchUp = _catchUp!;
        var log = track.Log;
        catchUp.Earn(now, transport.CatchUpBytesPerSecond);
        var newest = CatchUp.Newest(log, head, out var edge);
        var present = edge.Timestamp;
        while (catchUp.HasBudget && transport.HasBudget)
        {
            if (catchUp.Next > newest)
            {
                catchUp.HasReachedEdge = true;
                if (_flowing && _lastWasMarker) EndCatchUp(head, now);
                return;
            }

            if (!log.TryFind(catchUp.Next, out var position, out var packet) || position >= head)
            {
                if (_flowing && catchUp.TryPassOver()) continue;
                GiveUpCatchUp(head);
                return;
            }

            var starts = !_flowing;
            var begins = starts || packet.Timestamp != _lastSourceTimestamp;
            if (begins && catchUp.HasReachedEdge)
            {
                // In order of arrival now; what was sent in order of numbers is passed over.
                EndCatchUp(Math.Max(log.Floor, position - MaxReordering), now);
                (_passOverBelow, _passOverUntil) = (catchUp.Next, head);
                return;
            }

            _cursor = position;
            if (starts && !TryStartFromCache(track, packet, present, now))
            {
                GiveUpCatchUp(head);
                return;
            }

            if (begins && !starts) Restamp(packet, present);
            if (TryPlace(track, packet, out var placement))
            {
                if (catchUp.IsAtStart && !_numbers.Current.LeadIn.IsEmpty) SendLeadIn(channel, transport, now, output);
                Send(placement, position, packet, 0, channel, transport, now, output);
            }

            catchUp.Advance(packet.PayloadLength);
        }
    }

    private bool TryStartFromCache(SourceTrack track, in LoggedPacket packet, uint present, MonotonicTime now)
    {
        // The stretch is anchored at the live edge: the first picture goes out as if it had been taken now.
        if (!TryStart(track, packet, packet with { Timestamp = present, ReceivedAt = now })) return false;
        _rejoins = false;
        _builder.PlayoutDelay = PlayoutLimits.AtOnce;
        return true;
    }

    /// <summary>Gives a picture the time of the newest. What is missing before a packet may be part of the same picture, which then keeps its time.</summary>
    private void Restamp(in LoggedPacket packet, uint present)
    {
        if (packet.ExtendedSequenceNumber != _numbers.HighestSource + 1 || _leftOutAfterHole) return;
        var timestamp = present + _timestampOffset;
        if (_sentAny && (int)(timestamp - _lastTimestamp) <= 0) timestamp = _lastTimestamp + 1;
        _numbers.Change(packet.ExtendedSequenceNumber, timestamp - packet.Timestamp, _layers.Current);
    }

    private void EndCatchUp(long cursor, MonotonicTime now)
    {
        _catchUp = null;
        _cursor = cursor;
        _rejoins = true;
        _rejoining = _lastSourceTimestamp;
        _caughtUpAt = now;
        _builder.PlayoutDelay = PlayoutLimits.AsUsual;
    }

    private void GiveUpCatchUp(long head)
    {
        _catchUp = null;
        _flowing = false;
        _cursor = head;
        _builder.PlayoutDelay = null;
    }

    /// <summary>
    /// After catching up, or a switch to pictures older than what was sent: each picture a tick after the last, until the
    /// source's own time leads no longer back; from there on it holds. What is missing before a packet keeps the time of what
    /// was sent, and may be part of the same picture: then nothing changes yet.
    /// </summary>
    private void Rejoin(in LoggedPacket packet, bool isAfterHole)
    {
        var offset = _numbers.TimestampOffset;
        var begins = packet.Timestamp != _rejoining;
        _rejoining = packet.Timestamp;
        if (begins && !isAfterHole)
        {
            _rejoins = (int)(packet.Timestamp + _timestampOffset - _lastTimestamp) <= 0;
            offset = _rejoins ? _lastTimestamp + 1 - packet.Timestamp : _timestampOffset;
        }

        _numbers.Change(packet.ExtendedSequenceNumber, offset, _layers.Current);
    }

    private void EndNotice()
    {
        _caughtUpAt = MonotonicTime.Zero;
        _builder.PlayoutDelay = null;
    }
}
