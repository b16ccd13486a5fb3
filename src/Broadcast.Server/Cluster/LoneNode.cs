using Broadcast.Media.Sessions;
using Broadcast.MediaNode;
using Broadcast.RelayPlane;
using Broadcast.Server.Hosting;
using Broadcast.Server.Options;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Sessions;

namespace Broadcast.Server.Cluster;

/// <summary>A node without a cluster: it is all nodes and all trees there are, and while it drains it takes nobody.</summary>
internal sealed class LoneNode(MediaPlane media, NodeIdentity identity, ServerOptions options, NodeDrain drain) : IClusterOperations, IStreamPlacement
{
    private static readonly StreamPlacement Draining = new StreamPlacement.Refused(
        SessionRefusal.AtCapacity, "This node is about to stop and takes nobody new. Try again soon, or another node.", TimeSpan.FromSeconds(5));

    public ValueTask<StreamPlacement> PlaceAsync(SessionKind kind, string streamId, bool redirected, CancellationToken cancellation) =>
        new(drain.IsDraining ? Draining : StreamPlacement.Here);

    public ValueTask<IReadOnlyList<NodeView>> GetNodesAsync(CancellationToken cancellation) => new([ThisNode()]);

    public ValueTask<bool> DrainAsync(string nodeId, bool draining, CancellationToken cancellation)
    {
        drain.Set(draining);
        return new(true);
    }

    public ValueTask<TreeView?> GetTreeAsync(string streamId, CancellationToken cancellation)
    {
        if (media.GetStream(streamId) is not { Active: true } stream) return new(new TreeView(streamId, null, 0, 0, []));
        var node = ThisNode();
        var place = new TreeNodeView(node.NodeId, node.Region, node.State, null, null, 0, "publishes", "the root has no parent", 1, node.Load.Viewers, node.Share);
        return new(new TreeView(streamId, node.NodeId, stream.Epoch, 1, [place]));
    }

    public ValueTask<IReadOnlyList<ScaleView>> GetScaleAsync(CancellationToken cancellation) => new([]);

    private NodeView ThisNode() => NodeViews.OfThis(options, identity.Id, ((IRelayPlane)media).Load, drain.IsDraining);
}
