using Broadcast.Trees;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Benchmarks.Trees;

/// <summary>A cluster of 2,000 nodes in 20 regions and a stream that half of them carry.</summary>
internal sealed class Forest
{
    public const int Regions = 20;
    public const int PerRegion = 100;

    private static readonly NodeCapacity Capacity = new(10e9, 1_200_000, 1000, 16);

    private readonly NodeId[] _outside;
    private readonly NodeId[] _inside;
    private int _next;

    public Forest()
    {
        var random = new Random(7);
        Nodes =
        [
            .. Enumerable.Range(0, Regions * PerRegion).Select(i => new NodeInfo(
                new NodeId($"node-{i / PerRegion:D2}-{i % PerRegion:D3}"), $"region-{i / PerRegion:D2}", $"zone-{i % 3}", NodeRoles.All, Capacity,
                new NodeLoad(random.NextDouble() * 5e9, 500_000, 400 + random.Next(100), 0, random.NextDouble() * 0.7))),
        ];
        Cluster = new ClusterSnapshot(1, Nodes);
        Tree = TreePlanner.PlanNewRoot(Cluster, StreamTree.Empty, StreamDemand.Usual, Nodes[0].Id, new StreamEpoch(1, 1)).Tree;
        foreach (var node in Nodes.Where((_, i) => i % 2 == 0))
        {
            if (TreePlanner.PlanAttach(Cluster, Tree, StreamDemand.Usual, node, "benchmark") is { } plan) Tree = plan.Tree;
        }

        _inside = [.. Tree.Nodes.Keys];
        _outside = [.. Nodes.Select(node => node.Id).Where(id => Tree.Find(id) is null)];
    }

    public NodeInfo[] Nodes { get; }

    public ClusterSnapshot Cluster { get; }

    public StreamTree Tree { get; }

    /// <summary>A viewer at a node that does not carry the stream: that is attached, with a standby.</summary>
    public JoinPlan JoinOutside() =>
        TreePlanner.PlanJoin(Cluster, Tree, StreamDemand.Usual, _outside[_next++ % _outside.Length], viewers: 0, seed: (ulong)_next);

    /// <summary>A viewer at a full node: sent to another.</summary>
    public JoinPlan JoinFull() =>
        TreePlanner.PlanJoin(Cluster, Tree, StreamDemand.Usual, _inside[_next++ % _inside.Length], viewers: 1000, seed: (ulong)_next);

    /// <summary>A node with children dies.</summary>
    public TreePlan Fail() => TreePlanner.PlanFailure(Cluster, Tree, StreamDemand.Usual, Tree.Nodes[Tree.Root!.Value].Children[0]);
}
