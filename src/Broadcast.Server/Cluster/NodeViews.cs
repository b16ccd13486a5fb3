using Broadcast.RelayPlane;
using Broadcast.Server.Options;
using Broadcast.Signalling.Api;
using Broadcast.Trees.Cluster;
using PlannedPlace = Broadcast.Grains.Abstractions.Publishers.TreeNodeView;

namespace Broadcast.Server.Cluster;

/// <summary>Nodes and places in trees as the REST interface shows them.</summary>
internal static class NodeViews
{
    private static readonly (NodeRoles Role, string Name)[] Roles =
        [(NodeRoles.Ingest, "ingest"), (NodeRoles.Relay, "relay"), (NodeRoles.Edge, "edge"), (NodeRoles.Recorder, "recorder")];

    public static NodeView Of(NodeInfo node, string? url, bool isThis) => new(
        node.Id.Value,
        node.Region,
        node.Zone,
        [.. Roles.Where(role => (node.Roles & role.Role) != 0).Select(role => role.Name)],
        Name(node.State),
        isThis,
        url,
        Share(node),
        new NodeLoadView(node.Load.BitsPerSecond, node.Load.PacketsPerSecond, node.Load.Viewers, node.Load.Children, node.Load.CpuBusy),
        new NodeCapacityView(node.Capacity.BitsPerSecond, node.Capacity.PacketsPerSecond, node.Capacity.Viewers, node.Capacity.MaxChildren));

    /// <summary>This node by itself: there are no others, or they cannot be known now.</summary>
    public static NodeView OfThis(ServerOptions options, string nodeId, RelayLoad load, bool draining)
    {
        var roles = Roles.Where(role => options.Roles.Split(',', StringSplitOptions.TrimEntries).Contains(role.Name)).Aggregate(NodeRoles.None, (sum, role) => sum | role.Role);
        var info = new NodeInfo(
            new NodeId(nodeId),
            options.Region,
            options.Zone,
            roles,
            new NodeCapacity(load.CapacityBitsPerSecond, load.CapacityPacketsPerSecond, load.CapacityViewers, load.CapacityChildren),
            new NodeLoad(load.BitsPerSecond, load.PacketsPerSecond, load.Viewers, load.Children, load.Busy),
            draining ? NodeState.Draining : NodeState.Up);
        return Of(info, options.PublicUrl.Length > 0 ? options.PublicUrl : null, isThis: true);
    }

    public static TreeNodeView Of(PlannedPlace place, NodeInfo? node) => new(
        place.NodeId,
        place.Region,
        Name(node?.State ?? NodeState.Gone),
        place.Parent,
        place.Standby,
        place.Depth,
        place.Reason,
        place.StandbyReason,
        place.Version,
        node?.Load.Viewers ?? 0,
        node is null ? 0 : Share(node));

    /// <summary>How full a node is, 0 to 1: the fullest of viewer places, uplink and processors.</summary>
    private static double Share(NodeInfo node)
    {
        if (node.Capacity.Viewers == 0 && node.Capacity.BitsPerSecond == 0) return node.Load.CpuBusy;
        double[] shares =
        [
            Part(node.Load.Viewers, node.Capacity.Viewers),
            Part(node.Load.BitsPerSecond, node.Capacity.BitsPerSecond),
            Part(node.Load.PacketsPerSecond, node.Capacity.PacketsPerSecond),
            node.Load.CpuBusy,
        ];
        return Math.Round(Math.Min(1, shares.Max()), 4);
    }

    private static double Part(double used, double capacity) => capacity > 0 ? used / capacity : 0;

    private static string Name(NodeState state) => state switch
    {
        NodeState.Up => "up",
        NodeState.Draining => "draining",
        NodeState.Suspect => "suspect",
        _ => "gone",
    };
}
