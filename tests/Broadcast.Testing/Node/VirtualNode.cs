using Broadcast.Media.Layers;
using Broadcast.Media.Peers;
using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode.Relay;
using Broadcast.MediaNode.Sessions;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Sdp;
using Broadcast.Testing.Network;

namespace Broadcast.Testing.Node;

/// <summary>A media node without sockets and threads: the real engines and session factory, driven in virtual time.</summary>
/// <remarks>
/// Its control side does what the media plane's does, at once: a second publisher replaces the first, and an ended session
/// is forgotten.
/// </remarks>
public sealed partial class VirtualNode : IEngineNeighbours, IEngineObserver, IDisposable
{
    private static readonly DtlsCertificate Certificate = DtlsCertificate.CreateSelfSigned();

    private readonly VirtualClock _clock;
    private readonly DtlsContext _dtls = new(Certificate);
    private readonly SessionFactory _factory;
    private readonly VirtualWorker[] _workers;
    private readonly Dictionary<string, LiveStream> _streams = [];
    private readonly Dictionary<string, List<string>> _usernames = [];
    private readonly List<Peer> _live = [];
    private UplinkPlan? _uplinkPlan;
    private int _sessions;

    /// <summary>Creates a node that takes what arrives at the network's server.</summary>
    public VirtualNode(VirtualClock clock, VirtualNetwork network, int workers = 1, IngestPolicy? ingest = null, string nodeId = "node")
    {
        _clock = clock;
        NodeId = nodeId;
        _links = new RelayLinkFactory(nodeId, _dtls, _directory, () => clock.Now, Served.Add);
        _factory = new SessionFactory(
            _dtls, Certificate.Fingerprint, HostCandidates.For([VirtualNetwork.ServerAddress], withTcp: false), ingest ?? IngestPolicy.Default, Uplink, () => clock.Now);
        _workers = [.. Enumerable.Range(0, workers + 1).Select(i => new VirtualWorker(i, this, clock, network, isRelay: i == workers))];
        WorkerOf = address => address.Port % workers;
        network.ServerReceived = (from, datagram) => _workers[WorkerOf(from)].Receive(datagram, PathTo(from));
    }

    /// <summary>Where the kernel would deliver datagrams of an address.</summary>
    public Func<TransportAddress, int> WorkerOf { get; set; }

    /// <summary>What each viewer may use of the uplink.</summary>
    public UplinkShare Uplink { get; } = new();

    /// <summary>Username fragments to peers.</summary>
    public PeerDirectory Directory { get; } = new();

    /// <summary>The workers, the relay worker as the last of them.</summary>
    public IReadOnlyList<VirtualWorker> Workers => _workers;

    /// <summary>The one that owns whatever comes from other nodes.</summary>
    public VirtualWorker RelayWorker => _workers[^1];

    /// <summary>The only, or first, engine.</summary>
    public MediaEngine Engine => _workers[0].Engine;

    /// <summary>Peers that connected and have not ended.</summary>
    public IReadOnlyList<Peer> Connected => _live;

    /// <summary>Peers that ended, in order.</summary>
    public List<Peer> Ended { get; } = [];

    /// <summary>Drops of a kind on all workers.</summary>
    public long Drops(DropReason reason) => _workers.Sum(worker => worker.Engine.Drops[reason]);

    /// <summary>All drops on all workers.</summary>
    public IReadOnlyDictionary<DropReason, long> AllDrops =>
        Enum.GetValues<DropReason>().Where(reason => Drops(reason) > 0).ToDictionary(reason => reason, Drops);

    /// <summary>The streams by name, for whoever reads them without a session.</summary>
    public StreamDirectory LiveStreams => _directory;

    /// <summary>A stream by name.</summary>
    public LiveStream Stream(string name)
    {
        if (_streams.TryGetValue(name, out var stream)) return stream;
        _streams.Add(name, stream = new LiveStream(name));
        _directory.Add(stream);
        return stream;
    }

    /// <summary>What POST to a WHIP endpoint does.</summary>
    public (Peer Peer, string Answer) Publish(string stream, string offer)
    {
        var id = $"session-{++_sessions}";
        return Register(_factory.Publisher(id, offer, Stream(stream), new PublicationEpoch(NextEpoch?.Invoke() ?? _sessions), peer => Wake(Math.Max(0, peer.Owner))));
    }

    /// <summary>What POST to a WHEP endpoint does.</summary>
    public (Peer Peer, string Answer) Watch(string stream, string offer, LayerChoice? choice = null)
    {
        var publication = Stream(stream).Publication ?? throw new InvalidOperationException("Nobody publishes.");
        var (peer, answer) = Register(_factory.Viewer($"session-{++_sessions}", offer, Stream(stream), publication, choice ?? LayerChoice.Automatic));
        if (_uplinkPlan is { } plan) peer.Viewer!.Layers.IsCrowdedOut = !plan.Admits(peer.Viewer.Layers, Stream(stream));
        return (peer, answer);
    }

    /// <summary>Shares an uplink among the viewers of the moment; a real node does it once a second.</summary>
    /// <param name="bitsPerSecond">Each time the same.</param>
    public void ShareUplink(long bitsPerSecond)
    {
        _uplinkPlan ??= new UplinkPlan(Uplink, bitsPerSecond);
        _uplinkPlan.Update([.. _live.Where(peer => peer.Viewer is not null).Select(peer =>
            new NodeSession(peer.Viewer!.Stream.StreamId, SessionKind.Viewer, peer.Viewer.Stream, peer, DateTimeOffset.UnixEpoch))]);
    }

    /// <summary>What an ICE-restart PATCH does.</summary>
    public IceCredentials RestartIce(Peer peer)
    {
        var credentials = SessionFactory.NewCredentials();
        Directory.TryAdd(credentials.UsernameFragment, peer);
        _usernames[peer.SessionId].Add(credentials.UsernameFragment);
        peer.Ice.Restart(credentials);
        return credentials;
    }

    /// <summary>What DELETE does.</summary>
    public void Close(Peer peer)
    {
        peer.TryAdopt(0);
        _workers[peer.Owner].Engine.Post(engine => engine.End(peer, "Closed by request."));
    }

    /// <inheritdoc/>
    public bool TryHandOver(int engineIndex, ReadOnlySpan<byte> datagram, in TransportPath path, MonotonicTime arrival)
    {
        _workers[engineIndex].HandOver(datagram.ToArray(), path, arrival);
        return true;
    }

    /// <inheritdoc/>
    public void NoteNews(int engineIndex, LiveStream stream) => _workers[engineIndex].Engine.NoteNews(stream);

    /// <inheritdoc/>
    public void Wake(int engineIndex) => _workers[engineIndex].Wake();

    /// <inheritdoc/>
    void IEngineObserver.OnConnected(Peer peer)
    {
        _live.Add(peer);
        if (peer.Ingest is null) return;
        foreach (var other in _live.Where(other => other != peer && other.Ingest?.Stream == peer.Ingest.Stream).ToArray()) Close(other);
    }

    /// <inheritdoc/>
    void IEngineObserver.OnEnded(Peer peer)
    {
        _live.Remove(peer);
        Ended.Add(peer);
        foreach (var username in _usernames.GetValueOrDefault(peer.SessionId) ?? []) Directory.Remove(username);
    }

    /// <inheritdoc/>
    void IEngineObserver.OnMedia(Peer publisher)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var worker in _workers) worker.Engine.EndAll("The test is over.");
        _dtls.Dispose();
    }

    /// <summary>The path by which the server sees an address.</summary>
    public static TransportPath PathTo(TransportAddress remote) => new(remote, VirtualNetwork.ServerAddress);

    private (Peer Peer, string Answer) Register(SessionCreation creation)
    {
        if (creation.Refused is { } refused) throw new InvalidOperationException($"{refused.Reason}: {refused.Detail}");
        var peer = creation.Peer!;
        var username = peer.Ice.Local.UsernameFragment;
        Directory.TryAdd(username, peer);
        _usernames.Add(peer.SessionId, [username]);
        return (peer, creation.Answer!);
    }
}
