using Broadcast.Media.Rewrite;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Media.Send;

/// <summary>Where a stretch begins: numbers, timestamps and parameter sets that make it a continuation.</summary>
public sealed partial class SendStream
{
    /// <summary>Anchors this stream at a packet where a decoder can begin.</summary>
    /// <param name="track">The encoding.</param>
    /// <param name="packet">Where the cursor is.</param>
    /// <param name="clock">Says which of the publication's times the packet gets: its own, or that of the live edge.</param>
    private bool TryStart(SourceTrack track, in LoggedPacket packet, in LoggedPacket clock)
    {
        if (packet.PaddingOnly) return false;
        if (track.Kind == MediaKind.Video ? !packet.StartsKeyframe : packet.IsLate) return false;

        // Nothing decodes without parameter sets: where none are known yet, the next keyframe or the repair of the SPS is awaited.
        if (packet.LacksParameterSets && track.ParameterSets!.Sets.IsEmpty) return false;

        // One that was repaired after the next keyframe had come leads back into the past.
        if (packet.IsLate && _cursor != track.KeyframePosition) return false;

        // A frame that was cut before its marker leaves one number unused, so that no decoder merges two frames.
        var first = _numbers.HighestSent + (_sentAny && !_lastWasMarker && track.Kind == MediaKind.Video ? 2 : 1);
        _layers.Restart(_layers.Target);
        var (pictureId, tl0PictureIndex) = _sentAny ? FrameCounters.Of(track.Log, track.Codec, _cursor, packet).OffsetsAfter(_lastCounters) : default;
        var offset = StartTimestamp(track, clock) - packet.Timestamp;
        _timestampOffset = track.Alignment + _timeline;
        (_rejoins, _rejoining) = (offset != _timestampOffset, packet.Timestamp);
        _numbers.Begin(new SourceMapping(track, _publication!.Ordinal, packet.ExtendedSequenceNumber, first, offset, pictureId, tl0PictureIndex)
        {
            LeadIn = LeadInOf(track, packet),
            LeadInTimestamp = packet.Timestamp,
            Selection = _layers.Current,
        });
        _flowing = true;
        return true;
    }

    /// <summary>The timestamp with which a stretch begins: where the publication's own clock puts it, as long as it goes forward and is believable.</summary>
    private uint StartTimestamp(SourceTrack track, in LoggedPacket packet)
    {
        var aligned = packet.Timestamp + track.Alignment;
        var timestamp = _lastTimestamp;
        if (_sentAny)
        {
            var elapsed = RtpTimestamp.FromNanoseconds(Math.Max(0, (packet.ReceivedAt - _lastReceivedAt).Ticks * 100), (uint)track.ClockRateHz);
            var ideal = aligned + _timeline;
            if (_numbers.Current.Epoch == _publication!.Ordinal && Math.Abs((int)(ideal - (timestamp + elapsed))) < track.ClockRateHz / 2)
                return (int)(ideal - timestamp) > 0 ? ideal : timestamp + (uint)(track.ClockRateHz / 200);
            timestamp += Math.Max(elapsed, (uint)(track.ClockRateHz / 50));
        }

        _timeline = timestamp - aligned;
        return timestamp;
    }

    /// <summary>
    /// The parameter sets for a picture that came without. Sets that are newer than the picture are not its own, and
    /// aggregates are not for packetization mode 0 (RFC 6184 §6.2).
    /// </summary>
    private ReadOnlyMemory<byte> LeadInOf(SourceTrack track, in LoggedPacket packet)
    {
        if (!packet.LacksParameterSets || !_takesAggregates) return default;
        return track.ParameterSets is { } known && known.Since < packet.ExtendedSequenceNumber ? known.Sets.StapAPayload : default;
    }

    /// <summary>
    /// The first packet of a keyframe came by repair: what follows it lies before it in the log. The walk ends at the
    /// newest packet that came in order and is older.
    /// </summary>
    private void GoBackTo(SourceTrack track, long sequence)
    {
        _sentAhead = _cursor;
        while (track.Log.TryGet(_cursor - 1, out var before) && (before.IsLate || before.ExtendedSequenceNumber > sequence)) _cursor--;
        _cursor--;
    }
}
