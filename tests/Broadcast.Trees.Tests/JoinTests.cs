using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;
using static Broadcast.Trees.Tests.Clusters;

namespace Broadcast.Trees.Tests;

public class JoinTests
{
    [Fact]
    public void Nobody_publishes_nothing_is_built()
    {
        var plan = TreePlanner.PlanJoin(Of(Node("a")), StreamTree.Empty, Demand, Id("a"));
        Assert.True(Assert.IsType<JoinPlan.Refuse>(plan).RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public void A_viewer_at_the_publishers_node_is_served_there()
    {
        var cluster = Of(Node("a"), Node("b"));
        Assert.IsType<JoinPlan.Serve>(TreePlanner.PlanJoin(cluster, Root(cluster, "a"), Demand, Id("a")));
    }

    [Fact]
    public void A_viewer_elsewhere_has_that_node_attached_with_a_standby_in_another_zone()
    {
        var cluster = Of(Node("a", zone: "x"), Node("b", zone: "y"), Node("c", zone: "z"), Node("d", zone: "x"));
        var tree = Join(cluster, Join(cluster, Root(cluster, "a"), "b"), "c");
        Assert.Equal(Id("a"), tree.Nodes[Id("c")].Parent);
        Assert.Equal(Id("b"), tree.Nodes[Id("c")].Standby);
        Assert.Contains("same region; depth 1;", tree.Nodes[Id("c")].Reason, StringComparison.Ordinal);
        Assert.Contains("standby in zone y, the parent is in x", tree.Nodes[Id("c")].StandbyReason, StringComparison.Ordinal);
        TreeAssert.Sound(tree, cluster);
    }

    [Fact]
    public void A_region_is_entered_once()
    {
        var cluster = new ClusterSnapshot(1, Many(2, 6));
        var tree = Root(cluster, "r00-000");
        foreach (var index in Enumerable.Range(0, 6)) tree = Join(cluster, tree, $"r01-{index:D3}");
        Assert.Equal([Id("r01-000")], tree.Crossings);
        Assert.All(Enumerable.Range(1, 5), index => Assert.Equal(Id("r01-000"), tree.Nodes[Id($"r01-{index:D3}")].Parent));
    }

    [Fact]
    public void Before_a_leaf_in_a_new_region_comes_a_relay()
    {
        var cluster = Of(Node("a"), Node("leaf", "us", roles: NodeRoles.Edge), Node("relay", "us", roles: NodeRoles.Relay));
        var tree = Join(cluster, Root(cluster, "a"), "leaf");
        Assert.Equal(Id("relay"), tree.Nodes[Id("leaf")].Parent);
        Assert.Equal(Id("a"), tree.Nodes[Id("relay")].Parent);
    }

    [Fact]
    public void Leaves_do_not_take_the_places_that_the_tree_needs_to_grow()
    {
        var few = Usual with { MaxChildren = 4 };
        NodeInfo[] leaves = [.. Enumerable.Range(0, 8).Select(i => Node($"leaf{i}", roles: NodeRoles.Edge))];
        var cluster = Of([Node("a", capacity: few), Node("relay1", capacity: few), Node("relay2", capacity: few), .. leaves]);
        var tree = Root(cluster, "a");
        foreach (var leaf in leaves) tree = Join(cluster, tree, leaf.Id.Value);
        Assert.All(leaves, leaf => Assert.True(tree.IsRooted(leaf.Id)));
        TreeAssert.Sound(tree, cluster);
    }

    [Fact]
    public void A_full_node_sends_the_viewer_to_one_with_room()
    {
        var full = new NodeLoad(0, 0, 1000, 0, 0);
        var cluster = Of(Node("a", load: full), Node("b"));
        Assert.Equal(Id("b"), Assert.IsType<JoinPlan.Redirect>(TreePlanner.PlanJoin(cluster, Root(cluster, "a"), Demand, Id("a"))).Node);
    }

    [Fact]
    public void A_node_fuller_than_its_region_sends_viewers_on_but_never_back()
    {
        var cluster = Of(Node("a", load: new NodeLoad(0, 0, 600, 0, 0)), Node("b", load: new NodeLoad(0, 0, 200, 0, 0)));
        var tree = Root(cluster, "a");
        Assert.IsType<JoinPlan.Redirect>(TreePlanner.PlanJoin(cluster, tree, Demand, Id("a")));
        Assert.IsType<JoinPlan.Serve>(TreePlanner.PlanJoin(cluster, tree, Demand, Id("a"), redirected: true));
    }

    [Fact]
    public void A_draining_node_takes_no_viewer()
    {
        var cluster = Of(Node("a"), Node("b", state: NodeState.Draining));
        Assert.IsType<JoinPlan.Redirect>(TreePlanner.PlanJoin(cluster, Root(cluster, "a"), Demand, Id("b")));
    }

    [Fact]
    public void When_all_are_full_the_viewer_is_told_when_to_come_back()
    {
        var full = new NodeLoad(0, 0, 1000, 0, 0);
        var cluster = Of(Node("a", load: full), Node("b", load: full));
        Assert.True(Assert.IsType<JoinPlan.Refuse>(TreePlanner.PlanJoin(cluster, Root(cluster, "a"), Demand, Id("b"))).RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public void A_full_uplink_feeds_nobody()
    {
        var cluster = Of(Node("a"), Node("b", load: new NodeLoad(9.9e9, 0, 0, 0, 0)), Node("c"), Node("d"));
        var tree = Join(cluster, Root(cluster, "a"), "b");
        tree = Join(cluster.With("a", node => new NodeInfo(node.Id, node.Region, node.Zone, node.Roles, Usual, new NodeLoad(9e9, 0, 0, 1, 0))), tree, "c", expected: false);
        Assert.Null(tree.Find(Id("c")));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-1)]
    [InlineData(1e300)]
    public void A_lying_capacity_harms_nobody(double claim)
    {
        var liar = new NodeCapacity(claim, claim, claim > 0 ? int.MaxValue : int.MinValue, claim > 0 ? int.MaxValue : int.MinValue);
        var nodes = Many(1, 40);
        nodes[1] = Node("liar", "r00", capacity: liar, load: new NodeLoad(-claim, claim, int.MinValue, int.MinValue, claim));
        var cluster = new ClusterSnapshot(1, nodes);
        var tree = Root(cluster, "r00-000");
        foreach (var node in nodes) tree = Join(cluster, tree, node.Id.Value, expected: null);
        TreeAssert.Sound(tree, cluster);
        Assert.InRange(tree.Nodes.Count, 39, 40);
    }

    [Fact]
    public void Equal_arguments_give_equal_plans()
    {
        var forwards = new ClusterSnapshot(1, Many(5, 30));
        var backwards = new ClusterSnapshot(1, Many(5, 30).Reverse());
        var (one, other) = (Root(forwards, "r02-007"), Root(backwards, "r02-007"));
        foreach (var node in forwards.Nodes)
        {
            one = Join(forwards, one, node.Id.Value);
            other = Join(backwards, other, node.Id.Value);
        }

        Assert.Equal(one.Nodes.Values.Select(node => (node.Id, node.Parent, node.Standby)), other.Nodes.Values.Select(node => (node.Id, node.Parent, node.Standby)));
    }

    internal static StreamTree Root(ClusterSnapshot cluster, string id) =>
        TreePlanner.PlanNewRoot(cluster, StreamTree.Empty, Demand, Id(id), new StreamEpoch(1, 1)).Tree;

    /// <summary>The tree after a viewer asked at a node.</summary>
    internal static StreamTree Join(ClusterSnapshot cluster, StreamTree tree, string id, bool? expected = true)
    {
        var plan = TreePlanner.PlanJoin(cluster, tree, Demand, Id(id));
        if (expected is { } attached) Assert.Equal(attached, plan is JoinPlan.Attach or JoinPlan.Serve);
        return plan is JoinPlan.Attach { Plan.Tree: var grown } ? grown : tree;
    }
}
