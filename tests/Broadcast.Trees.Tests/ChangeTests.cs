using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;
using static Broadcast.Trees.Tests.Clusters;
using static Broadcast.Trees.Tests.JoinTests;

namespace Broadcast.Trees.Tests;

/// <summary>Failures, drains, new roots, merges, rebalancing, growth: what moves, and that nothing else does.</summary>
public class ChangeTests
{
    private static readonly StreamEpoch Second = new(2, 9);

    [Fact]
    public void Children_of_a_dead_relay_go_to_their_standbys_and_nobody_else_moves()
    {
        var (cluster, tree) = Grown(1, 40);
        var relay = tree.Nodes.Values.First(node => node.Id != tree.Root && node.Children.Count > 1);
        var plan = TreePlanner.PlanFailure(Without(cluster, relay.Id), tree, Demand, relay.Id);
        Assert.All(relay.Children, child => Assert.Equal(tree.Nodes[child].Standby, plan.Tree.Nodes[child].Parent));
        Assert.All(Moved(tree, plan.Tree), id => Assert.Contains(id, relay.Children));
        Assert.Contains(plan.Changes, change => change.Kind == ChangeKind.Switch || change.Reason.StartsWith("its standby took over", StringComparison.Ordinal));
        TreeAssert.Sound(plan.Tree, Without(cluster, relay.Id));
    }

    [Fact]
    public void When_a_gateway_dies_one_of_its_children_takes_over_the_crossing_and_the_others_go_below_it()
    {
        var (cluster, tree) = Grown(2, 8);
        var gateway = Assert.Single(tree.Crossings);
        var plan = TreePlanner.PlanFailure(Without(cluster, gateway), tree, Demand, gateway);
        var deputy = Assert.Single(plan.Tree.Crossings);
        Assert.Equal(gateway, tree.Nodes[deputy].Parent);
        Assert.All(tree.Nodes[gateway].Children, child => Assert.Equal(tree.Nodes[child].Standby, plan.Tree.Nodes[child].Parent));
        Assert.InRange(Depth(plan.Tree), 2, 3);
        Assert.Empty(plan.Tree.Orphans);
        TreeAssert.Sound(plan.Tree, Without(cluster, gateway));
    }

    [Fact]
    public void When_the_root_dies_nobody_moves_until_the_new_epoch_comes()
    {
        var (cluster, tree) = Grown(1, 40);
        var without = Without(cluster, tree.Root!.Value);
        var dead = TreePlanner.PlanFailure(without, tree, Demand, tree.Root.Value);
        Assert.All(dead.Changes.Where(change => change.Kind != ChangeKind.Detach), change => Assert.Equal(ChangeKind.Orphan, change.Kind));
        var back = TreePlanner.PlanNewRoot(without, dead.Tree, Demand, Id("r00-017"), Second);
        Assert.Empty(back.Tree.Orphans);
        Assert.All(back.Tree.Nodes.Keys, id => Assert.True(back.Tree.IsRooted(id)));
        Assert.Empty(Moved(tree, back.Tree).Except([.. tree.Nodes[tree.Root.Value].Children, Id("r00-017")]));
        TreeAssert.Sound(back.Tree, without);
    }

    [Fact]
    public void A_publisher_who_goes_elsewhere_takes_the_old_root_with_all_below_it_along()
    {
        var (cluster, tree) = Grown(1, 40);
        var plan = TreePlanner.PlanNewRoot(cluster, tree, Demand, Id("r00-039"), Second);
        Assert.Equal([Id("r00-000"), Id("r00-039")], Moved(tree, plan.Tree).Order());
        Assert.Equal(Id("r00-039"), plan.Tree.Nodes[Id("r00-000")].Parent);
        Assert.Equal(Second, plan.Tree.Epoch);
    }

    [Fact]
    public void A_publisher_who_goes_to_another_region_leaves_no_link_into_it()
    {
        var (cluster, tree) = Grown(3, 6);
        var plan = TreePlanner.PlanNewRoot(cluster, tree, Demand, Id("r01-004"), Second);
        Assert.DoesNotContain(plan.Tree.Crossings, id => plan.Tree.Nodes[id].Region == "r01");
        Assert.Empty(plan.Tree.Orphans);
        TreeAssert.Sound(plan.Tree, cluster);
    }

    [Fact]
    public void An_older_epoch_changes_nothing()
    {
        var (cluster, tree) = Grown(1, 4);
        Assert.True(TreePlanner.PlanNewRoot(cluster, tree, Demand, Id("r00-002"), new StreamEpoch(1, 0)).IsEmpty);
    }

    [Fact]
    public void A_drained_relay_keeps_nothing_below_it_and_stays_itself()
    {
        var (cluster, tree) = Grown(2, 30);
        var relay = tree.Nodes.Values.First(node => node.Id != tree.Root && node.Children.Count > 1);
        var draining = cluster.With(relay.Id.Value, node => node with { State = NodeState.Draining });
        var plan = TreePlanner.PlanDrain(draining, tree, Demand, relay.Id);
        Assert.Empty(plan.Tree.Nodes[relay.Id].Children);
        Assert.Equal(relay.Parent, plan.Tree.Nodes[relay.Id].Parent);
        Assert.Empty(Moved(tree, plan.Tree).Except(relay.Children));
        Assert.DoesNotContain(plan.Tree.Nodes.Values, node => node.Standby == relay.Id);
        TreeAssert.Sound(plan.Tree, draining);
    }

    [Fact]
    public void A_relay_that_feeds_others_does_not_leave()
    {
        var (cluster, tree) = Grown(1, 40);
        var relay = tree.Nodes.Values.First(node => node.Id != tree.Root && !node.Children.IsEmpty);
        Assert.True(TreePlanner.PlanLeave(cluster, tree, Demand, relay.Id).IsEmpty);
        var leaf = tree.Nodes.Values.First(node => node.Children.IsEmpty);
        Assert.Null(TreePlanner.PlanLeave(cluster, tree, Demand, leaf.Id).Tree.Find(leaf.Id));
    }

    [Fact]
    public void Standbys_are_in_another_zone_wherever_the_region_has_one()
    {
        var (cluster, tree) = Grown(3, 30);
        tree = TreePlanner.PlanStandbys(cluster, tree, Demand).Tree;
        foreach (var node in tree.Nodes.Values.Where(node => node.Standby is not null))
        {
            Assert.False(cluster.Find(node.Standby!.Value)!.SharesZoneWith(cluster.Find(node.Parent!.Value)!), $"{node.Id}: {node.StandbyReason}");
        }

        // All but a few of the root's children, who can only stand by for each other's links.
        Assert.InRange(tree.Nodes.Values.Count(node => node.Standby is null), 1, 3);
        TreeAssert.Sound(tree, cluster);
    }

    [Fact]
    public void A_good_tree_is_not_rebalanced()
    {
        var (cluster, tree) = Grown(5, 30);
        tree = TreePlanner.PlanStandbys(cluster, tree, Demand).Tree;
        Assert.True(TreePlanner.Rebalance(cluster, tree, Demand).IsEmpty);
    }

    [Fact]
    public void A_tree_that_became_deep_is_flattened_by_few_moves_at_a_time()
    {
        var (cluster, tree) = Grown(1, 60);
        for (var i = 2; i < 8; i++) tree = TreePlanner.PlanNewRoot(cluster, tree, Demand, Id($"r00-{60 - (5 * i):D3}"), new StreamEpoch(i, 1)).Tree;
        Assert.True(Depth(tree) > 3);
        for (var i = 0; i < 60; i++)
        {
            var plan = TreePlanner.Rebalance(cluster, tree, Demand, moves: 4);
            Assert.InRange(Moved(tree, plan.Tree).Count(), 0, 4);
            tree = plan.Tree;
        }

        Assert.InRange(Depth(tree), 1, 3);
        TreeAssert.Sound(tree, cluster);
    }

    [Fact]
    public void Two_trees_end_as_the_one_of_the_higher_epoch()
    {
        var cluster = new ClusterSnapshot(1, Many(1, 10));
        var old = Join(cluster, Join(cluster, Root(cluster, "r00-000"), "r00-001"), "r00-002");
        var young = TreePlanner.PlanNewRoot(cluster, StreamTree.Empty, Demand, Id("r00-005"), Second).Tree;
        young = Join(cluster, young, "r00-006");
        var (one, other) = (TreePlanner.Merge(cluster, old, young, Demand).Tree, TreePlanner.Merge(cluster, young, old, Demand).Tree);
        Assert.Equal(Id("r00-005"), one.Root);
        Assert.Equal(one.Nodes.Keys, other.Nodes.Keys);
        Assert.Equal(5, one.Nodes.Count);
        Assert.True(one.Version > Math.Max(old.Version, young.Version));
        TreeAssert.Sound(one, cluster);
    }

    [Fact]
    public void A_hot_stream_is_attached_ahead_of_its_viewers()
    {
        var cluster = new ClusterSnapshot(1, Many(2, 10));
        var plan = TreePlanner.PreWarm(cluster, Root(cluster, "r00-000"), Demand, "r01", 4);
        Assert.Equal(4, plan.Tree.Nodes.Values.Count(node => node.Region == "r01"));
        Assert.Single(plan.Tree.Crossings);
    }

    [Theory]
    [InlineData(100, 2)]
    [InlineData(600, 10)]
    [InlineData(950, 16)]
    public void The_scale_signal_follows_the_viewers(int viewers, int wanted)
    {
        var cluster = new ClusterSnapshot(1, Enumerable.Range(0, 10).Select(i => Node($"n{i}", load: new NodeLoad(0, 0, viewers, 0, 0))));
        Assert.Equal(wanted, TreePlanner.WantedNodes(cluster, "eu").Wanted);
    }

    private static (ClusterSnapshot Cluster, StreamTree Tree) Grown(int regions, int perRegion)
    {
        var cluster = new ClusterSnapshot(1, Many(regions, perRegion));
        var tree = Root(cluster, "r00-000");
        foreach (var node in cluster.Nodes) tree = Join(cluster, tree, node.Id.Value);

        // Some snapshots later all loads are known.
        return (new ClusterSnapshot(9, cluster.Nodes), TreePlanner.PlanStandbys(cluster, tree, Demand).Tree);
    }

    private static ClusterSnapshot Without(ClusterSnapshot cluster, NodeId id) => cluster.With(id.Value, node => node with { State = NodeState.Gone });

    private static IEnumerable<NodeId> Moved(StreamTree before, StreamTree after) =>
        after.Nodes.Values.Where(node => before.Find(node.Id) is { } old && old.Parent != node.Parent).Select(node => node.Id);

    private static int Depth(StreamTree tree) => tree.Nodes.Values.Max(node => node.Depth);
}
