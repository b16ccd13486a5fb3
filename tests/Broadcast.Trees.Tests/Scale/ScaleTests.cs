using Broadcast.Trees.Planning;
using Xunit.Abstractions;

namespace Broadcast.Trees.Tests.Scale;

/// <summary>2,000 nodes in 20 regions, a million viewers of one stream in two minutes.</summary>
public class ScaleTests(ITestOutputHelper output)
{
    private const int Viewers = 1_000_000;

    private static readonly Func<Random, int, int> Even = (random, nodes) => random.Next(nodes);

    /// <summary>A balancer by hashes of few addresses: half of all lands on a tenth of the nodes.</summary>
    private static readonly Func<Random, int, int> Skewed = (random, nodes) => random.Next(2) == 0 ? random.Next(nodes / 10) : random.Next(nodes);

    /// <summary>All that land in a region land on one node.</summary>
    private static readonly Func<Random, int, int> OneNode = (_, _) => 7;

    [Fact]
    public void Viewers_who_land_evenly_are_spread_evenly_over_a_flat_tree() => Check(Even, 0.35);

    [Fact]
    public void Viewers_who_land_on_few_nodes_are_spread_evenly_by_redirects() => Check(Skewed, 1.2);

    [Fact]
    [Trait("Category", "Long")]
    public void Viewers_who_all_land_on_one_node_per_region_are_spread_evenly_by_redirects() => Check(OneNode, 1.3);

    private void Check(Func<Random, int, int> landing, double redirectsPerViewer)
    {
        var crowd = new Crowd(20, 100, seed: 5);
        crowd.Come(Viewers, 120, landing);
        var depth = crowd.Tree.Nodes.Values.Max(node => node.Depth);
        output.WriteLine($"depth {depth} of {crowd.Tree.Nodes.Count} nodes, imbalance {crowd.Imbalance():F3}, {(double)crowd.Redirects / Viewers:F3} redirects per viewer, {crowd.Refused} refused");
        Assert.Equal(2000, crowd.Tree.Nodes.Count);
        Assert.True(depth <= Math.Ceiling(Math.Log10(crowd.Tree.Nodes.Count)) + 1, $"depth {depth}");
        Assert.Equal(19, crowd.Tree.Crossings.Count);
        Assert.True(crowd.Imbalance() <= 1.2, $"imbalance {crowd.Imbalance()}");
        Assert.Equal(Viewers, crowd.Served);
        Assert.True(crowd.Redirects <= redirectsPerViewer * Viewers, $"{crowd.Redirects} redirects");
        TreeAssert.Sound(crowd.Tree, crowd.Cluster);
    }

    [Fact]
    public void Trees_of_every_size_are_flat_where_nodes_feed_ten_and_more()
    {
        foreach (var (regions, perRegion) in ((int, int)[])[(1, 1), (1, 2), (1, 3), (1, 11), (1, 12), (1, 40), (2, 1), (2, 6), (3, 4), (5, 20), (20, 1), (20, 5), (1, 500)])
        {
            var cluster = new Cluster.ClusterSnapshot(1, Clusters.Many(regions, perRegion));
            var tree = JoinTests.Root(cluster, "r00-000");
            foreach (var node in cluster.Nodes) tree = JoinTests.Join(cluster, tree, node.Id.Value);
            var depth = tree.Nodes.Values.Max(node => node.Depth);
            Assert.Equal(cluster.Nodes.Count, tree.Nodes.Count);
            Assert.True(depth <= Math.Ceiling(Math.Log10(tree.Nodes.Count)) + 1, $"{regions} × {perRegion}: depth {depth}");
        }
    }
}
