using System.Collections.Concurrent;
using Broadcast.Media.Peers;
using Broadcast.Media.Relay;
using Broadcast.Media.Send;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Rtc.Stun;

namespace Broadcast.Media.Routing;

/// <summary>One worker's share of the media plane, without sockets and clocks: datagrams and times in, datagrams out.</summary>
/// <remarks>
/// One thread calls everything but <see cref="Post"/> and <see cref="NoteNews"/>. The order of a turn: <see cref="Receive"/>
/// for each datagram, <see cref="WakeSubscribers"/>, <see cref="Pace"/>, <see cref="Forward"/>, <see cref="Tick"/>, then flush the output.
/// </remarks>
public sealed class MediaEngine : IRelaySubscriptions
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ForeignSweepInterval = TimeSpan.FromSeconds(1);
    private const int SweepSlices = 10;
    private const int MaxForeignPaths = 16_384;

    private readonly PeerDirectory _directory;
    private readonly PacketOutput _output;
    private readonly IEngineNeighbours _neighbours;
    private readonly IEngineObserver _observer;
    private readonly ConcurrentQueue<Action<MediaEngine>> _commands = new();
    private readonly Dictionary<TransportPath, Peer> _peersByPath = new(PathByRemote.Instance);
    private readonly Dictionary<TransportPath, Peer> _foreignPaths = new(PathByRemote.Instance);
    private readonly List<Peer> _publishers = [];
    private readonly List<Peer> _handshaking = [];
    private readonly List<Peer> _viewers = [];
    private readonly List<Peer> _relays = [];
    private readonly List<RelayInbound> _inbound = [];
    private readonly Dictionary<LiveStream, StreamFanOut> _fanOuts = [];
    private readonly List<StreamFanOut> _pendingFanOuts = [];
    private readonly List<StreamFanOut> _pacedFanOuts = [];
    private readonly List<INewsSource> _sourcesWithNews = [];
    private readonly ConcurrentQueue<LiveStream> _newsFromOthers = new();
    private MonotonicTime _nextSweep;
    private MonotonicTime _nextForeignSweep;
    private int _sweepSlice;

    /// <summary>Creates the engine of worker <paramref name="index"/> (0 to 63).</summary>
    public MediaEngine(int index, PeerDirectory directory, PacketOutput output, IEngineNeighbours neighbours, IEngineObserver observer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, 63);
        Index = index;
        _directory = directory;
        _output = output;
        _neighbours = neighbours;
        _observer = observer;
    }

    /// <summary>Which worker this is.</summary>
    public int Index { get; }

    /// <summary>Drops by reason.</summary>
    public DropCounters Drops { get; } = new();

    /// <summary>Connected viewers here.</summary>
    public int ViewerCount => _viewers.Count;

    /// <summary>Adopted peers here, in any state.</summary>
    public int PeerCount => _publishers.Count + _viewers.Count + _relays.Count + _handshaking.Count;

    /// <summary>Addresses of peers, and of other engines' peers, for tests of leaks.</summary>
    internal int PathCount => _peersByPath.Count + _foreignPaths.Count;

    /// <summary>Streams with viewers here, for tests of leaks.</summary>
    internal int FanOutCount => _fanOuts.Count;

    /// <summary>Streams with viewers here that have something to send, for tests that no others are looked at.</summary>
    internal int PendingFanOutCount => _pendingFanOuts.Count;

    /// <summary>Runs something on this engine's thread at its next turn. Any thread; wakes the worker.</summary>
    public void Post(Action<MediaEngine> command)
    {
        _commands.Enqueue(command);
        _neighbours.Wake(Index);
    }

    /// <summary>Runs what was posted.</summary>
    public void RunCommands()
    {
        while (_commands.TryDequeue(out var command)) command(this);
    }

    /// <summary>Takes one datagram; media is decrypted in place (steps 2 to 6).</summary>
    /// <returns>Why it was dropped; already counted.</returns>
    public DropReason Receive(Span<byte> datagram, in TransportPath path, MonotonicTime arrival, MonotonicTime now)
    {
        // :: Step 2: classify by the first byte, find the peer by its address
        var kind = DatagramDemultiplexer.Classify(datagram);
        DropReason reason;
        if (kind == DatagramKind.Stun)
        {
            reason = ReceiveStun(datagram, path, arrival, now);
        }
        else if (kind == DatagramKind.Unknown)
        {
            reason = datagram.IsEmpty ? DropReason.Empty : DropReason.UnknownFirstByte;
        }
        else if (!_peersByPath.TryGetValue(path, out var peer))
        {
            reason = HandOver(datagram, path, arrival);
        }
        else
        {
            // :: Step 3 is DTLS; steps 4 to 6 are media
            reason = kind switch
            {
                DatagramKind.Rtp => ReceiveRtp(peer, datagram, path, arrival),
                DatagramKind.Rtcp => ReceiveRtcp(peer, datagram, path, now),
                _ => ReceiveDtls(peer, datagram, path, now),
            };
        }

        if (reason != DropReason.None) Drops.Count(reason);
        return reason;
    }

    /// <summary>Datagrams that <see cref="Forward"/> would send now, roughly: the worker decides whether to wait for more.</summary>
    public long Pending
    {
        get
        {
            long pending = 0;
            foreach (var fanOut in _pendingFanOuts) pending += fanOut.Pending;
            return pending;
        }
    }

    /// <summary>Sends viewers what is new since the last call (steps 7 to 9); step 10 is the flush of the output.</summary>
    public void Forward(MonotonicTime now)
    {
        foreach (var fanOut in _pendingFanOuts)
        {
            fanOut.IsListed = false;
            if (fanOut.Pending > 0)
            {
                fanOut.Forward(now, _output);
                fanOut.Stream.SetDemand(Index, fanOut.Demand);
            }

            if (fanOut.NextPace != MonotonicTime.Never && !_pacedFanOuts.Contains(fanOut)) _pacedFanOuts.Add(fanOut);
        }

        _pendingFanOuts.Clear();
    }

    /// <summary>Lists the streams with viewers who are due by time: they catch up, wait for their pace, or are probed.</summary>
    public void Pace(MonotonicTime now)
    {
        for (var i = _pacedFanOuts.Count - 1; i >= 0; i--)
        {
            var fanOut = _pacedFanOuts[i];
            if (fanOut.NextPace == MonotonicTime.Never || fanOut.Count == 0)
            {
                _pacedFanOuts.RemoveAt(i);
            }
            else if (now >= fanOut.NextPace)
            {
                fanOut.MarkUrgent();
                ListFanOut(fanOut.Stream);
            }
        }
    }

    /// <summary>When <see cref="Pace"/> has something to do; what it has listed already waits for <see cref="Forward"/>.</summary>
    public MonotonicTime NextPace
    {
        get
        {
            var next = MonotonicTime.Never;
            foreach (var fanOut in _pacedFanOuts)
            {
                if (!fanOut.IsListed) next = MonotonicTime.Min(next, fanOut.NextPace);
            }

            return next;
        }
    }

    private void Urge(Peer viewer)
    {
        if (!_fanOuts.TryGetValue(viewer.Viewer!.Stream, out var fanOut)) return;
        fanOut.MarkUrgent(viewer);
        ListFanOut(fanOut.Stream);
    }

    /// <summary>Wakes the workers that have viewers of what this worker's publishers received, and lists what is to be forwarded here.</summary>
    /// <remarks>What it costs depends on the streams with news, not on those that exist.</remarks>
    public void WakeSubscribers()
    {
        foreach (var source in _sourcesWithNews)
        {
            if (source.TakeHasNews()) Announce(source.Stream);
        }

        _sourcesWithNews.Clear();
        while (_newsFromOthers.TryDequeue(out var stream))
        {
            stream.ClearNews(Index);
            ListFanOut(stream);
        }
    }

    /// <summary>Another worker's publisher has something for viewers here. Any thread; wakes the worker unless it is about to look anyway.</summary>
    public void NoteNews(LiveStream stream)
    {
        if (!stream.TryMarkNews(Index)) return;
        _newsFromOthers.Enqueue(stream);
        _neighbours.Wake(Index);
    }

    /// <summary>Serves timers.</summary>
    /// <returns>When it wants to be called next.</returns>
    public MonotonicTime Tick(MonotonicTime now)
    {
        var next = _nextSweep;
        for (var i = _publishers.Count - 1; i >= 0; i--)
        {
            var publisher = _publishers[i];
            next = MonotonicTime.Min(next, publisher.Tick(now, _output));
            if (publisher.State == SessionState.Ended) Remove(publisher);
        }

        for (var i = _handshaking.Count - 1; i >= 0; i--)
        {
            var peer = _handshaking[i];
            next = MonotonicTime.Min(next, peer.Tick(now, _output));
            if (peer.State == SessionState.Ended) Remove(peer);
        }

        for (var i = _relays.Count - 1; i >= 0; i--)
        {
            var relay = _relays[i];
            next = MonotonicTime.Min(next, relay.Tick(now, _output));
            if (relay.State == SessionState.Ended) Remove(relay);
        }

        foreach (var inbound in _inbound) next = MonotonicTime.Min(next, inbound.Tick(now, _output));
        if (now >= _nextForeignSweep) ForgetForeignPaths(now);
        if (now < _nextSweep) return next;
        SweepViewers(now);
        _nextSweep = now + (SweepInterval / SweepSlices);
        return MonotonicTime.Min(next, _nextSweep);
    }

    /// <summary>Ends a peer of this engine.</summary>
    public void End(Peer peer, string reason)
    {
        peer.End(reason, _output);
        Remove(peer);
    }

    /// <summary>Ends every peer, so that they notice at once.</summary>
    public void EndAll(string reason)
    {
        foreach (var peer in _publishers.Concat(_viewers).Concat(_relays).Concat(_handshaking).ToArray()) End(peer, reason);
    }

    /// <summary>Makes the connectivity checks of a peer that was made for this engine: another node.</summary>
    public void Dial(Peer peer)
    {
        if (!peer.TryAdopt(Index) || peer.State != SessionState.New) return;
        _handshaking.Add(peer);
    }

    /// <summary>Looks after a stream that comes from other nodes, by transports of this engine.</summary>
    public void Add(RelayInbound inbound) => _inbound.Add(inbound);

    /// <summary>Takes leave of the nodes that it comes from.</summary>
    public void Remove(RelayInbound inbound)
    {
        if (_inbound.Remove(inbound)) inbound.End(_output);
    }

    /// <inheritdoc/>
    void IRelaySubscriptions.Subscribe(LiveStream stream, RelayOutbound outbound)
    {
        GetFanOut(stream).Add(outbound);
        ListFanOut(stream);
    }

    /// <inheritdoc/>
    void IRelaySubscriptions.Unsubscribe(LiveStream stream, RelayOutbound outbound)
    {
        if (!_fanOuts.TryGetValue(stream, out var fanOut)) return;
        fanOut.Remove(outbound);
        ForgetIfUnused(fanOut);
    }

    /// <inheritdoc/>
    void IRelaySubscriptions.Urge(LiveStream stream)
    {
        if (!_fanOuts.TryGetValue(stream, out var fanOut)) return;
        fanOut.MarkUrgent();
        ListFanOut(stream);
    }

    /// <summary>Forgets a path whose TCP connection closed.</summary>
    public void OnPathClosed(in TransportPath path)
    {
        if (!_peersByPath.Remove(path, out var peer)) return;
        peer.MappedPaths.Remove(path);
        peer.Ice.RemovePath(path);
    }

    private DropReason ReceiveStun(Span<byte> datagram, in TransportPath path, MonotonicTime arrival, MonotonicTime now)
    {
        // :: Step 3: connectivity checks
        var reason = StunMessageView.TryParse(datagram, out var request);
        if (reason != DropReason.None) return reason;
        if (request.IsBindingSuccess) return ReceiveStunResponse(datagram, request, path, arrival, now);
        if (!request.IsBindingRequest) return request.IsBindingIndication ? DropReason.None : DropReason.StunNotARequest;
        if (!request.TrySplitUsername(out var local, out _)) return DropReason.StunMissingUsername;
        if (!request.HasMessageIntegrity) return DropReason.StunMissingIntegrity;
        if (!_peersByPath.TryGetValue(path, out var peer) || !peer.Ice.Owns(local))
        {
            if (!_directory.TryFind(local, out peer)) return DropReason.StunUnknownUser;
            if (!peer.Ice.Authenticates(request, local)) return DropReason.StunBadIntegrity;
            if (!peer.TryAdopt(Index)) return HandOverTo(peer, datagram, path, arrival);
        }

        if (peer.State == SessionState.Ended) return DropReason.PeerClosed;
        var wasNew = peer.State == SessionState.New;
        reason = peer.HandleStun(request, local, path, now, _output);
        if (reason != DropReason.None) return reason;
        if (wasNew) _handshaking.Add(peer);
        return Map(path, peer);
    }

    /// <summary>The answer to a check that this node made of another one.</summary>
    private DropReason ReceiveStunResponse(Span<byte> datagram, in StunMessageView response, in TransportPath path, MonotonicTime arrival, MonotonicTime now)
    {
        if (!_directory.TryFind(response.TransactionId[..PeerDirectory.UsernameFragmentLength], out var peer) || peer.Dialer is null) return DropReason.StunNotARequest;
        if (!peer.TryAdopt(Index)) return HandOverTo(peer, datagram, path, arrival);
        if (peer.State == SessionState.Ended) return DropReason.PeerClosed;
        var reason = peer.HandleStunResponse(response, path, now, _output);
        return reason != DropReason.None ? reason : Map(path, peer);
    }

    private DropReason ReceiveDtls(Peer peer, Span<byte> datagram, in TransportPath path, MonotonicTime now)
    {
        var before = peer.State;
        var reason = peer.HandleDtls(datagram, path, now, _output);
        if (peer.State == SessionState.Ended) Remove(peer);
        else if (before == SessionState.Connecting && peer.State == SessionState.Connected) OnConnected(peer);
        if (peer.State == SessionState.Connected && peer.TakeEarlyMedia() is { } early) ReceiveEarly(peer, early);
        return reason;
    }

    /// <summary>Takes what came before the keys as if it came now, with the times at which it did.</summary>
    private void ReceiveEarly(Peer peer, EarlyMedia early)
    {
        foreach (var (bytes, path, arrival) in early.Datagrams)
        {
            var reason = DatagramDemultiplexer.Classify(bytes) == DatagramKind.Rtp
                ? ReceiveRtp(peer, bytes, path, arrival)
                : peer.HandleRtcp(bytes, path, Drops, arrival, _output);
            if (reason != DropReason.None) Drops.Count(reason);
        }
    }

    private DropReason ReceiveRtcp(Peer peer, Span<byte> datagram, in TransportPath path, MonotonicTime now)
    {
        var reason = peer.HandleRtcp(datagram, path, Drops, now, _output);
        if (peer.Viewer is { IsUrgent: true } && peer.State == SessionState.Connected) Urge(peer);
        return reason;
    }

    private DropReason ReceiveRtp(Peer peer, Span<byte> datagram, in TransportPath path, MonotonicTime arrival)
    {
        var reason = peer.HandleRtp(datagram, path, arrival, out var source);
        if (reason != DropReason.None) return reason;
        if (peer.Ingest is { } ingest && ingest.TakeIsFirstMedia()) _observer.OnMedia(peer);

        // Packets come in runs of one publisher; one that is listed twice has no news the second time.
        if (source is not null && (_sourcesWithNews.Count == 0 || !ReferenceEquals(_sourcesWithNews[^1], source))) _sourcesWithNews.Add(source);
        return DropReason.None;
    }

    private void Announce(LiveStream stream)
    {
        // The packets must be visible before the mask is read: a viewer that subscribes now either is seen here or sees them.
        Interlocked.MemoryBarrier();
        var others = stream.SubscribedEngines & ~(1L << Index);
        for (; others != 0; others &= others - 1) _neighbours.NoteNews(System.Numerics.BitOperations.TrailingZeroCount(others), stream);
        ListFanOut(stream);
    }

    private void ListFanOut(LiveStream stream)
    {
        if (!_fanOuts.TryGetValue(stream, out var fanOut) || fanOut.IsListed || fanOut.Pending == 0) return;
        fanOut.IsListed = true;
        _pendingFanOuts.Add(fanOut);
    }

    private void OnConnected(Peer peer)
    {
        _handshaking.Remove(peer);
        if (peer.Relay is not null)
        {
            _relays.Add(peer);
            peer.Relay.OnConnected(peer.Channel, peer.Receiver!, this, peer.ConnectedAt);
        }
        else if (peer.Ingest is not null)
        {
            _publishers.Add(peer);
            peer.Ingest.Stream.Replace(peer.Ingest.Publication);
            Announce(peer.Ingest.Stream);
        }
        else
        {
            _viewers.Add(peer);
            var stream = peer.Viewer!.Stream;
            GetFanOut(stream).Add(peer);
            ListFanOut(stream);
            stream.CountViewer(1);
        }

        _observer.OnConnected(peer);
    }

    private StreamFanOut GetFanOut(LiveStream stream)
    {
        if (_fanOuts.TryGetValue(stream, out var fanOut)) return fanOut;
        fanOut = new StreamFanOut(stream);
        _fanOuts.Add(stream, fanOut);
        stream.SetSubscribed(Index, true);
        return fanOut;
    }

    private void ForgetIfUnused(StreamFanOut fanOut)
    {
        if (fanOut.Count > 0) return;
        _fanOuts.Remove(fanOut.Stream);
        _pendingFanOuts.Remove(fanOut);
        fanOut.Stream.SetSubscribed(Index, false);
        fanOut.Stream.SetDemand(Index, 0);
    }

    private void Remove(Peer peer)
    {
        foreach (var path in peer.MappedPaths) _peersByPath.Remove(path);
        peer.MappedPaths.Clear();
        _handshaking.Remove(peer);
        _publishers.Remove(peer);
        _relays.Remove(peer);
        peer.Ingest?.Publication.End();
        if (_viewers.Remove(peer))
        {
            var stream = peer.Viewer!.Stream;
            stream.CountViewer(-1);
            if (_fanOuts.TryGetValue(stream, out var fanOut))
            {
                fanOut.Remove(peer);
                ForgetIfUnused(fanOut);
            }
        }

        _observer.OnEnded(peer);
    }

    /// <summary>Viewers are visited every 100 ms, a tenth of them at a time, so that no turn becomes long.</summary>
    private void SweepViewers(MonotonicTime now)
    {
        for (var i = _viewers.Count - 1 - _sweepSlice; i >= 0; i -= SweepSlices)
        {
            if (i >= _viewers.Count) continue;
            var viewer = _viewers[i];
            viewer.Tick(now, _output);
            if (viewer.State == SessionState.Ended) Remove(viewer);
            else if (viewer.Viewer!.IsUrgent) Urge(viewer);
        }

        _sweepSlice = (_sweepSlice + 1) % SweepSlices;
    }

    /// <summary>The owner of a peer does not know who hands its packets over, so those look themselves.</summary>
    private void ForgetForeignPaths(MonotonicTime now)
    {
        foreach (var (path, peer) in _foreignPaths)
        {
            if (peer.State == SessionState.Ended) _foreignPaths.Remove(path);
        }

        _nextForeignSweep = now + ForeignSweepInterval;
    }

    private DropReason Map(in TransportPath path, Peer peer)
    {
        if (_peersByPath.TryGetValue(path, out var known))
        {
            if (ReferenceEquals(known, peer)) return DropReason.None;
            known.MappedPaths.Remove(path);
        }

        if (peer.MappedPaths.Count >= IceLiteAgent.MaxPaths * 2)
        {
            _peersByPath.Remove(peer.MappedPaths[0]);
            peer.MappedPaths.RemoveAt(0);
        }

        _peersByPath[path] = peer;
        peer.MappedPaths.Add(path);
        return DropReason.None;
    }

    /// <summary>A peer whose address changed may land on another worker's socket: its packets are carried over.</summary>
    private DropReason HandOverTo(Peer peer, Span<byte> datagram, in TransportPath path, MonotonicTime arrival)
    {
        if (_foreignPaths.Count >= MaxForeignPaths) _foreignPaths.Clear();
        _foreignPaths[path] = peer;
        return _neighbours.TryHandOver(peer.Owner, datagram, path, arrival) ? DropReason.None : DropReason.HandoverQueueFull;
    }

    private DropReason HandOver(Span<byte> datagram, in TransportPath path, MonotonicTime arrival)
    {
        if (!_foreignPaths.TryGetValue(path, out var peer)) return DropReason.UnknownTuple;
        if (peer.State == SessionState.Ended)
        {
            _foreignPaths.Remove(path);
            return DropReason.UnknownTuple;
        }

        return _neighbours.TryHandOver(peer.Owner, datagram, path, arrival) ? DropReason.None : DropReason.HandoverQueueFull;
    }

    /// <summary>Peers are known by their remote address and connection; which local address they reached does not matter.</summary>
    private sealed class PathByRemote : IEqualityComparer<TransportPath>
    {
        public static readonly PathByRemote Instance = new();

        public bool Equals(TransportPath x, TransportPath y) => x.Remote == y.Remote && x.TcpConnectionId == y.TcpConnectionId;

        public int GetHashCode(TransportPath path) => HashCode.Combine(path.Remote, path.TcpConnectionId);
    }
}
