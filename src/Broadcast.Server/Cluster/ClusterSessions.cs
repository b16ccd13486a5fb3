using Broadcast.Grains.Cluster;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode;
using Broadcast.Server.Hosting;

namespace Broadcast.Server.Cluster;

/// <summary>Tells the cluster what becomes of sessions here, and sessions what becomes of the node.</summary>
internal sealed class ClusterSessions : IDisposable
{
    private readonly ClusterNode _node;
    private readonly MediaPlane _media;
    private readonly NodeDrain _drain;

    public ClusterSessions(ClusterNode node, MediaPlane media, NodeDrain drain)
    {
        (_node, _media, _drain) = (node, media, drain);
        _drain.HasElsewhere = async () => (await node.GetClusterAsync()).Nodes.Any(other => other.IsOpenEdge && other.Id.Value != node.NodeId);
        _media.SessionEnded += OnSessionEnded;
        _node.DrainingChanged += OnDrainingChanged;
    }

    public void Dispose()
    {
        _media.SessionEnded -= OnSessionEnded;
        _node.DrainingChanged -= OnDrainingChanged;
    }

    private void OnSessionEnded(SessionSnapshot session)
    {
        if (session.Kind != SessionKind.Publisher) return;
        var publishes = _media.GetSessions(session.StreamId).Any(other => other.Kind == SessionKind.Publisher && other.State != SessionState.Ended);
        if (!publishes) _node.Release(session.StreamId);
    }

    private void OnDrainingChanged(bool draining) => _drain.Set(draining);
}
