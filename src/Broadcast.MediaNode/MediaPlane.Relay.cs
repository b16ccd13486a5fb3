using System.Net;
using Broadcast.Media.Peers;
using Broadcast.Media.Relay;
using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode.Relay;
using Broadcast.MediaNode.Sessions;
using Broadcast.RelayPlane;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Sdp;

namespace Broadcast.MediaNode;

/// <summary>The part that carries streams between nodes: transports to parents and children, and what the control plane wants of them.</summary>
/// <remarks>The relay worker owns whatever comes from other nodes, for a stream's log has one writer and its parents change.</remarks>
public sealed partial class MediaPlane : IRelayPlane, IRelayObserver
{
    /// <summary>How long an answer of a parent is waited for, and then a handshake with it.</summary>
    private static readonly TimeSpan LinkPatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LinkRetry = TimeSpan.FromSeconds(1);

    /// <summary>A transport that nothing was heard of for this long is given up; its streams have left it long before.</summary>
    private static readonly TimeSpan LinkSilence = TimeSpan.FromSeconds(5);

    /// <summary>A transport that no stream wants is kept for this long.</summary>
    private static readonly TimeSpan LinkLinger = TimeSpan.FromSeconds(60);

    /// <summary>A stream that nobody needs here is kept for this long.</summary>
    private static readonly TimeSpan StreamLinger = TimeSpan.FromSeconds(30);

    /// <summary>How long a parent that could not be had is reported as such.</summary>
    private static readonly TimeSpan FailureMemory = TimeSpan.FromSeconds(5);

    private readonly StreamDirectory _streamDirectory = new();
    private readonly Dictionary<string, ParentLink> _parents = [];
    private readonly Dictionary<string, List<ChildLink>> _children = [];
    private readonly LoadMeter _load = new();
    private IRelayControl? _cluster;
    private RelayLinkFactory _links = null!;
    private IPEndPoint[] _addresses = [];
    private byte[] _certificateHash = [];
    private int _linkCount;
    private RelayTotals _endedLinks;

    /// <summary>The streams of this node by name, for whoever reads them without a session: the recorder.</summary>
    public StreamDirectory LiveStreams => _streamDirectory;

    /// <summary>The links to other nodes, for metrics.</summary>
    public RelayTotals Links
    {
        get
        {
            lock (_lock)
            {
                var totals = _endedLinks;
                foreach (var link in _parents.Values) totals = totals.Plus(link.Transport);
                foreach (var link in _children.Values.SelectMany(links => links)) totals = totals.Plus(link.Peer.Relay);
                var relayed = _streams.Values.Where(stream => stream.Relay is not null).ToArray();
                foreach (var stream in relayed) totals = totals.Plus(stream.Relay!.Inbound);
                return totals with
                {
                    Parents = _parents.Values.Count(link => link.Transport is { IsConnected: true }),
                    ChildNodes = _children.Values.Count(links => links.Exists(link => link.Peer.Relay is { IsConnected: true })),
                    Children = _streams.Values.Sum(stream => stream.Live.Children),
                    Streams = relayed.Length,
                    Depth = relayed.Select(stream => stream.Live.NodesAbove.Count).DefaultIfEmpty().Max(),
                };
            }
        }
    }

    private MediaEngine RelayEngine => _workers.Workers[_workers.RelayWorker].Engine;

    /// <inheritdoc/>
    RelayLoad IRelayPlane.Load => _load.Latest;

    /// <inheritdoc/>
    IReadOnlyList<CarriedStream> IRelayPlane.Carried
    {
        get
        {
            var now = MonotonicClock.Now();
            lock (_lock) return [.. _streams.Values.Where(IsCarried).Select(stream => Describe(stream, now))];
        }
    }

    /// <inheritdoc/>
    void IRelayPlane.Connect(IRelayControl control)
    {
        lock (_lock) _cluster = control;
    }

    /// <inheritdoc/>
    bool IRelayPlane.Carries(string streamId) => _streamDirectory.Find(streamId)?.Publication is { HasEnded: false };

    /// <inheritdoc/>
    CarriedStream? IRelayPlane.Find(string streamId)
    {
        var now = MonotonicClock.Now();
        lock (_lock) return _streams.TryGetValue(streamId, out var stream) ? Describe(stream, now) : null;
    }

    /// <inheritdoc/>
    LinkAnswer? IRelayPlane.AcceptLink(LinkRequest request)
    {
        if (request.Fingerprint.Length != 32 || _stop.IsCancellationRequested) return null;
        lock (_lock)
        {
            if (!_children.TryGetValue(request.ChildNodeId, out var links)) _children.Add(request.ChildNodeId, links = []);
            if (links.Find(link => link.Attempt == request.Attempt) is { } known) return known.Answer;
            if (links.Count >= 8 || _children.Count > 4096) return null;

            var local = NewLinkCredentials();
            var peer = _links.Accept($"child-{++_linkCount}", local, request.ChildNodeId, new DtlsFingerprint("sha-256", request.Fingerprint.ToArray()));
            var answer = new LinkAnswer(request.Attempt, _certificateHash, local.UsernameFragment, local.Password, _addresses);
            links.Add(new ChildLink(request.Attempt, peer, local.UsernameFragment, answer));
            _directory.TryAdd(local.UsernameFragment, peer);
            return answer;
        }
    }

    /// <inheritdoc/>
    void IRelayPlane.Apply(RelayCommand command)
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested) return;
            if (command is Detach && !_streams.ContainsKey(command.StreamId)) return;
            var stream = GetOrAddStream(command.StreamId);
            if (command.Stamp < stream.Stamp) return;
            stream.Stamp = command.Stamp;
            switch (command)
            {
                case Attach attach:
                    Carry(stream, attach.ParentNodeId, attach.StandbyNodeId);
                    break;
                case SwitchParent move:
                    Carry(stream, move.ParentNodeId, move.StandbyNodeId);
                    break;
                case SetStandby standby when stream.Relay is { } relay:
                    Carry(stream, relay.Inbound.ParentNodeId ?? relay.Parent, standby.StandbyNodeId);
                    break;
                case Detach:
                    StopCarrying(stream);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Asks all viewers to open new sessions, which another node may serve: this one is about to go.</summary>
    /// <param name="spread">Over which time they are asked, so that they do not come to the other nodes in one instant.</param>
    public void AskToReconnect(TimeSpan spread)
    {
        foreach (var stream in Streams) StreamChanged?.Invoke(new StreamEvent(StreamEventKind.Reconnect, stream) { Spread = spread });
    }

    /// <inheritdoc/>
    void IRelayObserver.OnPublication(RelayInbound inbound) => _reports.Writer.TryWrite(() => HandleRelayedPublication(inbound));

    /// <inheritdoc/>
    void IRelayObserver.OnMedia(RelayInbound inbound) => _reports.Writer.TryWrite(() => HandleRelayedMedia(inbound));

    /// <inheritdoc/>
    void IRelayObserver.OnPublicationEnded(RelayInbound inbound) => _reports.Writer.TryWrite(() => HandleRelayedEnd(inbound));

    /// <inheritdoc/>
    void IRelayObserver.OnParentLost(RelayInbound inbound, string lost, string? taken, MonotonicTime since) => _reports.Writer.TryWrite(() =>
    {
        lock (_lock)
        {
            if (RelayOf(inbound) is not var (stream, relay)) return;
            relay.Fail(lost, MonotonicClock.Now());
            if (taken is not null && relay.Standby == taken) (relay.Parent, relay.Standby) = (taken, null);
            var trace = relay.Trace.BeginHealing(stream.Live.StreamId, _options.NodeId, lost, taken, since);
            TellTrace(relay);
            _cluster?.Report(taken is null
                ? new ParentSilent(stream.Live.StreamId, stream.Stamp, lost) { Trace = trace }
                : new TookStandby(stream.Live.StreamId, stream.Stamp, lost, taken) { Trace = trace });
        }
    });

    /// <inheritdoc/>
    void IRelayObserver.OnMoved(RelayInbound inbound, string parent, bool succeeded) => _reports.Writer.TryWrite(() =>
    {
        lock (_lock)
        {
            if (RelayOf(inbound) is not var (stream, relay)) return;
            if (!succeeded) relay.Fail(parent, MonotonicClock.Now());
            _cluster?.Report(new StreamActive(stream.Live.StreamId, stream.Stamp));
        }
    });

    private static bool IsCarried(NodeStream stream) => stream.Relay is not null || stream.HasPublisher;

    private void PrepareRelay(IEnumerable<IPAddress> addresses)
    {
        _certificateHash = DtlsFingerprint.TryParse($"sha-256 {_certificate.Fingerprint}", out var own) ? own.Hash.ToArray() : throw new InvalidOperationException("The certificate has no hash.");
        _links = new RelayLinkFactory(_options.NodeId, _dtls, _streamDirectory, MonotonicClock.Now, OnServed);
        _addresses = [.. addresses.Select(address => new IPEndPoint(address, Port))];
    }

    /// <summary>Makes a stream come from a parent, with a standby. What is so already stays as it is.</summary>
    private void Carry(NodeStream stream, string? parent, string? standby)
    {
        if (parent is null || parent == _options.NodeId) return;
        var now = MonotonicClock.Now();

        // Somebody else has the stream now: a publisher here of an older epoch has been replaced.
        foreach (var publisher in stream.Publishers.Where(publisher => publisher.Peer.Ingest!.Publication.Epoch < stream.Epoch).ToArray())
            EndLater(publisher, EndReasons.ReplacedElsewhere);
        if (stream.HasPublisher) return;

        if (stream.Relay is not { } relay)
        {
            var inbound = new RelayInbound(_options.NodeId, stream.Live, this, () => _workers.Wake(_workers.RelayWorker));
            stream.Relay = relay = new RelayedStream(inbound) { NeededAt = now };
            RelayEngine.Post(engine => engine.Add(inbound));
            relay.Trace.BeginAttachment(stream.Live.StreamId, _options.NodeId, parent, now);
            TellTrace(relay);
        }
        else if (relay.Parent != parent)
        {
            relay.Trace.Choose(parent);
        }

        (relay.Parent, relay.Standby) = (parent, standby == parent ? null : standby);
        Connect(relay.Parent, now);
        if (relay.Standby is not null) Connect(relay.Standby, now);
        Follow(relay);
    }

    private void StopCarrying(NodeStream stream)
    {
        if (stream.Relay is { } relay)
        {
            stream.Relay = null;
            relay.Trace.GiveUp(MonotonicClock.Now());
            _endedLinks = _endedLinks.Plus(relay.Inbound);
            if (!stream.HasPublisher) (stream.StartedAt, stream.LeftAt) = (null, MonotonicClock.Now());
            var live = stream.Live;
            RelayEngine.Post(engine =>
            {
                engine.Remove(relay.Inbound);
                live.NodesAbove = [];
            });
        }

        ForgetIfUnused(stream);
    }

    /// <summary>Lets a stream come by the transports that there are.</summary>
    private void Follow(RelayedStream relay)
    {
        var parent = relay.Parent is { } node && _parents.TryGetValue(node, out var link) ? link.Transport : null;
        var standby = relay.Standby is { } other && _parents.TryGetValue(other, out link) ? link.Transport : null;
        var dropStandby = relay.Standby is null;
        RelayEngine.Post(_ =>
        {
            if (parent is { HasEnded: false }) relay.Inbound.Follow(parent, MonotonicClock.Now());
            if (standby is { HasEnded: false }) relay.Inbound.StandBy(standby);
            else if (dropStandby) relay.Inbound.StandBy(null);
        });
    }

    private void Connect(string nodeId, MonotonicTime now)
    {
        if (!_parents.TryGetValue(nodeId, out var link)) _parents.Add(nodeId, link = new ParentLink(nodeId));
        link.WantedAt = now;
        if (link.Peer is not null || link.IsAsking || now < link.RetryAt || _cluster is not { } control) return;
        link.IsAsking = true;
        var local = NewLinkCredentials();
        var request = new LinkRequest(_options.NodeId, Guid.NewGuid(), _certificateHash, local.UsernameFragment, local.Password);
        _ = AskAsync(control, link, local, request);
    }

    private async Task AskAsync(IRelayControl control, ParentLink link, IceCredentials local, LinkRequest request)
    {
        LinkAnswer? answer = null;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(LinkPatience);
            answer = await control.RequestLinkAsync(link.NodeId, request, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // As if there had been no answer.
        }

        lock (_lock)
        {
            link.IsAsking = false;
            if (_stop.IsCancellationRequested) return;
            if (answer is null || answer.Fingerprint.Length != 32 || answer.Addresses.Count == 0 || answer.Attempt != request.Attempt
                || !IceCredentials.AreUsable(answer.UsernameFragment, answer.Password))
            {
                Fail(link);
                return;
            }

            var peer = _links.Dial(
                $"parent-{++_linkCount}",
                local,
                link.NodeId,
                new DtlsFingerprint("sha-256", answer.Fingerprint.ToArray()),
                new IceCredentials(answer.UsernameFragment, answer.Password),
                [.. answer.Addresses.Take(16).Select(address => new TransportAddress(address.Address, (ushort)address.Port))]);
            (link.Peer, link.UsernameFragment) = (peer, local.UsernameFragment);
            _directory.TryAdd(local.UsernameFragment, peer);
            RelayEngine.Post(engine => engine.Dial(peer));
            FollowBy(link);
        }
    }

    private void FollowBy(ParentLink link)
    {
        foreach (var stream in _streams.Values)
        {
            if (stream.Relay is { } relay && (relay.Parent == link.NodeId || relay.Standby == link.NodeId)) Follow(relay);
        }
    }

    private void Fail(ParentLink link)
    {
        var now = MonotonicClock.Now();
        link.RetryAt = now + LinkRetry;
        foreach (var stream in _streams.Values)
        {
            if (stream.Relay is { } relay && (relay.Parent == link.NodeId || relay.Standby == link.NodeId)) relay.Fail(link.NodeId, now);
        }

        _cluster?.Report(new LinkDown(link.NodeId));
    }

    private void HandleLinkConnected(Peer peer)
    {
        lock (_lock)
        {
            var node = peer.Relay!.RemoteNodeId;
            if (!peer.Relay.IsParent)
            {
                _cluster?.Report(new LinkUp(node));
                return;
            }

            // The child has proved who it is: what it used before is not used any more.
            if (!_children.TryGetValue(node, out var links)) return;
            foreach (var former in links.TakeWhile(link => link.Peer != peer)) EndRelay(former.Peer, "The node has made another link.");
        }
    }

    private void HandleLinkEnded(Peer peer)
    {
        lock (_lock)
        {
            var node = peer.Relay!.RemoteNodeId;
            if (_parents.TryGetValue(node, out var link) && link.Peer == peer)
            {
                _endedLinks = _endedLinks.Plus(peer.Relay);
                _directory.Remove(link.UsernameFragment);
                link.Peer = null;
                Fail(link);
            }

            if (!_children.TryGetValue(node, out var links) || links.Find(child => child.Peer == peer) is not { } ended) return;
            _endedLinks = _endedLinks.Plus(peer.Relay);
            _directory.Remove(ended.UsernameFragment);
            links.Remove(ended);
            if (links.Count == 0) _children.Remove(node);
        }
    }

    private void HandleRelayedPublication(RelayInbound inbound)
    {
        StreamEvent? change = null;
        lock (_lock)
        {
            if (RelayOf(inbound) is not var (stream, relay) || inbound.Publication is not { } publication) return;
            relay.Begin(MonotonicClock.Now());
            if (stream.PublishedBefore is { } before) change = ContinueAs(stream, before, publication);
            stream.PublishedBefore = publication;
            _cluster?.Report(new StreamActive(stream.Live.StreamId, stream.Stamp));
        }

        if (change is not null) StreamChanged?.Invoke(change);
    }

    private void HandleRelayedMedia(RelayInbound inbound)
    {
        StreamEvent change;
        lock (_lock)
        {
            if (RelayOf(inbound) is not var (stream, relay)) return;
            relay.Trace.End(MonotonicClock.Now());
            stream.StartedAt = _time.GetUtcNow();
            change = new StreamEvent(StreamEventKind.Active, stream.Snapshot());
        }

        StreamChanged?.Invoke(change);
    }

    private void HandleRelayedEnd(RelayInbound inbound)
    {
        StreamEvent change;
        lock (_lock)
        {
            if (RelayOf(inbound) is not var (stream, _)) return;
            (stream.StartedAt, stream.LeftAt) = (null, MonotonicClock.Now());
            change = new StreamEvent(StreamEventKind.Inactive, stream.Snapshot());
        }

        StreamChanged?.Invoke(change);
    }

    /// <summary>Looks once a second after links and after streams that nobody needs; under the lock.</summary>
    private void SampleRelay(MonotonicTime now)
    {
        _load.Sample(_workers.Workers, _options, _streams.Values, now);
        foreach (var stream in _streams.Values)
        {
            if (stream.Relay is not { } relay) continue;
            relay.Sample(now);
            if (relay.Trace.IsForgotten(now)) TellTrace(relay);
            if (relay.Parent is not null) Connect(relay.Parent, now);
            if (relay.Standby is not null) Connect(relay.Standby, now);

            // A move that failed is tried again for as long as it is wanted.
            if (relay.Parent is { } wanted && relay.Inbound.ParentNodeId != wanted && relay.Inbound.NextNodeId != wanted) Follow(relay);
            if (stream.Live.Viewers > 0 || stream.Live.Children > 0 || stream.Live.IsRecorded) (relay.NeededAt, relay.IsIdle) = (now, false);
            else if (!relay.IsIdle && now - relay.NeededAt >= StreamLinger)
            {
                relay.IsIdle = true;
                _cluster?.Report(new StreamIdle(stream.Live.StreamId, stream.Stamp));
            }
        }

        foreach (var link in _parents.Values.ToArray())
        {
            if (link.Peer is not { } peer)
            {
                if (!link.IsAsking && now - link.WantedAt > LinkLinger) _parents.Remove(link.NodeId);
                continue;
            }

            var transport = link.Transport!;
            if (!transport.IsConnected && now - peer.CreatedAt > LinkPatience) EndRelay(peer, "The node did not answer.");
            else if (transport.IsConnected && now - transport.LastHeard > LinkSilence) EndRelay(peer, "The node has fallen silent.");
            else if (now - link.WantedAt > LinkLinger) EndRelay(peer, "No stream comes from there any more.");
        }

        foreach (var child in _children.Values.SelectMany(links => links).ToArray())
        {
            if (child.Peer.State == SessionState.New && now - child.Peer.CreatedAt > Peer.AdoptionTimeout) EndRelay(child.Peer, EndReasons.NeverConnected);
        }
    }

    private void EndRelay(Peer peer, string reason)
    {
        peer.TryAdopt(0);
        _workers.Workers[peer.Owner].Engine.Post(engine => engine.End(peer, reason));
    }

    private (NodeStream Stream, RelayedStream Relay)? RelayOf(RelayInbound inbound) =>
        _streams.TryGetValue(inbound.Stream.StreamId, out var stream) && stream.Relay is { } relay && relay.Inbound == inbound ? (stream, relay) : null;

    private static CarriedStream Describe(NodeStream stream, MonotonicTime now)
    {
        var relay = stream.HasPublisher ? null : stream.Relay;
        var tracks = stream.Snapshot().Tracks;
        var publisher = stream.Publisher?.Snapshot(now);
        double bits = tracks.Sum(track => Math.Max(track.BitsPerSecond, track.Layers.Sum(layer => layer.Active ? layer.BitsPerSecond : 0)));
        return new CarriedStream
        {
            StreamId = stream.Live.StreamId,
            Stamp = stream.Stamp,
            IsRoot = stream.HasPublisher,
            ParentNodeId = relay?.Inbound.ParentNodeId ?? relay?.Parent,
            NextParentNodeId = relay?.Inbound.NextNodeId,
            StandbyNodeId = relay?.Inbound.StandbyNodeId,
            IsActive = stream.Live.Publication is { HasEnded: false },
            Path = stream.HasPublisher ? [] : stream.Live.NodesAbove,
            Viewers = stream.Live.Viewers,
            Children = stream.Live.Children,
            FailedParents = relay?.FailedSince(now - FailureMemory) ?? [],
            IsIdle = relay?.IsIdle ?? false,
            Sessions = stream.Sessions.Count,
            ReceivedBitsPerSecond = publisher?.BitsPerSecond ?? relay?.BitsPerSecond ?? 0,
            FractionLost = publisher?.FractionLost ?? relay?.FractionLost ?? 0,
            RoundTrip = publisher is null ? relay?.Inbound.RoundTrip : publisher.RoundTrip,
            BitsPerSecond = bits,
            PacketsPerSecond = bits / (8 * LoadMeter.TypicalPacket),
        };
    }

    private static IceCredentials NewLinkCredentials() => SessionFactory.NewCredentials();
}
