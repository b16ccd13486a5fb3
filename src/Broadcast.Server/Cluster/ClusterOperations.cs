using Broadcast.Grains.Cluster;
using Broadcast.RelayPlane;
using Broadcast.Server.Options;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Cluster;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Server.Cluster;

/// <summary>The cluster as operators see it. While it is away this node is all there is to see.</summary>
internal sealed class ClusterOperations(ClusterNode node, IRelayPlane plane, ServerOptions options) : IClusterOperations
{
    public async ValueTask<IReadOnlyList<NodeView>> GetNodesAsync(CancellationToken cancellation)
    {
        var cluster = await node.GetClusterAsync().WaitAsync(cancellation);
        NodeView[] nodes = [.. cluster.Nodes.Select(info => NodeViews.Of(info, node.UrlOf(info.Id.Value), info.Id.Value == node.NodeId))];
        return Array.Exists(nodes, view => view.IsThis) ? nodes : [.. nodes.Append(ThisNode()).OrderBy(view => view.NodeId, StringComparer.Ordinal)];
    }

    public async ValueTask<bool> DrainAsync(string nodeId, bool draining, CancellationToken cancellation) =>
        await node.DrainAsync(nodeId, draining).WaitAsync(cancellation);

    public async ValueTask<TreeView?> GetTreeAsync(string streamId, CancellationToken cancellation)
    {
        if (await node.GetTreeAsync(streamId).WaitAsync(cancellation) is not { } tree) return null;
        var cluster = await node.GetClusterAsync().WaitAsync(cancellation);
        return new TreeView(streamId, tree.Root, tree.Epoch.Number, tree.Version, [.. tree.Nodes.Select(place => NodeViews.Of(place, cluster.Find(new NodeId(place.NodeId))))]);
    }

    public async ValueTask<IReadOnlyList<ScaleView>> GetScaleAsync(CancellationToken cancellation)
    {
        var cluster = await node.GetClusterAsync().WaitAsync(cancellation);
        return [.. Scale.Signals(cluster).Select(signal => new ScaleView(signal.Region, signal.Nodes, signal.Wanted, signal.Reason))];
    }

    private NodeView ThisNode() => NodeViews.OfThis(options, node.NodeId, plane.Load, node.IsDraining);
}
