using Broadcast.Media.Layers;
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
/// Holds maps, not packets: a position in the source's log and numbers. Owned by the viewer's worker; not thread-safe.
/// States: waiting (video: for a keyframe; audio: for anything) → catching up from the cache, or at once → flowing, where it
/// may go over to another encoding at a keyframe of that one; a new publication or a pause leads back to waiting.
/// </remarks>
public sealed partial class SendStream
{
    /// <summary>How far behind what was sent another encoding's keyframe may lie for a switch: no more than a player hides.</summary>
    public static readonly TimeSpan MaxSwitchLag = TimeSpan.FromMilliseconds(75);

    /// <summary>How long a switch waits for the rest of a picture that has begun.</summary>
    private static readonly TimeSpan CutPatience = TimeSpan.FromMilliseconds(30);

    /// <summary>A wish for a keyframe is repeated after this.</summary>
    private static readonly TimeSpan WishInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often a viewer who cannot decode begins anew from the cache.</summary>
    private static readonly TimeSpan RestartInterval = TimeSpan.FromSeconds(5);

    /// <summary>How long after catching up the player is told to smooth again: until it has surely heard.</summary>
    private static readonly TimeSpan SmoothingNotice = TimeSpan.FromSeconds(1);

    /// <summary>How far the packets of one picture that is left out are looked for.</summary>
    private const int MaxSiblings = 64;

    /// <summary>10 s in NTP units: what goes back further is a clock that was set, or another publisher's.</summary>
    private const ulong LateReport = 10UL << 32;

    private readonly PacketBuilder _builder;
    private readonly Renumbering _numbers;
    private readonly bool _takesAggregates;
    private readonly bool _readsSpatialLayers;
    private RetransmissionLimiter? _limiter;
    private Publication? _publication;
    private SourceTrack? _track;
    private SourceTrack? _next;
    private LayerSelection _nextLayers;
    private LayerSelector _layers;
    private CatchUp? _catchUp;
    private bool _rejoins;
    private uint _rejoining;
    private MonotonicTime _caughtUpAt;
    private long _cursor;
    private long _sentAhead = -1;
    private bool _flowing;
    private bool _paused;
    private bool _sentAny;
    private bool _lastWasMarker;
    private uint _lastTimestamp;
    private uint _lastSourceTimestamp;
    private MonotonicTime _lastReceivedAt;
    private FrameCounters _lastCounters;
    private uint _timeline;
    private uint _timestampOffset;
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
        _numbers = new Renumbering((initialSequence & 0x7FFF) - 1);
        _takesAggregates = FormatParameters.GetInt32(media.Codec.FormatParameters, "packetization-mode", 0) == 1;
        _readsSpatialLayers = media.Codec.Codec != CodecKind.Av1 || media.Extensions.Has(HeaderExtensionKind.DependencyDescriptor);
        _lastTimestamp = initialTimestamp;
        _layers.Restart(LayerSelection.All);
    }

    /// <summary>What the viewer agreed to.</summary>
    public NegotiatedMedia Media { get; }

    /// <summary>The media SSRC.</summary>
    public uint Ssrc => _builder.Ssrc;

    /// <summary>Media packets sent, retransmissions excluded.</summary>
    public long Packets { get; private set; }

    /// <summary>When the first of them left; zero before.</summary>
    public MonotonicTime FirstSentAt { get; private set; }

    /// <summary>Payload octets of those packets.</summary>
    public long Octets { get; private set; }

    /// <summary>Packets sent again.</summary>
    public long Retransmitted { get; private set; }

    /// <summary>Packets that the log had overwritten before they were sent: this worker was too slow.</summary>
    public long Overwritten { get; private set; }

    /// <summary>Times that this stream went over to another encoding.</summary>
    public long Switches { get; private set; }

    /// <summary>Extended sequence number of the newest packet sent, for tests.</summary>
    internal long HighestSent => _numbers.HighestSent;

    /// <summary>True while a keyframe is awaited.</summary>
    public bool IsWaiting => !_flowing;

    /// <summary>True while it has to be called again soon even when nothing new arrives.</summary>
    public bool IsCatchingUp => _catchUp is not null;

    /// <summary>The encoding that is sent; null when there is none.</summary>
    public SourceTrack? Track => _track;

    /// <summary>The encoding that it goes over to at its next keyframe; null when there is none.</summary>
    public SourceTrack? NextTrack => _next;

    /// <summary>The layers that are sent of it.</summary>
    public LayerSelection Layers => _layers.Current;

    /// <summary>True while a change of layers within the encoding waits for a picture at which it may happen.</summary>
    public bool IsChangingLayers => _layers.IsChanging;

    /// <summary>The tracks whose news it must see, by <see cref="SourceTrack.Index"/>.</summary>
    public ulong Demand => (_track is null ? 0 : 1UL << _track.Index) | (_next is null ? 0 : 1UL << _next.Index);

    /// <summary>True when nothing is to be sent: sound only.</summary>
    public bool IsMuted { get; private set; }

    /// <summary>True while sound goes out with copies of earlier packets; stays false where the viewer did not agree to that.</summary>
    public bool AddsRedundancy
    {
        get => _builder.AddsRedundancy;
        set => _builder.AddsRedundancy = value;
    }

    /// <summary>Stops forwarding; the next packet sent will be a fresh start at a keyframe.</summary>
    public void Pause() => (_flowing, _paused, _catchUp) = (false, true, null);

    /// <summary>Sets what shall be sent of the present publication; the change happens where no decoder notices.</summary>
    /// <param name="track">The encoding; null to send nothing.</param>
    /// <param name="selection">Its layers.</param>
    public void Select(SourceTrack? track, LayerSelection selection)
    {
        if (track is null)
        {
            if (IsMuted) return;
            Pause();
            IsMuted = true;
            return;
        }

        var wasMuted = IsMuted;
        IsMuted = false;
        if (_track is null) return;
        if (wasMuted)
        {
            // Paused, it begins anew: not with what was sent before.
            (_track, _next, _layers.Target) = (track, null, Readable(selection));
            return;
        }

        if (ReferenceEquals(track, _track))
        {
            _next = null;
            _layers.Target = Readable(selection);
            return;
        }

        if (!ReferenceEquals(track, _next)) _nextWish = MonotonicTime.Zero;
        (_next, _nextLayers) = (track, Readable(selection));
    }

    /// <summary>Takes a new publication; <see cref="Select"/> says what of it shall be sent, before the first <see cref="Forward"/>.</summary>
    /// <param name="publication">The present publication.</param>
    /// <param name="track">The encoding to begin with; null when this viewer cannot play it, or it is not known yet which it shall be.</param>
    /// <param name="selection">Its layers.</param>
    /// <param name="head">Position one past the newest packet of that encoding.</param>
    /// <param name="now">Present time.</param>
    public void Attach(Publication publication, SourceTrack? track, LayerSelection selection, long head, MonotonicTime now)
    {
        _publication = publication;
        _track = track?.Codec == Media.Codec.Codec ? track : null;
        (_next, _catchUp) = (null, null);
        _flowing = _paused = _rejoins = IsMuted = false;
        _passOverUntil = 0;
        _sentAhead = -1;
        _nextWish = MonotonicTime.Zero;
        _layers.Target = Readable(selection);
        if (_track is null) return;

        // A viewer who watched the publication before takes the new one from its beginning.
        if (_sentAny) _cursor = _track.Log.Floor;
        else FindStart(head, now);
    }

    /// <summary>Sends what is new in the source's log.</summary>
    /// <param name="heads">Positions one past the newest packet to send, by <see cref="SourceTrack.Index"/>.</param>
    /// <param name="plans">Padding of the burst, likewise.</param>
    /// <param name="channel">The viewer's keys and path; must be able to send.</param>
    /// <param name="transport">The viewer's numbers and pace.</param>
    /// <param name="now">Present time.</param>
    /// <param name="output">Receives the packets.</param>
    public void Forward(ReadOnlySpan<long> heads, BurstPlan[] plans, PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        IsBehind = false;
        if (_track is not { } track || IsMuted) return;
        if (_paused)
        {
            // What came meanwhile is past: it would only be shown late.
            _paused = false;
            FindStart(heads[track.Index], now);
        }

        if (_caughtUpAt != MonotonicTime.Zero && now - _caughtUpAt > SmoothingNotice) EndNotice();
        if (_catchUp is not null && _next is not null && _catchUp.LastsLong(now)) GiveUpCatchUp(heads[track.Index]);
        if (_catchUp is not null)
        {
            ForwardFromCache(track, heads[track.Index], channel, transport, now, output);
            if (_catchUp is not null) return;
        }

        if (_next is not null) GoOver(heads, plans, channel, transport, now, output);
        track = _track;
        var head = heads[track.Index];
        if (!_flowing) WaitForStart(track, head, now);
        else if (_layers.NeedsKeyframe && now >= _nextWish) AskForKeyframe(track, now);
        ForwardUntil(track, head, null, plans[track.Index], channel, transport, now, output);
    }

    /// <summary>Answers one NACKed sequence number; the pace is the caller's business.</summary>
    /// <returns>Why it was not answered, or <see cref="DropReason.None"/>.</returns>
    public DropReason Retransmit(ushort sequenceNumber, TimeSpan roundTrip, PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        // The same number must not go out with other bytes; redundancy stands in for this.
        if (_builder.CanAddRedundancy) return DropReason.NackUnknown;
        var highest = _numbers.HighestSent;
        var sent = highest + (short)(sequenceNumber - (ushort)highest);
        if (!_numbers.TryFind(sent, out var mapping, out var source, out var placement)) return DropReason.NackUnknown;
        if (!mapping.Track.Log.TryFind(source, out var position, out var packet)) return DropReason.NackTooOld;
        if (now - packet.ReceivedAt > PacketLog.Window && !HasReplayed(now)) return DropReason.NackTooOld;

        // What filled a kept number depends on what is in the log: without RTX it might go out under it with other bytes now.
        if (!_builder.HasRtx && !placement.Selection.Wants(packet.Layers)) return DropReason.NackTooOld;
        packet = AsPlaced(mapping, placement, packet);

        var leadIn = mapping.IsLeadIn(sent);
        _limiter ??= new RetransmissionLimiter();
        var (cost, isPast) = (leadIn ? mapping.LeadIn.Length : packet.PayloadLength, sent < _numbers.Current.FirstSent);
        var copies = _limiter.Grant(sent, cost, Octets, roundTrip, transport.IsCalm(now), now);
        if (copies == 0 || !transport.TryTakeRepair(cost, isPast, now)) return DropReason.NackLimited;
        if (copies > 1 && !transport.TryTakeRepair(cost, isPast, now)) copies = 1;
        for (; copies > 0; copies--)
        {
            var length = leadIn
                ? _builder.BuildLeadIn(mapping, repair: true, ref transport.SequenceNumber, now, channel.Srtp!, output)
                : _builder.Build(mapping, placement, position, packet, 0, repair: true, ref transport.SequenceNumber, now, channel.Srtp!, output);
            if (length == 0) return DropReason.SendOverwritten;
            Commit(length, channel, transport, now, output);
            Retransmitted++;
        }

        return DropReason.None;
    }

    /// <summary>The viewer cannot decode and wants a keyframe.</summary>
    public void WantKeyframe(TimeSpan roundTrip, MonotonicTime now)
    {
        if (_track is not { Kind: MediaKind.Video } track || now < _nextWish || IsCatchingUp) return;
        if (track.Keyframes.SourceIgnoresRequests && _flowing && now - track.Keyframes.LastKeyframe < CatchUp.MaxAge)
        {
            // Nobody would answer; what the cache has can be decoded again.
            _nextWish = now + RestartInterval;
            Pause();
            return;
        }

        // A wish made before the last keyframe could have arrived is stale.
        if (_flowing && _numbers.Current.Track == track && now - track.Keyframes.LastKeyframe < roundTrip && track.Keyframes.LastKeyframe.Nanoseconds > 0) return;
        AskForKeyframe(track, now);
    }

    /// <summary>Maps the publisher's clock into this stream for a sender report.</summary>
    /// <returns>
    /// False while the publisher has sent none: then none is sent either, rather than an invented one. False also while
    /// catching up, and when the publisher's report was so late that the clock would seem to go back.
    /// </returns>
    public bool TryMapSenderReport(MonotonicTime now, out ulong ntp, out uint rtp)
    {
        (ntp, rtp) = (0, 0);
        if (!_flowing || IsCatchingUp || _track is not { } track || !track.Clock.TryRead(out var pair)) return false;
        var elapsed = Math.Max(0, (now - pair.ReceivedAt).Ticks * 100);
        ntp = pair.NtpTimestamp + NtpTime.FromNanoseconds(elapsed);
        if (_lastReported - ntp < LateReport) return false;
        _lastReported = ntp;
        rtp = pair.RtpTimestamp + _timestampOffset + RtpTimestamp.FromNanoseconds(elapsed, (uint)track.ClockRateHz);
        return true;
    }

    /// <summary>Begins where a newcomer sees a picture soonest: at the last keyframe if all since then is there, else with what comes.</summary>
    private void FindStart(long head, MonotonicTime now)
    {
        _cursor = head;
        _passOverUntil = 0;
        if (_track is not { Kind: MediaKind.Video } track) return;
        var keyframe = track.KeyframePosition;
        _catchUp = CatchUp.TryBegin(track.Log, keyframe, head, now);
        if (_catchUp is null) return;
        track.Keyframes.OnServedFromCache();
        _cursor = keyframe;
    }

    private void WaitForStart(SourceTrack track, long head, MonotonicTime now)
    {
        if (track.Kind != MediaKind.Video || now < _nextWish) return;
        if (track.KeyframePosition >= _cursor && track.KeyframePosition < head) return;
        AskForKeyframe(track, now);
    }

    private void AskForKeyframe(SourceTrack track, MonotonicTime now)
    {
        _nextWish = now + WishInterval;
        if (track.Keyframes.Want()) _publication!.WakePublisher();
    }

    /// <summary>Sends the log from the cursor on, up to a position, and where a time is given, up to pictures of that time.</summary>
    /// <returns>False when some of it waits for the pace.</returns>
    private bool ForwardUntil(
        SourceTrack track, long head, uint? before, BurstPlan plan, PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        var floor = track.Log.Floor;
        if (_cursor < floor)
        {
            Overwritten += floor - _cursor;
            _cursor = floor;
        }

        for (; _cursor < head; _cursor++)
        {
            if (_cursor == _sentAhead || !track.Log.TryGet(_cursor, out var packet)) continue;
            if (_cursor < _passOverUntil && packet.ExtendedSequenceNumber < _passOverBelow) continue;
            if (before is { } limit && (int)(packet.Timestamp + track.Alignment - limit) >= 0) return true;
            if (!transport.HasBudget && track.Kind == MediaKind.Video)
            {
                HoldBack(track, packet, head, now);
                return false;
            }

            // :: Step 7: wanted by this subscription?
            var starts = !_flowing;
            if (starts && !TryStart(track, packet, packet)) continue;
            if (!TryPlace(track, packet, out var placement)) continue;

            // :: Steps 8 and 9: rewrite, protect into the send slot
            if (starts && !_numbers.Current.LeadIn.IsEmpty) SendLeadIn(channel, transport, now, output);
            Send(placement, _cursor, AsPlaced(_numbers.Current, placement, packet), plan.PaddingOf(_cursor), channel, transport, now, output);
            if (starts && packet.IsLate) GoBackTo(track, packet.ExtendedSequenceNumber);
        }

        return true;
    }

    /// <summary>True while the viewer may still ask for what it got from the cache.</summary>
    private bool HasReplayed(MonotonicTime now) => IsCatchingUp || (_caughtUpAt != MonotonicTime.Zero && now - _caughtUpAt < SmoothingNotice);

    private void Commit(int length, PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        output.Commit(channel.Path, length);
        transport.OnSent(length, isPaced: Media.Kind == MediaKind.Video, now);
    }

    private void SendLeadIn(PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        var mapping = _numbers.Current;
        var length = _builder.BuildLeadIn(mapping, repair: false, ref transport.SequenceNumber, now, channel.Srtp!, output);
        Commit(length, channel, transport, now, output);
        Packets++;
        Octets += mapping.LeadIn.Length;
    }

    private void Send(
        in Placement placement, long position, in LoggedPacket packet, int padding, PeerChannel channel, PacedTransport transport, MonotonicTime now, PacketOutput output)
    {
        var newest = placement.Sent == _numbers.HighestSent;
        var length = _builder.Build(_numbers.Current, placement, position, packet, padding, repair: false, ref transport.SequenceNumber, now, channel.Srtp!, output);
        if (length == 0)
        {
            Overwritten++;
            return;
        }

        Commit(length, channel, transport, now, output);
        Packets++;
        Octets += packet.PayloadLength;
        if (!_sentAny) (_sentAny, FirstSentAt) = (true, now);
        if (!newest || packet.PaddingOnly) return;
        _lastTimestamp = packet.Timestamp + placement.TimestampOffset;
        _lastSourceTimestamp = packet.Timestamp;
        _lastReceivedAt = packet.ReceivedAt;
        _lastWasMarker = packet.Marker || placement.Selection.EndsPicture(packet.Layers);
        if (_builder.LastCounters is { IsPresent: true } counters) _lastCounters = counters;
    }
}
