using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Tests;

/// <summary>Clusters for tests.</summary>
internal static class Clusters
{
    public static readonly StreamDemand Demand = new(2_500_000, 300);

    /// <summary>A machine with 10 Gbit/s.</summary>
    public static readonly NodeCapacity Usual = new(10e9, 1_200_000, 1000, 16);

    public static NodeId Id(string value) => new(value);

    public static NodeInfo Node(
        string id, string region = "eu", string zone = "a", NodeRoles roles = NodeRoles.All, NodeCapacity? capacity = null,
        NodeLoad load = default, NodeState state = NodeState.Up) =>
        new(new NodeId(id), region, zone, roles, capacity ?? Usual, load, state);

    public static ClusterSnapshot Of(params NodeInfo[] nodes) => new(1, nodes);

    /// <summary>Nodes "r00-000"… in regions "r00"…, zones in turn.</summary>
    public static NodeInfo[] Many(int regions, int perRegion, int zones = 3, NodeCapacity? capacity = null) =>
    [
        .. from region in Enumerable.Range(0, regions)
           from index in Enumerable.Range(0, perRegion)
           select Node($"r{region:D2}-{index:D3}", $"r{region:D2}", $"z{index % zones}", capacity: capacity),
    ];

    /// <summary>The snapshot with some nodes changed.</summary>
    public static ClusterSnapshot With(this ClusterSnapshot cluster, string id, Func<NodeInfo, NodeInfo> change) =>
        new(cluster.Number + 1, cluster.Nodes.Select(node => node.Id.Value == id ? change(node) : node));
}
