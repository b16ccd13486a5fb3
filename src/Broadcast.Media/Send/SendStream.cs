using Broadcast.Media.Peers;
using Broadcast.Media.Rewrite;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Media.Send;

/// <summary>One track toward one viewer: steps 7 to 9 of the packet's way, one SSRC from the first packet to the last.</summary>
/// <remarks>
/// Holds maps, not packets: a position in the source's log and constant offsets. Owned by the viewer's worker; not thread-safe.
/// States: waiting (video: for a keyframe; audio: for anything) → flowing; a new publication or a pause leads back to waiting.
/// </remarks>
public sealed class SendStream
{
    /// <summary>A keyframe this fresh is replayed to a newcomer instead of asking for another.</summary>
    public static readonly TimeSpan FreshKeyframe = TimeSpan.FromMilliseconds(250);

    /// <summary>10 s in NTP units: what goes back further is a clock that was set, or another publisher's.</summary>
    private const ulong LateReport = 10UL << 32;

    private readonly PacketBuilder _builder;
    private readonly bool _takesAggregates;
    private MappingHistory _history;
    private RetransmissionLimiter? _limiter;
    private Publication? _publication;
    private SourceTrack? _track;
    private long _cursor;
    private long _sentAhead = -1;
    private bool _flowing;
    private bool _paused;
    private bool _sentAny;
    private bool _lastWasMarker;
    private long _highestSent;
    private uint _lastTimestamp;
    private MonotonicTime _lastReceivedAt;
    private ushort _lastPictureId;
    private byte _lastTl0;
    private MonotonicTime _nextWish;
    private ulong _lastReported;

    /// <summary>Creates the stream of a negotiated m-line.</summary>
    /// <param name="media">What the viewer agreed to.</param>
    /// <param name="ssrc">Media SSRC, constant for the session.</param>
    /// <param name="rtxSsrc">RTX SSRC; used when RTX was negotiated.</param>
    /// <param name="initialSequence">Below 32,768, so that no first packet comes just before a rollover (RFC 3711 §3.3.1).</param>
    /// <param name="initialTimestamp">Random.</param>
    public SendStream(NegotiatedMedia media, uint ssrc, uint rtxSsrc, ushort initialSequence, uint initialTimestamp)
    {
        Media = media;
        _builder = new PacketBuilder(media, ssrc, rtxSsrc);
        _takesAggregates = FormatParameters.GetInt32(media.Codec.FormatParameters, "packetization-mode", 0) == 1;
        _highestSent = (initialSequence & 0x7FFF) - 1;
        _lastTimestamp = initialTimestamp;
    }

    /// <summary>What the viewer agreed to.</summary>
    public NegotiatedMedia Media { get; }

    /// <summary>The media SSRC.</summary>
    public uint Ssrc => _builder.Ssrc;

    /// <summary>Media packets sent, retransmissions excluded.</summary>
    public long Packets { get; private set; }

    /// <summary>Payload octets of those packets.</summary>
    public long Octets { get; private set; }

    /// <summary>Packets sent again.</summary>
    public long Retransmitted { get; private set; }

    /// <summary>Packets that the log had overwritten before they were sent: this worker was too slow.</summary>
    public long Overwritten { get; private set; }

    /// <summary>Extended sequence number of the newest packet sent, for tests.</summary>
    internal long HighestSent => _highestSent;

    /// <summary>True while a keyframe is awaited.</summary>
    public bool IsWaiting => !_flowing;

    /// <summary>Stops forwarding; the next packet sent will be a fresh start at a keyframe.</summary>
    public void Pause() => (_flowing, _paused) = (false, true);

    /// <summary>Sends what is new in the source's log.</summary>
    /// <param name="publication">The present publication.</param>
    /// <param name="head">Position one past the newest packet to send.</param>
    /// <param name="plan">Padding of the burst.</param>
    /// <param name="channel">The viewer's keys and path; must be able to send.</param>
    /// <param name="transport">The viewer's transport-wide counter.</param>
    /// <param name="now">Present time.</param>
    /// <param name="output">Receives the packets.</param>
    public void Forward(
        Publication publication, long head, BurstPlan plan, PeerChannel channel, ref ushort transport, MonotonicTime now, PacketOutput output)
    {
        if (!ReferenceEquals(publication, _publication)) Attach(publication, head, now);
        if (_track is not { } track) return;
        if (_paused)
        {
            // What came meanwhile is past: it would only be shown late.
            _paused = false;
            _cursor = FreshStart(track, head, now);
        }

        if (!_flowing) WaitForStart(track, head, now);

        var floor = track.Log.Floor;
        if (_cursor < floor)
        {
            Overwritten += floor - _cursor;
            _cursor = floor;
        }

        for (; _cursor < head; _cursor++)
        {
            if (_cursor == _sentAhead || !track.Log.TryGet(_cursor, out var packet)) continue;

            // :: Step 7: wanted by this subscription?
            var starts = !_flowing;
            if (starts && !TryStart(publication, track, packet)) continue;
            var mapping = _history.Current;
            if (packet.ExtendedSequenceNumber < mapping.FirstSource) continue;

            // :: Steps 8 and 9: rewrite, protect into the send slot
            if (starts && !mapping.LeadIn.IsEmpty) SendLeadIn(mapping, channel, ref transport, now, output);
            Send(mapping, packet, plan.PaddingOf(_cursor), channel, ref transport, now, output);
            if (starts && packet.IsLate) GoBackTo(track, packet.ExtendedSequenceNumber);
        }
    }

    /// <summary>Answers one NACKed sequence number.</summary>
    /// <returns>Why it was not answered, or <see cref="DropReason.None"/>.</returns>
    public DropReason Retransmit(ushort sequenceNumber, TimeSpan roundTrip, PeerChannel channel, ref ushort transport, MonotonicTime now, PacketOutput output)
    {
        var sent = _highestSent + (short)(sequenceNumber - (ushort)_highestSent);
        if (sent > _highestSent || !_history.TryFind(sent, out var mapping)) return DropReason.NackUnknown;
        var leadIn = mapping.IsLeadIn(sent);
        if (!mapping.Track.Log.TryFind(leadIn ? mapping.FirstSource : mapping.ToSource(sent), out var position, out var packet)) return DropReason.NackTooOld;
        if (now - packet.ReceivedAt > PacketLog.Window) return DropReason.NackTooOld;

        _limiter ??= new RetransmissionLimiter();
        if (!_limiter.Allows(sent, leadIn ? mapping.LeadIn.Length : packet.PayloadLength, Octets, roundTrip, now)) return DropReason.NackLimited;
        var length = leadIn
            ? _builder.BuildLeadIn(mapping, repair: true, ref transport, now, channel.Srtp!, output)
            : _builder.Build(mapping, position, packet, sent, 0, repair: true, ref transport, now, channel.Srtp!, output);
        if (length == 0) return DropReason.SendOverwritten;
        output.Commit(channel.Path, length);
        Retransmitted++;
        return DropReason.None;
    }

    /// <summary>The viewer cannot decode and wants a keyframe.</summary>
    public void WantKeyframe(TimeSpan roundTrip, MonotonicTime now)
    {
        if (_track is not { Kind: MediaKind.Video } track || now < _nextWish) return;

        // A wish made before the last keyframe could have arrived is stale.
        if (_flowing && _history.Current.Track == track && now - track.Keyframes.LastKeyframe < roundTrip && track.Keyframes.LastKeyframe.Nanoseconds > 0) return;
        AskForKeyframe(track, now);
    }

    /// <summary>Maps the publisher's clock into this stream for a sender report.</summary>
    /// <returns>
    /// False while the publisher has sent none: then none is sent either, rather than an invented one. False also when
    /// the publisher's report was so late that the clock would seem to go back.
    /// </returns>
    public bool TryMapSenderReport(MonotonicTime now, out ulong ntp, out uint rtp)
    {
        (ntp, rtp) = (0, 0);
        if (!_flowing || _track is not { } track || !track.Clock.TryRead(out var pair)) return false;
        var elapsed = Math.Max(0, (now - pair.ReceivedAt).Ticks * 100);
        ntp = pair.NtpTimestamp + NtpTime.FromNanoseconds(elapsed);
        if (_lastReported - ntp < LateReport) return false;
        _lastReported = ntp;
        rtp = pair.RtpTimestamp + _history.Current.TimestampOffset + RtpTimestamp.FromNanoseconds(elapsed, (uint)track.ClockRateHz);
        return true;
    }

    private void Attach(Publication publication, long head, MonotonicTime now)
    {
        _publication = publication;
        _track = publication.TrackOf(Media.Kind);
        if (_track?.Codec != Media.Codec.Codec) _track = null;
        _flowing = false;
        _sentAhead = -1;
        if (_track is null) return;

        // A viewer who watched the publication before takes the new one from its beginning.
        _cursor = _sentAny ? _track.Log.Floor : FreshStart(_track, head, now);
        _nextWish = MonotonicTime.Zero;
    }

    /// <summary>Where to join a running publication: at a keyframe that is still fresh, or from now on.</summary>
    private static long FreshStart(SourceTrack track, long head, MonotonicTime now) =>
        track.Log.TryGet(track.KeyframePosition, out var keyframe) && now - keyframe.ReceivedAt <= FreshKeyframe ? track.KeyframePosition : head;

    private void WaitForStart(SourceTrack track, long head, MonotonicTime now)
    {
        if (track.Kind != MediaKind.Video || now < _nextWish) return;
        if (track.KeyframePosition >= _cursor && track.KeyframePosition < head) return;
        AskForKeyframe(track, now);
    }

    private void AskForKeyframe(SourceTrack track, MonotonicTime now)
    {
        _nextWish = now + TimeSpan.FromSeconds(1);
        if (track.Keyframes.Want()) _publication!.WakePublisher();
    }

    /// <summary>Anchors this stream at a packet where a decoder can begin.</summary>
    private bool TryStart(Publication publication, SourceTrack track, in LoggedPacket packet)
    {
        if (packet.PaddingOnly) return false;
        if (track.Kind == MediaKind.Video ? !packet.StartsKeyframe : packet.IsLate) return false;

        // Nothing decodes without parameter sets: where none are known yet, the next keyframe or the repair of the SPS is awaited.
        if (packet.LacksParameterSets && track.ParameterSets!.Sets.IsEmpty) return false;

        // One that was repaired after the next keyframe had come leads back into the past.
        if (packet.IsLate && _cursor != track.KeyframePosition) return false;

        // A frame that was cut before its marker leaves one number unused, so that no decoder merges two frames.
        var first = _highestSent + (_sentAny && !_lastWasMarker && track.Kind == MediaKind.Video ? 2 : 1);
        var timestamp = _lastTimestamp;
        if (_sentAny)
        {
            var elapsed = (packet.ReceivedAt - _lastReceivedAt).Ticks * 100;
            timestamp += Math.Max(RtpTimestamp.FromNanoseconds(Math.Max(0, elapsed), (uint)track.ClockRateHz), (uint)(track.ClockRateHz / 50));
        }

        var ids = _builder.PictureIdsOf(track, _cursor, packet);
        var mapping = new SourceMapping(
            track,
            publication.Epoch,
            packet.ExtendedSequenceNumber,
            first,
            timestamp - packet.Timestamp,
            _sentAny ? (ushort)((_lastPictureId + 1 - ids.PictureId) & 0x7FFF) : (ushort)0,
            _sentAny ? (byte)(_lastTl0 + 1 - ids.Tl0PictureIndex) : (byte)0)
        {
            LeadIn = LeadInOf(track, packet),
            LeadInTimestamp = packet.Timestamp,
        };
        _history.Begin(mapping, _highestSent);
        _flowing = true;
        return true;
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

    private void SendLeadIn(in SourceMapping mapping, PeerChannel channel, ref ushort transport, MonotonicTime now, PacketOutput output)
    {
        var length = _builder.BuildLeadIn(mapping, repair: false, ref transport, now, channel.Srtp!, output);
        output.Commit(channel.Path, length);
        Packets++;
        Octets += mapping.LeadIn.Length;
        _highestSent = mapping.FirstSent;
    }

    private void Send(
        in SourceMapping mapping, in LoggedPacket packet, int padding, PeerChannel channel, ref ushort transport, MonotonicTime now, PacketOutput output)
    {
        var sent = mapping.ToSent(packet.ExtendedSequenceNumber);
        var length = _builder.Build(mapping, _cursor, packet, sent, padding, repair: false, ref transport, now, channel.Srtp!, output);
        if (length == 0)
        {
            Overwritten++;
            return;
        }

        output.Commit(channel.Path, length);
        Packets++;
        Octets += packet.PayloadLength;
        _sentAny = true;
        if (sent <= _highestSent) return;
        _highestSent = sent;
        _lastTimestamp = packet.Timestamp + mapping.TimestampOffset;
        _lastReceivedAt = packet.ReceivedAt;
        _lastWasMarker = packet.Marker;
        if (_builder.LastPictureIds is { IsPresent: true } ids) (_lastPictureId, _lastTl0) = (ids.PictureId, ids.Tl0PictureIndex);
    }
}
