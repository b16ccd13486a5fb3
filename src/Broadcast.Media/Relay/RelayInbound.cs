using Broadcast.Media.Layers;
using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Media.Relay;

/// <summary>A stream that this node gets from other nodes: publications as the origin numbers them, whoever delivers them.</summary>
/// <remarks>
/// <para>One parent sends; another stands by, connected and without media. When the parent falls silent the standby is asked
/// for the first packet that is missing. A planned move asks the new parent for the same while the old one still sends; what
/// comes twice is dropped by its sequence number. Viewers notice neither, as nothing is numbered anew above them.</para>
/// <para>Owned by one MediaWorker, which also owns the transports; not thread-safe.</para>
/// </remarks>
public sealed class RelayInbound : INewsSource
{
    private static readonly TimeSpan NackInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan EmptyPatience = TimeSpan.FromSeconds(2);

    private readonly IRelayObserver _observer;
    private readonly Action _wake;
    private readonly string _localNodeId;
    private readonly List<RelayParent> _leaving = [];
    private ReceiveTrack[] _tracks = [];
    private MonotonicTime[] _wantedAt = [];
    private RelayParent? _primary;
    private RelayParent? _next;
    private RelayParent? _standby;
    private bool _hasNews;
    private bool _announced;
    private bool _lossTold;
    private MonotonicTime _lostSince;
    private long _repairedBefore;
    private MonotonicTime _movingSince;
    private MonotonicTime _newerSince;
    private MonotonicTime _emptySince;
    private MonotonicTime _tickedAt;
    private MonotonicTime _silentSince;
    private MonotonicTime _nextNack;
    private MonotonicTime _nextReport;
    private MonotonicTime _nextTurn;

    /// <summary>Creates the receiving side of a stream; <see cref="Follow"/> gives it a parent.</summary>
    /// <param name="localNodeId">This node.</param>
    /// <param name="stream">Where publications go live.</param>
    /// <param name="observer">Hears what happens.</param>
    /// <param name="wake">Wakes the owner; any thread.</param>
    public RelayInbound(string localNodeId, LiveStream stream, IRelayObserver observer, Action wake)
    {
        (_localNodeId, Stream, _observer, _wake) = (localNodeId, stream, observer, wake);
    }

    /// <inheritdoc/>
    public LiveStream Stream { get; }

    /// <summary>The present publication; null before the first.</summary>
    public Publication? Publication { get; private set; }

    /// <summary>Its tracks, for statistics.</summary>
    public IReadOnlyList<ReceiveTrack> Tracks => _tracks;

    /// <summary>The node that sends; null when there is none.</summary>
    public string? ParentNodeId => _primary?.NodeId;

    /// <summary>The node that it is moving to, while the old one still sends; null otherwise.</summary>
    public string? NextNodeId => _next?.NodeId;

    /// <summary>The node that stands by; null when there is none.</summary>
    public string? StandbyNodeId => _standby?.NodeId;

    /// <summary>Nodes between the origin and this one, both included; 0 when unknown.</summary>
    public int Depth => _primary?.State?.Hops.Count ?? 0;

    /// <summary>Bytes received, headers included.</summary>
    public long Bytes { get; private set; }

    /// <summary>Packets received, repairs included, duplicates excluded.</summary>
    public long Packets { get; private set; }

    /// <summary>Packets that came twice: from two parents while one takes over from the other.</summary>
    public long Duplicates { get; private set; }

    /// <summary>What the present parent's link should have brought and has, before repairs. It begins anew with another parent.</summary>
    public (long Expected, long Received) LinkCounts => _primary?.Counts ?? default;

    /// <summary>To the present parent; null when not measured.</summary>
    public TimeSpan? RoundTrip => _primary?.Transport.RoundTrip;

    /// <summary>When the last media came.</summary>
    public MonotonicTime LastMedia { get; private set; }

    /// <summary>Times that a standby was taken.</summary>
    public int Takeovers { get; private set; }

    /// <summary>Packets that parents were asked for again, each as often as it was.</summary>
    public long NacksSent { get; private set; }

    /// <summary>Of those, what came.</summary>
    public long Repaired
    {
        get
        {
            var sum = _repairedBefore;
            foreach (var track in _tracks) sum += track.Repaired;
            return sum;
        }
    }

    /// <summary>What parents are told of the trace that this stream's way is followed in; null when it is not. Owner only.</summary>
    public string? Trace { get; set; }

    /// <summary>States that spoke of an epoch that is over.</summary>
    public long StaleStates { get; private set; }

    /// <inheritdoc/>
    public bool TakeHasNews()
    {
        var news = _hasNews;
        _hasNews = false;
        return news;
    }

    /// <summary>Takes a parent: at once when there is none, else beside the present one until the new one delivers.</summary>
    public void Follow(RelayTransport parent, MonotonicTime now)
    {
        if (_primary?.Transport == parent && _next is null) return;
        if (_standby?.Transport == parent) Drop(ref _standby, null);
        if (_next is not null) Drop(ref _next, null);
        var link = NewLink(parent);
        if (_primary is null)
        {
            (_primary, _lossTold) = (link, false);
        }
        else
        {
            (_next, _movingSince) = (link, now);
        }

        WantMedia(link, now);
        _silentSince = now;
    }

    /// <summary>Takes another standby; null for none.</summary>
    public void StandBy(RelayTransport? standby)
    {
        if (_standby?.Transport == standby || (standby is not null && (_primary?.Transport == standby || _next?.Transport == standby))) return;
        Drop(ref _standby, null);
        if (standby is null) return;
        _standby = NewLink(standby);
        _standby.Want(Publication?.Epoch ?? PublicationEpoch.None, isStandby: true, []);
    }

    /// <summary>Takes leave of every parent; the publication is over for this node.</summary>
    public void End(PacketOutput output)
    {
        Drop(ref _next, output);
        Drop(ref _standby, output);
        Drop(ref _primary, output);
        Publication?.End();
    }

    /// <summary>Looks after parents, demand, repairs and keyframes.</summary>
    /// <returns>When it wants to be called next.</returns>
    internal MonotonicTime Tick(MonotonicTime now, PacketOutput output)
    {
        if (_primary is null) return now + RelayProtocol.RefreshInterval;
        RequestKeyframes(now, output);
        RequestRepairs(now, output);
        if (now < _nextTurn) return NextDeadline(now);
        _nextTurn = now + RelayProtocol.ResendInterval;
        NoticeSilence(now, output);
        NoticeNewerEpoch(now, output);

        // A parent that has just lost its own may find it again; one that has had nothing for longer says that it is over.
        if (_emptySince != MonotonicTime.Zero && now - _emptySince >= EmptyPatience) EndPublication();
        if (_next is not null) Move(now, output);
        UpdateDemand(now);
        foreach (var link in Links()) link.Tick(link.Transport.Channel, now, output);
        Report(now, output);
        return NextDeadline(now);
    }

    /// <summary>Takes a packet from whichever parent.</summary>
    internal DropReason Take(
        ReceiveTrack track, long sequence, in RtpPacketView packet, ReadOnlySpan<byte> payload, in HeaderExtensionValues values, MonotonicTime arrival,
        TimeSpan age, bool isRepair)
    {
        var reason = track.HandleMedia(sequence, packet.Timestamp, packet.Marker, payload, values, arrival, isRepair, age);
        if (reason == DropReason.RtpDuplicate) Duplicates++;
        if (reason != DropReason.None) return reason;
        Packets++;
        Bytes += packet.Packet.Length;
        LastMedia = arrival;
        _hasNews = true;
        if (_lostSince != MonotonicTime.Zero) OnHealed(arrival);
        if (_announced) return DropReason.None;
        _announced = true;
        _observer.OnMedia(this);
        return DropReason.None;
    }

    private void OnHealed(MonotonicTime arrival)
    {
        var pause = arrival - _lostSince;
        _lostSince = MonotonicTime.Zero;
        _observer.OnHealed(this, pause);
    }

    /// <summary>Takes what a parent says about itself.</summary>
    internal void Take(RelayParent parent, RelayFrame.State state, MonotonicTime now)
    {
        if (parent.IsLoop(_localNodeId)) return;
        if (state.Status == RelayStatus.NotLive)
        {
            if (parent == _primary && _emptySince == MonotonicTime.Zero) _emptySince = now;
            return;
        }

        if (parent == _primary) _emptySince = MonotonicTime.Zero;
        var epoch = Publication?.Epoch ?? PublicationEpoch.None;
        if (state.Epoch < epoch)
        {
            StaleStates++;
            return;
        }

        // One that was over and is live again begins anew: its viewers have been told, and its log is old.
        if (state.Epoch > epoch || (state.Status == RelayStatus.Live && Publication is { HasEnded: true } && parent != _standby))
        {
            // Of a newer epoch a standby only tells: see NoticeNewerEpoch.
            if (parent == _standby || state.Tracks.Count == 0 || state.Status == RelayStatus.Ended) return;
            Begin(parent, state, now);
        }

        if (!Matches(state)) return;
        parent.Map(state, Publication!, _tracks);
        if (parent != _primary) return;
        Stream.NodesAbove = state.Hops;
        for (var i = 0; i < _tracks.Length; i++) (_tracks[i].Source.Alignment, _tracks[i].Source.OriginSsrc) = (state.Tracks[i].Alignment, state.Tracks[i].OriginSsrc);
        if (state.Status == RelayStatus.Ended) EndPublication();
    }

    private void EndPublication()
    {
        if (Publication is not { HasEnded: false } publication) return;
        publication.End();
        _observer.OnPublicationEnded(this);
    }

    /// <summary>Takes the qualities as the origin measured them.</summary>
    internal void Take(RelayParent parent, RelayFrame.Ladder ladder)
    {
        if (parent != _primary || Publication is not { } publication || ladder.Epoch != publication.Epoch) return;
        var qualities = new Quality[ladder.Qualities.Count];
        for (var i = 0; i < qualities.Length; i++)
        {
            var told = ladder.Qualities[i];
            if (told.Track >= publication.Tracks.Count) return;
            qualities[i] = new Quality(
                publication.Tracks[told.Track], told.SpatialId, told.TemporalLayers, told.Width, told.Height, told.FramesPerSecond, told.IsActive)
            { Rates = told.Rates };
        }

        QualityLadder.Sort(qualities);
        if (!publication.Qualities.IsLike(qualities)) publication.Qualities = QualityLadder.Of(qualities);
    }

    private RelayParent NewLink(RelayTransport transport)
    {
        var link = new RelayParent(this, transport);
        transport.Add(link);
        return link;
    }

    private void Drop(ref RelayParent? link, PacketOutput? output)
    {
        if (output is not null) link?.Leave(output);
        else if (link is not null) _leaving.Add(link);
        link = null;
    }

    private IEnumerable<RelayParent> Links()
    {
        if (_primary is not null) yield return _primary;
        if (_next is not null) yield return _next;
        if (_standby is not null) yield return _standby;
    }

    /// <summary>A new epoch: other tracks, other logs. Viewers go over at its first keyframe, as when a publisher comes back on one node.</summary>
    private void Begin(RelayParent parent, RelayFrame.State state, MonotonicTime now)
    {
        var sources = state.Tracks
            .Select(track => new SourceTrack(track.Codec.Kind(), track.Codec, track.FormatParameters, track.ClockRateHz)
            {
                Rid = track.Rid,
                Alignment = track.Alignment,
                OriginSsrc = track.OriginSsrc,
            })
            .ToArray();
        Publication = new Publication(state.Epoch, "relay", sources, _wake);
        _repairedBefore = Repaired;
        _tracks = [.. sources.Select((source, i) => new ReceiveTrack(RelayProtocol.Media(i, source.Codec, source.ClockRateHz, source.FormatParameters), source))];
        _wantedAt = new MonotonicTime[_tracks.Length];
        Array.Fill(_wantedAt, now);
        _announced = false;
        Stream.NodesAbove = state.Hops;
        Stream.Replace(Publication);
        foreach (var link in Links())
        {
            link.Unmap();
            if (link == _standby) link.Want(state.Epoch, isStandby: true, []);
            else WantMedia(link, now);
        }

        _observer.OnPublication(this);
    }

    private bool Matches(RelayFrame.State state)
    {
        if (state.Tracks.Count != _tracks.Length) return false;
        for (var i = 0; i < _tracks.Length; i++)
        {
            if (state.Tracks[i].Codec != _tracks[i].Source.Codec || state.Tracks[i].Rid != _tracks[i].Source.Rid) return false;
        }

        return true;
    }

    /// <summary>A parent that nothing came from for a while is taken for dead, and the standby takes its place.</summary>
    private void NoticeSilence(MonotonicTime now, PacketOutput output)
    {
        // After a pause of this thread everybody seems to have been silent. What came meanwhile has waited in the socket: they get
        // the time of a sign of life to be heard, not the whole silence once more.
        if (now - _tickedAt > RelayProtocol.PingInterval * 2) _silentSince = now - RelayProtocol.SilenceLimit + RelayProtocol.PingInterval;
        _tickedAt = now;
        var primary = _primary!;
        var heardAt = MonotonicTime.Max(primary.Transport.LastHeard, _silentSince);
        if (primary.Transport.IsConnected && now - heardAt < RelayProtocol.SilenceLimit && !primary.IsLoop(_localNodeId))
        {
            _lossTold = false;
            return;
        }

        // One that never was connected has until its handshake fails.
        if (!primary.Transport.IsConnected && primary.Transport.LastHeard == MonotonicTime.Zero && !primary.Transport.HasEnded) return;
        if (_next?.DeliversSince > MonotonicTime.Zero)
        {
            Promote(now, output);
            return;
        }

        if (_standby is { } standby && standby.IsUsable(now) && standby.State!.Epoch >= (Publication?.Epoch ?? PublicationEpoch.None))
        {
            TakeStandby(now, output);
            return;
        }

        if (_lossTold) return;
        _lossTold = true;
        NoteLoss(primary, now);
        _observer.OnParentLost(this, primary.NodeId, null, _lostSince);
    }

    private void NoteLoss(RelayParent lost, MonotonicTime now)
    {
        if (_lostSince == MonotonicTime.Zero) _lostSince = lost.Transport.LastHeard == MonotonicTime.Zero ? now : lost.Transport.LastHeard;
    }

    private void TakeStandby(MonotonicTime now, PacketOutput output)
    {
        var lost = _primary!.NodeId;
        NoteLoss(_primary, now);
        var since = _lostSince;
        Drop(ref _primary, null);
        Drop(ref _next, null);
        (_primary, _standby) = (_standby, null);
        Takeovers++;
        WantMedia(_primary!, now);
        _primary!.Tick(_primary.Transport.Channel, now, output);
        foreach (var track in _tracks) track.AskAgain();
        (_lossTold, _silentSince) = (false, now);
        if (_primary.State is { } state) Take(_primary, state, now);
        _observer.OnParentLost(this, lost, _primary.NodeId, since);
    }

    /// <summary>Two trees for one stream end as one: the newer epoch wins, even where the parent has not heard of it.</summary>
    private void NoticeNewerEpoch(MonotonicTime now, PacketOutput output)
    {
        if (_standby is not { State: { Status: RelayStatus.Live } state } standby || !standby.IsUsable(now)) return;
        if (state.Epoch <= (Publication?.Epoch ?? PublicationEpoch.None) || state.Epoch <= (_primary!.State?.Epoch ?? PublicationEpoch.None))
        {
            _newerSince = MonotonicTime.Zero;
            return;
        }

        if (_newerSince == MonotonicTime.Zero) _newerSince = now;
        if (now - _newerSince >= RelayProtocol.RefreshInterval / 2) TakeStandby(now, output);
    }

    /// <summary>Lets the old parent go once the new one has delivered all that is watched, for a while.</summary>
    private void Move(MonotonicTime now, PacketOutput output)
    {
        var next = _next!;
        var delivers = next.DeliversSince > MonotonicTime.Zero && now - next.DeliversSince >= RelayProtocol.MoveOverlap && HasCaughtUp(next);

        // Of a publisher that sends nothing neither parent delivers.
        var rests = now - LastMedia > RelayProtocol.RefreshInterval && now - _movingSince > RelayProtocol.RefreshInterval
            && next.IsUsable(now) && next.State!.Epoch >= (Publication?.Epoch ?? PublicationEpoch.None);
        if (delivers || rests)
        {
            Promote(now, output);
        }
        else if (now - _movingSince >= RelayProtocol.MoveLimit)
        {
            Drop(ref _next, output);
            _observer.OnMoved(this, next.NodeId, false);
        }
    }

    private void Promote(MonotonicTime now, PacketOutput output)
    {
        Drop(ref _primary, output);
        (_primary, _next) = (_next, null);
        (_lossTold, _silentSince) = (false, now);
        foreach (var track in _tracks) track.AskAgain();
        if (_primary!.State is { } state) Take(_primary, state, now);
        _observer.OnMoved(this, _primary.NodeId, true);
    }

    private bool HasCaughtUp(RelayParent next)
    {
        for (var i = 0; i < _tracks.Length; i++)
        {
            if (_primary!.WireOf(i) is not { Packets: > 0 } old) continue;

            // A quarter of a second of packets may be under way by either.
            if (next.WireOf(i) is not { } wire || wire.Newest < old.Newest - 250) return false;
        }

        return true;
    }

    /// <summary>Asks for what is watched here and below, some time longer than it is watched; sound and the lowest quality always.</summary>
    private void UpdateDemand(MonotonicTime now)
    {
        if (Publication is not { } publication) return;
        var demand = Stream.Demand;
        var ladder = publication.Qualities;
        var lowest = ladder.Rungs.Length > 0 ? ladder.Rungs[ladder.LowestActive].Track.Index : -1;
        for (var i = 0; i < _tracks.Length; i++)
        {
            if ((demand & (1UL << i)) != 0 || i == lowest || _tracks[i].Source.Kind == MediaKind.Audio) _wantedAt[i] = now;
        }

        WantMedia(_primary!, now);
        if (_next is not null) WantMedia(_next, now);
    }

    private void WantMedia(RelayParent link, MonotonicTime now)
    {
        var wants = new List<RelayWant>(_tracks.Length);
        for (var i = 0; i < _tracks.Length; i++)
        {
            if (now - _wantedAt[i] >= RelayProtocol.DemandLinger) continue;

            // What flows goes on where it is; what has rested begins where a newcomer would.
            var flows = _tracks[i].HasStarted && now - _tracks[i].LastMedia < PacketLog.Window;
            wants.Add(new RelayWant(i, flows ? _tracks[i].NextSequence : -1));
        }

        link.Want(Publication?.Epoch ?? PublicationEpoch.None, isStandby: false, wants);
    }

    private void RequestKeyframes(MonotonicTime now, PacketOutput output)
    {
        if (_primary!.Transport.Channel is not { CanSend: true } channel) return;
        for (var i = 0; i < _tracks.Length; i++)
        {
            var track = _tracks[i];
            if (track.Source.Kind != MediaKind.Video || _primary.WireOf(i) is not { } wire || !track.Source.Keyframes.ShouldSend(now)) continue;
            var slot = RelayTransport.BeginRtcp(output);
            channel.CommitRtcp(output, slot, RtcpWriter.Pli(slot, RelayProtocol.ControlSsrc, wire.Ssrc));
        }
    }

    private void RequestRepairs(MonotonicTime now, PacketOutput output)
    {
        if (now < _nextNack) return;
        _nextNack = now + NackInterval;
        Span<ushort> missing = stackalloc ushort[RtcpWriter.MaximumNackEntries];
        for (var i = 0; i < _tracks.Length; i++)
        {
            if (!_tracks[i].HasHoles || _primary!.WireOf(i) is not { } wire || _primary.Transport.Channel is not { CanSend: true } channel) continue;
            if (_primary.Transport.RoundTrip is { } roundTrip) _tracks[i].NoteRoundTrip(roundTrip);
            var count = _tracks[i].CollectNacks(now, missing);
            if (count == 0) continue;
            NacksSent += count;
            var slot = RelayTransport.BeginRtcp(output);
            channel.CommitRtcp(output, slot, RtcpWriter.Nack(slot[..Peers.PeerChannel.MaxRtcpLength], RelayProtocol.ControlSsrc, wire.Ssrc, missing[..count], out _));
        }
    }

    private void Report(MonotonicTime now, PacketOutput output)
    {
        foreach (var link in _leaving) link.Leave(output);
        _leaving.Clear();
        if (now < _nextReport) return;
        _nextReport = now + RelayProtocol.RefreshInterval;
        foreach (var link in Links())
        {
            if (link.Transport.Channel is { CanSend: true } channel) link.Report(channel, output);
        }
    }

    private MonotonicTime NextDeadline(MonotonicTime now)
    {
        var next = _nextTurn;
        foreach (var track in _tracks)
        {
            if (track.HasHoles) next = MonotonicTime.Min(next, MonotonicTime.Max(_nextNack, now));
            if (track.Source.Kind == MediaKind.Video) next = MonotonicTime.Min(next, track.Source.Keyframes.NextDeadline(now + NackInterval));
        }

        return next;
    }
}
