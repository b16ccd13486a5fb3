using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>Silos cannot reach each other any more, while the store and media can be reached, and then they can again.</summary>
public sealed class PartitionTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public async Task Media_and_joins_go_on_where_a_silo_is_cut_off_and_there_is_one_tree_afterwards()
    {
        if (NodeNetwork.Obstacle is { } obstacle) throw new InvalidOperationException("$XunitDynamicSkip$" + obstacle);
        var network = await NodeNetwork.CreateAsync("source", "left", "right");
        await StartAsync(network, new NodePlan("source"), new NodePlan("left"), new NodePlan("right"));
        await PublishAsync("source");
        var left = await WatchAsync("left", 3);
        var right = await WatchAsync("right", 3);
        await right.UntilMoreAsync(2 * Source.PacketsPerSecond, Patience);
        await left.RestartAsync();
        await right.RestartAsync();

        // Long enough for the others to declare it dead, and for itself to learn that.
        await network.IsolateAsync("right");
        await right.UntilMoreAsync(20 * Source.PacketsPerSecond, Patience);
        await WatchAsync("right", 1);
        await WatchAsync("left", 1);
        foreach (var seen in new[] { await left.LookAsync(), await right.LookAsync() })
        {
            Output.WriteLine($"While cut off: {seen}");
            Assert.Empty(seen.Ended);
            Assert.Equal(0, seen.Lost);
            Assert.InRange(seen.LongestPause, TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
        }

        await network.RejoinAsync("right");
        foreach (var node in (string[])["source", "left", "right"])
        {
            using var api = new ClusterApi(Cluster[node]);
            await api.UntilTreeAsync(Stream, tree => tree.Count == 3 && tree.Single(place => place.Parent is null).NodeId == "source", Patience);
        }

        foreach (var viewers in new[] { left, right })
        {
            var seen = await viewers.UntilMoreAsync(2 * Source.PacketsPerSecond, Patience);
            Output.WriteLine($"Together again: {seen}");
            Assert.Empty(seen.Ended);
            Assert.Equal(0, seen.Lost);
        }

        // What needs both sides works again.
        await PublishAsync("right", "second");
        await WatchAsync("left", 1, "second");
    }
}
