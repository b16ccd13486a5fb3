using Broadcast.Media.Peers;
using Broadcast.Media.Relay;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Sdp;

namespace Broadcast.MediaNode.Relay;

/// <summary>Makes the two ends of a transport between nodes. Either end knows the other's certificate beforehand, from the cluster.</summary>
/// <param name="nodeId">This node.</param>
/// <param name="dtls">The process's DTLS context.</param>
/// <param name="streams">The streams that this node has.</param>
/// <param name="clock">The workers' clock.</param>
/// <param name="served">Hears of children that follow their stream's way in a trace.</param>
internal sealed class RelayLinkFactory(string nodeId, DtlsContext dtls, StreamDirectory streams, Func<MonotonicTime> clock, Action<RelayServed> served)
{
    /// <summary>The end that waits: the parent's.</summary>
    /// <param name="sessionId">Unique on this node.</param>
    /// <param name="local">Credentials given to the child.</param>
    /// <param name="childNodeId">Who will come.</param>
    /// <param name="child">Hash of its certificate.</param>
    public Peer Accept(string sessionId, IceCredentials local, string childNodeId, DtlsFingerprint child) =>
        new(sessionId, new IceLiteAgent(local), dtls, DtlsRole.Server, [child], clock())
        {
            Relay = new RelayTransport(nodeId, childNodeId, isParent: true, streams) { Served = served },
        };

    /// <summary>The end that dials: the child's.</summary>
    /// <param name="sessionId">Unique on this node.</param>
    /// <param name="local">Credentials told to the parent.</param>
    /// <param name="parentNodeId">Whom to call.</param>
    /// <param name="parent">Hash of its certificate.</param>
    /// <param name="remote">The parent's credentials.</param>
    /// <param name="addresses">Where it is.</param>
    public Peer Dial(
        string sessionId, IceCredentials local, string parentNodeId, DtlsFingerprint parent, IceCredentials remote, IReadOnlyList<TransportAddress> addresses) =>
        new(sessionId, new IceLiteAgent(local), dtls, DtlsRole.Client, [parent], clock())
        {
            Relay = new RelayTransport(nodeId, parentNodeId, isParent: false, streams),
            Dialer = new RelayDialer(local, remote, addresses),
        };
}
