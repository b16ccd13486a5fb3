using Broadcast.Media.Peers;
using Broadcast.Media.Relay;
using Broadcast.Media.Routing;
using Broadcast.MediaNode.Relay;
using Broadcast.MediaNode.Sessions;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;

namespace Broadcast.Testing.Node;

/// <summary>The part of a virtual node that speaks with other nodes; the relay worker owns what comes from them.</summary>
public sealed partial class VirtualNode : IRelayObserver
{
    private readonly StreamDirectory _directory = new();
    private readonly RelayLinkFactory _links;
    private readonly Dictionary<string, RelayInbound> _inbound = [];
    private int _transports;

    /// <summary>The name of this node.</summary>
    public string NodeId { get; }

    /// <summary>Gives the next publication its epoch; null counts the sessions of this node.</summary>
    public Func<int>? NextEpoch { get; set; }

    /// <summary>Where other nodes reach it.</summary>
    public TransportAddress Address { get; set; }

    /// <summary>From where it speaks to its parents.</summary>
    public TransportAddress RelayAddress { get; set; }

    /// <summary>What it heard of its links, in order.</summary>
    public List<string> RelayEvents { get; } = [];

    /// <summary>How long media was away each time that a parent was lost.</summary>
    public List<TimeSpan> Pauses { get; } = [];

    /// <summary>What children told of the traces they are part of, once they were fed.</summary>
    public List<RelayServed> Served { get; } = [];

    /// <summary>The hash of its certificate.</summary>
    public static DtlsFingerprint Fingerprint => DtlsFingerprint.TryParse($"sha-256 {Certificate.Fingerprint}", out var parsed) ? parsed : throw new InvalidOperationException();

    /// <summary>Streams that come from other nodes.</summary>
    public IReadOnlyDictionary<string, RelayInbound> Inbound => _inbound;

    /// <summary>Connects to another node, from which streams may come then.</summary>
    /// <param name="parent">The other node.</param>
    /// <param name="expected">The certificate that it must have; what it has when null.</param>
    /// <param name="own">The certificate that it expects here; what this node has when null.</param>
    public (RelayTransport Transport, Peer Peer) Dial(VirtualNode parent, DtlsFingerprint? expected = null, DtlsFingerprint? own = null)
    {
        var (local, remote) = (SessionFactory.NewCredentials(), SessionFactory.NewCredentials());
        var accepting = parent._links.Accept($"child-{NodeId}-{++_transports}", remote, NodeId, own ?? Fingerprint);
        parent.Directory.TryAdd(remote.UsernameFragment, accepting);
        parent._usernames.Add(accepting.SessionId, [remote.UsernameFragment]);
        var dialing = _links.Dial($"parent-{parent.NodeId}-{_transports}", local, parent.NodeId, expected ?? Fingerprint, remote, [parent.Address]);
        Directory.TryAdd(local.UsernameFragment, dialing);
        _usernames.Add(dialing.SessionId, [local.UsernameFragment]);
        RelayWorker.Engine.Post(engine => engine.Dial(dialing));
        return (dialing.Relay!, dialing);
    }

    /// <summary>Gets a stream from another node.</summary>
    public RelayInbound Attach(string stream, RelayTransport parent, RelayTransport? standby = null)
    {
        if (!_inbound.TryGetValue(stream, out var inbound))
        {
            inbound = new RelayInbound(NodeId, Stream(stream), this, () => Wake(_workers.Length - 1));
            _inbound.Add(stream, inbound);
            RelayWorker.Engine.Post(engine => engine.Add(inbound));
        }

        RelayWorker.Engine.Post(_ =>
        {
            inbound.Follow(parent, _clock.Now);
            inbound.StandBy(standby);
        });
        return inbound;
    }

    /// <summary>Does without a stream.</summary>
    public void Detach(string stream)
    {
        if (_inbound.Remove(stream, out var inbound)) RelayWorker.Engine.Post(engine => engine.Remove(inbound));
    }

    /// <inheritdoc/>
    void IRelayObserver.OnPublication(RelayInbound inbound) => RelayEvents.Add($"publication {inbound.Publication!.Epoch.Number}");

    /// <inheritdoc/>
    void IRelayObserver.OnMedia(RelayInbound inbound) => RelayEvents.Add("media");

    /// <inheritdoc/>
    void IRelayObserver.OnPublicationEnded(RelayInbound inbound) => RelayEvents.Add("ended");

    /// <inheritdoc/>
    void IRelayObserver.OnParentLost(RelayInbound inbound, string lost, string? taken, MonotonicTime since) => RelayEvents.Add($"lost {lost}, took {taken ?? "nobody"}");

    /// <inheritdoc/>
    void IRelayObserver.OnHealed(RelayInbound inbound, TimeSpan pause) => Pauses.Add(pause);

    /// <inheritdoc/>
    void IRelayObserver.OnMoved(RelayInbound inbound, string parent, bool succeeded) => RelayEvents.Add(succeeded ? $"moved to {parent}" : $"stayed without {parent}");
}
