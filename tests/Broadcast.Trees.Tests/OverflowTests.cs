using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Trees.Tests;

public class OverflowTests
{
    private const ulong Seeds = 200;

    [Fact]
    public void Nobody_is_sent_to_a_node_that_is_busy_full_draining_unreachable_or_of_another_kind()
    {
        var cluster = new ClusterSnapshot(1,
        [
            Node("self"), Node("busy", busy: 0.8), Node("full", viewers: 100), Node("draining", state: NodeState.Draining), Node("nameless"),
            Node("ingest", roles: NodeRoles.Ingest), Node("good"),
        ]);
        Assert.Equal(["good"], Chosen(cluster));
    }

    [Fact]
    public void A_near_node_goes_before_a_far_one_and_a_far_one_before_none()
    {
        Assert.Equal(["near"], Chosen(new ClusterSnapshot(1, [Node("self"), Node("near", busy: 0.5), Node("far", region: "far")])));
        Assert.Equal(["far"], Chosen(new ClusterSnapshot(1, [Node("self"), Node("near", busy: 0.9), Node("far", region: "far")])));
        Assert.Empty(Chosen(new ClusterSnapshot(1, [Node("self")])));
    }

    [Fact]
    public void Those_who_are_sent_away_together_go_to_several_nodes_and_more_to_the_idle_ones()
    {
        var cluster = new ClusterSnapshot(1, [Node("self"), Node("a", busy: 0.1), Node("b", busy: 0.4), Node("c", busy: 0.6)]);
        var counts = Enumerable.Range(0, 9).SelectMany(high => Enumerable.Range(0, 9).Select(low => ((ulong)high << 32) | (uint)low))
            .GroupBy(seed => Find(cluster, seed)!.Id.Value).ToDictionary(group => group.Key, group => group.Count());
        Assert.True(counts["a"] > counts["b"] && counts["b"] > counts["c"] && counts["c"] > 0);
    }

    private static string[] Chosen(ClusterSnapshot cluster)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            if (Find(cluster, (seed << 32) | seed) is { } node) found.Add(node.Id.Value);
        }

        return [.. found];
    }

    private static NodeInfo? Find(ClusterSnapshot cluster, ulong seed) =>
        Overflow.Find(cluster, new NodeId("self"), NodeRoles.Edge, 0.75, node => node.Id.Value != "nameless", seed);

    private static NodeInfo Node(string id, double busy = 0, int viewers = 0, string region = "home", NodeRoles roles = NodeRoles.Edge, NodeState state = NodeState.Up) =>
        new(new NodeId(id), region, "zone", roles, new NodeCapacity(1e9, 1e6, 100, 10), new NodeLoad(0, 0, viewers, 0, busy), state);
}
