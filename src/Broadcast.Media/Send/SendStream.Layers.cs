using Broadcast.Media.Layers;
using Broadcast.Media.Peers;
using Broadcast.Media.Rewrite;
using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>Which packets of which encoding are sent, and under which numbers.</summary>
public sealed partial class SendStream
{
    /// <summary>Before what was left out since the last packet that was sent, something is missing that may be sent later.</summary>
    private bool _leftOutAfterHole;

    /// <summary>Gives a packet its number, or leaves it out.</summary>
    private bool TryPlace(SourceTrack track, in LoggedPacket packet, out Placement placement)
    {
        var source = packet.ExtendedSequenceNumber;
        if (!_numbers.IsNew(source))
        {
            if (!_numbers.TryPlaceLate(source, out placement)) return false;
            if (!placement.Selection.Wants(packet.Layers)) _layers.Miss(packet.Layers);
            return true;
        }

        var isAfterHole = source != _numbers.HighestSource + 1;
        if (!_layers.Next(packet, isAfterHole))
        {
            _numbers.LeaveOut(source, ((ulong)packet.Timestamp << 2) | packet.Layers.SpatialId, closesPictureIds: track.Codec == CodecKind.Vp8, _layers.Current);
            _leftOutAfterHole |= isAfterHole;
            placement = default;
            return false;
        }

        if (_rejoins) Rejoin(packet, isAfterHole || _leftOutAfterHole);
        else if (_layers.Current != _numbers.Selection) _numbers.Change(source, _numbers.TimestampOffset, _layers.Current);
        _leftOutAfterHole = false;
        placement = _numbers.Next(source);
        return true;
    }

    /// <summary>
    /// What is sent in a place that was kept for it. A number kept for a lost packet that turns out to belong to what is left
    /// out is filled with padding, so that nobody waits for it. A VP8 picture that was lost whole goes out after all: its
    /// picture id was kept too, and libwebrtc waits for that.
    /// </summary>
    private LoggedPacket AsPlaced(in SourceMapping mapping, in Placement placement, in LoggedPacket packet)
    {
        if (placement.Selection.Wants(packet.Layers)) return packet;
        if (mapping.Track.Codec == CodecKind.Vp8 && !HasLeftOutSibling(mapping, placement.Sent, packet)) return packet;
        return packet with { ExtensionLength = 0, PayloadLength = 0, Flags = PacketFlags.PaddingOnly };
    }

    /// <summary>True when some packet of the same picture got no number; those that are missing too may lie in between.</summary>
    private bool HasLeftOutSibling(in SourceMapping mapping, long sent, in LoggedPacket packet)
    {
        foreach (var step in (ReadOnlySpan<int>)[-1, 1])
        {
            for (var distance = step; Math.Abs(distance) <= MaxSiblings; distance += step)
            {
                if (!mapping.Track.Log.TryFind(packet.ExtendedSequenceNumber + distance, out _, out var sibling)) continue;
                if (sibling.Timestamp != packet.Timestamp) break;
                if (_numbers.IsLeftOut(mapping, sibling.ExtendedSequenceNumber, sent + distance)) return true;
            }
        }

        return false;
    }

    /// <summary>Goes over to the other encoding when its keyframe has come and all pictures before that have been sent.</summary>
    private void GoOver(ReadOnlySpan<long> heads, BurstPlan[] plans, PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        var (track, next) = (_track!, _next!);
        if (!_flowing)
        {
            (_track, _next, _layers.Target) = (next, null, _nextLayers);
            FindStart(heads[next.Index], now);
            return;
        }

        var position = next.KeyframePosition;
        if (position < 0 || position >= heads[next.Index] || !next.Log.TryGet(position, out var keyframe) || !CanSwitchTo(track, next, keyframe))
        {
            if (now >= _nextWish) AskForKeyframe(next, now);
            return;
        }

        // Pictures of this encoding that are older than the keyframe still belong to it.
        // The pace may hold some back: when that is the reason for going over, what waits is left behind.
        var all = ForwardUntil(track, heads[track.Index], keyframe.Timestamp + next.Alignment, plans[track.Index], channel, transport, now, output);
        if (!(all && _lastWasMarker) && now - keyframe.ReceivedAt < CutPatience) return;
        (_track, _next, _layers.Target) = (next, null, _nextLayers);
        _cursor = position;
        _passOverUntil = 0;
        _sentAhead = -1;
        _flowing = false;
        Switches++;
    }

    /// <summary>
    /// What this viewer can decode of a selection. The frames of AV1's spatial layers share a timestamp, and only the dependency
    /// descriptor says where one ends: without it libwebrtc decodes nothing but the lowest, also from peer to peer.
    /// </summary>
    private LayerSelection Readable(LayerSelection selection) => _readsSpatialLayers ? selection : new LayerSelection(0, selection.TemporalId);

    private bool CanSwitchTo(SourceTrack track, SourceTrack next, in LoggedPacket keyframe)
    {
        if (keyframe.LacksParameterSets && next.ParameterSets!.Sets.IsEmpty) return false;
        var ahead = (int)(keyframe.Timestamp + next.Alignment - (_lastSourceTimestamp + track.Alignment));
        return ahead >= -MaxSwitchLag.TotalSeconds * next.ClockRateHz;
    }
}
