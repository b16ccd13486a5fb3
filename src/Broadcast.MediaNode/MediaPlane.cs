using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Broadcast.Media.Layers;
using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode.Sessions;
using Broadcast.MediaNode.Telemetry;
using Broadcast.MediaNode.Workers;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Sdp;

namespace Broadcast.MediaNode;

/// <summary>The media plane of a node: creates sessions for the HTTP plane, follows what the workers report, and keeps the books.</summary>
/// <remarks>Control side only: one lock, never taken by a worker. Workers report through a queue that one task drains.</remarks>
public sealed partial class MediaPlane : IMediaPlane, IEngineObserver, IDisposable
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);

    private readonly MediaNodeOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly PeerDirectory _directory = new();
    private readonly WorkerGroup _workers;
    private readonly SessionFactory _factory;
    private readonly DtlsCertificate _certificate;
    private readonly DtlsContext _dtls;
    private readonly Dictionary<string, NodeSession> _sessions = [];
    private readonly Dictionary<string, NodeStream> _streams = [];
    private readonly Channel<Action> _reports = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly HandshakeMemory _handshakeMemory = new();
    private readonly Sampler _sampler;
    private readonly UplinkPlan _uplink;
    private KeyframeTotals _keyframesOfEnded;
    private Task _control = Task.CompletedTask;

    /// <summary>Binds the port and prepares certificates; <see cref="Start"/> begins.</summary>
    /// <exception cref="IOException">The media port is taken.</exception>
    public MediaPlane(MediaNodeOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _certificate = DtlsCertificate.CreateSelfSigned();
        _dtls = new DtlsContext(_certificate);
        _sampler = new Sampler(time, options.PublisherGrace, EndLater);
        _workers = new WorkerGroup(options, _directory, this);
        var port = (ushort)_workers.Port;
        IEnumerable<IPAddress> local = options.HostAddresses.Count > 0 ? options.HostAddresses : WorkerGroup.DiscoverAddresses();
        var addresses = options.PublicAddresses.Concat(local).Select(ip => new TransportAddress(ip, port)).ToArray();
        PrepareRelay(options.PublicAddresses.Concat(local));
        var share = new UplinkShare();
        _uplink = new UplinkPlan(share, options.UplinkBitsPerSecond);
        _factory = new SessionFactory(_dtls, _certificate.Fingerprint, HostCandidates.For(addresses, options.Tcp), options.Ingest, share, MonotonicClock.Now);
    }

    /// <inheritdoc/>
    public event Action<StreamEvent>? StreamChanged;

    /// <inheritdoc/>
    public event Action<SessionSnapshot>? LayerChanged;

    /// <inheritdoc/>
    public event Action<SessionSnapshot>? SessionEnded;

    /// <summary>The UDP and TCP port in use.</summary>
    public int Port => _workers.Port;

    /// <summary>The workers, for metrics.</summary>
    public IReadOnlyList<MediaWorker> Workers => _workers.Workers;

    /// <summary>What became of the wishes for keyframes since the start.</summary>
    public KeyframeTotals Keyframes
    {
        get
        {
            lock (_lock) return _sessions.Values.Aggregate(_keyframesOfEnded, AddKeyframes);
        }
    }

    /// <summary>Sessions in any state.</summary>
    public int SessionCount
    {
        get
        {
            lock (_lock) return _sessions.Count;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<StreamSnapshot> Streams
    {
        get
        {
            lock (_lock) return [.. _streams.Values.Select(stream => stream.Snapshot())];
        }
    }

    /// <summary>Starts the workers and the control task.</summary>
    public void Start()
    {
        _workers.Start();
        _control = Task.WhenAll(Task.Run(DrainReportsAsync), Task.Run(SampleAsync));
    }

    /// <summary>Ends every session with a goodbye and stops.</summary>
    public void Stop(string reason)
    {
        if (_stop.IsCancellationRequested) return;
        _stop.Cancel();
        _workers.Stop(reason);
        _reports.Writer.TryComplete();
        _control.Wait(TimeSpan.FromSeconds(5));
    }

    /// <inheritdoc/>
    public SessionResult Publish(string streamId, string offer, TimeSpan waited = default)
    {
        if (IsFull(out var refused)) return refused;
        NodeStream stream;
        PublicationEpoch epoch;
        lock (_lock)
        {
            stream = GetOrAddStream(streamId);
            epoch = stream.NextEpoch();
        }

        var sessionId = NewSessionId();
        return Register(stream, SessionKind.Publisher, _factory.Publisher(sessionId, offer, stream.Live, epoch, WakeOwnerOf), waited);
    }

    /// <inheritdoc/>
    public SessionResult Watch(string streamId, string offer, LayerChoice choice, TimeSpan waited = default)
    {
        if (IsFull(out var refused)) return refused;
        NodeStream? stream;
        lock (_lock) _streams.TryGetValue(streamId, out stream);
        if (stream?.Live.Publication is not { HasEnded: false } publication)
        {
            return new SessionResult.Refused(SessionRefusal.NotLive, "Nobody is broadcasting this stream now. Try again when it has begun.", TimeSpan.FromSeconds(2));
        }

        // Limits need nothing to exist; what is named exactly must.
        if (choice.IsExact && !publication.Qualities.Offers(choice)) return new SessionResult.Refused(SessionRefusal.UnknownLayer, "There is no such layer now.");
        var creation = _factory.Viewer(NewSessionId(), offer, stream.Live, publication, choice);
        if (creation.Peer?.Viewer is { } viewer)
        {
            lock (_lock) viewer.Layers.IsCrowdedOut = !_uplink.Admits(viewer.Layers, stream.Live);
        }

        return Register(stream, SessionKind.Viewer, creation, waited);
    }

    /// <inheritdoc/>
    public IceRestart? RestartIce(string sessionId, string remoteUsernameFragment, string remotePassword)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(sessionId, out var session) || session.Peer.State == SessionState.Ended) return null;
            IceCredentials credentials;
            do credentials = SessionFactory.NewCredentials();
            while (!_directory.TryAdd(credentials.UsernameFragment, session.Peer));
            session.UsernameFragments.Add(credentials.UsernameFragment);
            session.Peer.Ice.Restart(credentials);
            return new IceRestart(credentials.UsernameFragment, credentials.Password, _factory.Candidates);
        }
    }

    /// <inheritdoc/>
    public bool Close(string sessionId)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(sessionId, out var session) || session.Peer.State == SessionState.Ended) return false;
            EndLater(session, EndReasons.ByRequest);
            return true;
        }
    }

    /// <inheritdoc/>
    public LayerChoiceResult ChooseLayer(string sessionId, LayerChoice choice)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(sessionId, out var session) || session.Peer is not { Viewer: { } viewer } || session.Peer.State == SessionState.Ended)
                return LayerChoiceResult.UnknownSession;
            if (viewer.Streams.All(stream => stream.Media.Kind != MediaKind.Video) || session.Stream.Publication is not { } publication) return LayerChoiceResult.NoVideo;
            if (!publication.Qualities.Offers(choice)) return LayerChoiceResult.UnknownLayer;
            viewer.Layers.Choice = choice;
            return LayerChoiceResult.Accepted;
        }
    }

    /// <inheritdoc/>
    public StreamSnapshot? GetStream(string streamId)
    {
        lock (_lock) return _streams.TryGetValue(streamId, out var stream) ? stream.Snapshot() : null;
    }

    /// <inheritdoc/>
    public SessionSnapshot? GetSession(string sessionId)
    {
        lock (_lock) return _sessions.TryGetValue(sessionId, out var session) ? session.Snapshot(MonotonicClock.Now()) : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<SessionSnapshot> GetSessions(string streamId)
    {
        var now = MonotonicClock.Now();
        lock (_lock) return _streams.TryGetValue(streamId, out var stream) ? [.. stream.Sessions.Select(session => session.Snapshot(now))] : [];
    }

    /// <inheritdoc/>
    void IEngineObserver.OnConnected(Peer peer) => _reports.Writer.TryWrite(() => HandleConnected(peer));

    /// <inheritdoc/>
    void IEngineObserver.OnEnded(Peer peer) => _reports.Writer.TryWrite(() => HandleEnded(peer));

    /// <inheritdoc/>
    void IEngineObserver.OnMedia(Peer publisher) => _reports.Writer.TryWrite(() => HandleMedia(publisher));

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop(EndReasons.NodeStops);
        _workers.Dispose();
        _dtls.Dispose();
        _certificate.Dispose();
        _stop.Dispose();
    }

    private static string NewSessionId()
    {
        Span<byte> random = stackalloc byte[18];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }

    private static KeyframeTotals AddKeyframes(KeyframeTotals totals, NodeSession session) =>
        session.Peer.Ingest is { } ingest ? ingest.Tracks.Aggregate(totals, static (sum, track) => sum.Plus(track.Source.Keyframes)) : totals;

    private bool IsFull(out SessionResult.Refused refused)
    {
        refused = new SessionResult.Refused(SessionRefusal.AtCapacity, "This node serves as many sessions as it may. Try again soon, or another node.", TimeSpan.FromSeconds(5));
        return SessionCount >= _options.MaxSessions;
    }

    private SessionResult Register(NodeStream stream, SessionKind kind, SessionCreation creation, TimeSpan waited)
    {
        if (creation.Refused is { } refused)
        {
            lock (_lock) ForgetIfUnused(stream);
            return refused;
        }

        var now = MonotonicClock.Now();
        var peer = creation.Peer!;
        var session = new NodeSession(stream.Live.StreamId, kind, stream.Live, peer, _time.GetUtcNow()) { AskedAt = peer.CreatedAt - waited, Trace = SessionTrace.Begin(now) };
        var fragment = peer.Ice.Local.UsernameFragment;
        lock (_lock)
        {
            session.UsernameFragments.Add(fragment);
            _sessions.Add(session.Peer.SessionId, session);
            _streams[stream.Live.StreamId] = stream;
            _streamDirectory.Add(stream.Live);
            stream.Sessions.Add(session);
            NoteOpened(session);
        }

        _directory.TryAdd(fragment, session.Peer);
        return new SessionResult.Accepted(session.Peer.SessionId, creation.Answer!, fragment);
    }

    private NodeStream GetOrAddStream(string streamId)
    {
        if (_streams.TryGetValue(streamId, out var stream)) return stream;
        stream = new NodeStream(streamId);
        if (_options.StreamLimits.TryGetValue(streamId, out var limits) || _options.StreamLimits.TryGetValue("*", out limits)) stream.Live.Limits = limits;
        _streams.Add(streamId, stream);
        _streamDirectory.Add(stream.Live);
        return stream;
    }

    private void ForgetIfUnused(NodeStream stream)
    {
        if (stream.Sessions.Count > 0 || stream.Relay is not null) return;
        _streams.Remove(stream.Live.StreamId);
        _streamDirectory.Remove(stream.Live.StreamId);
    }

    private void WakeOwnerOf(Peer peer)
    {
        if (peer.Owner >= 0) _workers.Wake(peer.Owner);
    }

    /// <summary>Ends a session on its worker; an unbound one is given to worker 0 for that.</summary>
    private void EndLater(NodeSession session, string reason)
    {
        var peer = session.Peer;
        peer.TryAdopt(0);
        _workers.Workers[peer.Owner].Engine.Post(engine => engine.End(peer, reason));
    }

    private void HandleConnected(Peer peer)
    {
        if (peer.Relay is not null)
        {
            HandleLinkConnected(peer);
            return;
        }

        StreamEvent? change = null;
        NodeSession? session;
        lock (_lock)
        {
            _handshakeMemory.OnHandshake();
            if (!_sessions.TryGetValue(peer.SessionId, out session)) return;
            session.Sample(MonotonicClock.Now());
            session.Trace?.OnConnected(peer);
        }

        Joined?.Invoke(session.Kind, JoinStep.Connected, peer.ConnectedAt - session.AskedAt);
        if (session.Kind == SessionKind.Viewer) return;
        lock (_lock)
        {
            if (!_sessions.ContainsKey(peer.SessionId)) return;
            var stream = _streams[session.StreamId];
            var previous = stream.Publisher;
            stream.Publisher = session;
            if (previous is not null && previous != session) EndLater(previous, EndReasons.Replaced);
            if (stream.PublishedBefore is { } before) change = ContinueAs(stream, before, peer.Ingest!.Publication);
            stream.PublishedBefore = peer.Ingest!.Publication;
            if (stream.Relay is not null) StopCarrying(stream);
        }

        if (change is not null) StreamChanged?.Invoke(change);
    }

    private void HandleMedia(Peer publisher)
    {
        StreamEvent? change = null;
        TimeSpan took;
        lock (_lock)
        {
            if (!_sessions.TryGetValue(publisher.SessionId, out var session)) return;
            var now = MonotonicClock.Now();
            session.HasMedia = true;
            session.Trace?.OnMedia(now);
            took = now - session.AskedAt;
            var stream = _streams[session.StreamId];
            if (stream.Publisher == session)
            {
                stream.StartedAt = _time.GetUtcNow();
                change = new StreamEvent(StreamEventKind.Active, stream.Snapshot());
            }
        }

        Joined?.Invoke(SessionKind.Publisher, JoinStep.Media, took);
        if (change is not null) StreamChanged?.Invoke(change);
    }

    private void HandleEnded(Peer peer)
    {
        if (peer.Relay is not null)
        {
            HandleLinkEnded(peer);
            return;
        }

        StreamEvent? change = null;
        SessionSnapshot last;
        TimeSpan? firstSent;
        lock (_lock)
        {
            if (!_sessions.Remove(peer.SessionId, out var session)) return;
            foreach (var fragment in session.UsernameFragments) _directory.Remove(fragment);
            last = session.Snapshot(MonotonicClock.Now());
            _keyframesOfEnded = AddKeyframes(_keyframesOfEnded, session);
            firstSent = TakeFirstSent(session);
            NoteEnded(session, last);
            if (!_streams.TryGetValue(session.StreamId, out var stream)) return;
            stream.Sessions.Remove(session);
            if (stream.Publisher == session)
            {
                stream.Publisher = null;
                stream.StartedAt = null;
                stream.LeftAt = MonotonicClock.Now();
                change = new StreamEvent(StreamEventKind.Inactive, stream.Snapshot());
            }

            ForgetIfUnused(stream);
        }

        if (firstSent is { } took) Joined?.Invoke(last.Kind, JoinStep.Media, took);
        if (change is not null) StreamChanged?.Invoke(change);
        SessionEnded?.Invoke(last);
    }

    /// <summary>What viewers must do when a publication follows another: nothing, look at the tracks, or open a new session.</summary>
    private StreamEvent? ContinueAs(NodeStream stream, Publication before, Publication after)
    {
        // A viewer's session has the kinds and codecs of the publication it joined; others need a new negotiation.
        if (after.Tracks.Any(track => before.TrackOf(track.Kind)?.Codec != track.Codec))
        {
            foreach (var viewer in stream.Viewers) EndLater(viewer, EndReasons.OtherFormat);
            return new StreamEvent(StreamEventKind.Reconnect, stream.Snapshot());
        }

        return after.Tracks.DistinctBy(track => track.Kind).Count() < before.Tracks.DistinctBy(track => track.Kind).Count() ? new StreamEvent(StreamEventKind.Layers, stream.Snapshot()) : null;
    }

    private async Task DrainReportsAsync()
    {
        await foreach (var report in _reports.Reader.ReadAllAsync().ConfigureAwait(false)) report();
    }

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(SampleInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                List<StreamEvent> changes;
                List<SessionSnapshot> layers;
                List<TimeSpan> firstSent = [];
                lock (_lock)
                {
                    var now = MonotonicClock.Now();
                    changes = _sampler.Sample(_sessions.Values, _streams.Values, now);
                    layers = [.. _sessions.Values.Where(session => session.TakeLayerChanged()).Select(session => session.Snapshot(now))];
                    foreach (var session in _sessions.Values)
                    {
                        if (TakeFirstSent(session) is { } took) firstSent.Add(took);
                    }

                    _uplink.Update(_sessions.Values);
                    SampleRelay(now);
                }

                foreach (var took in firstSent) Joined?.Invoke(SessionKind.Viewer, JoinStep.Media, took);
                foreach (var change in changes) StreamChanged?.Invoke(change);
                foreach (var session in layers) LayerChanged?.Invoke(session);
                _handshakeMemory.ReturnWhenQuiet();
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }
}
