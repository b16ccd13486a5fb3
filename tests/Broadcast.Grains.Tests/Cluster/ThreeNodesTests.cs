using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.Grains.Abstractions.Relays;
using Broadcast.Grains.Cluster;
using Broadcast.Grains.Tests.Hosting;
using Broadcast.Grains.Tests.Servers;
using Broadcast.RelayPlane;
using Orleans.Runtime;

namespace Broadcast.Grains.Tests.Cluster;

/// <summary>Three whole nodes at one Redis.</summary>
public sealed class ThreeNodesTests(RedisServer redis) : IClassFixture<RedisServer>
{
    [Fact]
    public async Task A_viewer_anywhere_brings_the_stream_to_its_node_and_the_next_one_asks_nobody()
    {
        await using var cluster = await StartAsync();
        await cluster.ClaimAsync("a", "live");
        await cluster.ServeAsync("b", "live");
        await cluster.ServeAsync("b", "live");
        Assert.Equal("a", cluster.Plane("b").Find("live")!.ParentNodeId);
        Assert.Equal(1, cluster["b"].RemoteJoins);

        var tree = await cluster.WaitForTreeAsync("c", "live", tree => tree.Nodes.Length == 2);
        Assert.Equal("a", tree.Root);
        Assert.NotEmpty(tree.Nodes[1].Reason);
    }

    [Fact]
    public async Task Nodes_on_which_nobody_plans_anything_know_the_others_all_the_same()
    {
        await using var cluster = await StartAsync();
        foreach (var node in new[] { "a", "b", "c" })
            await TestCluster.UntilAsync(() => Task.FromResult(cluster[node].LatestCluster.Nodes.Count(other => other.State == Trees.Cluster.NodeState.Up) == 3));
    }

    [Fact]
    public async Task Many_viewers_at_once_are_one_question()
    {
        await using var cluster = await StartAsync();
        await cluster.ClaimAsync("a", "live");
        var joins = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => cluster.JoinAsync("c", "live")));
        Assert.All(joins, join => Assert.IsType<JoinDecision.Serve>(join));
        Assert.True(cluster["c"].RemoteJoins <= 3, $"{cluster["c"].RemoteJoins} questions");
    }

    [Fact]
    public async Task A_full_node_sends_viewers_to_another()
    {
        await using var cluster = await StartAsync();
        await cluster.ClaimAsync("a", "live");
        cluster.Plane("b").Load = cluster.Plane("b").Load with { Viewers = 1000 };
        await TestCluster.UntilAsync(async () => (await cluster["c"].GetClusterAsync()).Find(new("b"))?.Load.Viewers == 1000);
        await TestCluster.UntilAsync(async () => await cluster.JoinAsync("b", "live") is JoinDecision.Redirect);
        var redirect = Assert.IsType<JoinDecision.Redirect>(await cluster.JoinAsync("b", "live"));
        Assert.Equal($"http://{redirect.NodeId}.example", redirect.Url);
        Assert.NotEqual("b", redirect.NodeId);
    }

    [Fact]
    public async Task Two_publishers_at_once_end_as_one()
    {
        await using var cluster = await StartAsync();
        var claims = await Task.WhenAll(
            cluster["a"].ClaimAsync("live", "one", replace: true, CancellationToken.None),
            cluster["b"].ClaimAsync("live", "two", replace: true, CancellationToken.None),
            cluster["c"].ClaimAsync("live", "three", replace: true, CancellationToken.None));
        Assert.Contains(claims, claim => claim is ClaimDecision.Granted);

        string[] names = ["a", "b", "c"];
        await TestCluster.UntilAsync(() => Task.FromResult(names.Count(name => cluster.Plane(name).Find("live")?.IsRoot == true) == 1));
        var root = names.Single(name => cluster.Plane(name).Find("live")?.IsRoot == true);
        Assert.Equal(root, (await cluster.WaitForTreeAsync(root, "live", tree => tree.Root == root)).Root);
    }

    [Fact]
    public async Task An_order_of_an_older_epoch_or_version_changes_nothing()
    {
        await using var cluster = await StartAsync();
        await cluster.ClaimAsync("a", "live");
        await cluster.ServeAsync("b", "live");
        var now = cluster.Plane("b").Find("live")!.Stamp;
        var commands = cluster.Plane("b").Commands.Count;
        var node = cluster["a"].Silo.Grains!.GetGrain<IRelayNodeGrain>("b");

        await node.Place(Order(new Epoch(now.Epoch - 1, ulong.MaxValue), now.Version + 100));
        await node.Place(Order(new Epoch(now.Epoch, now.Claim), now.Version - 1));
        await node.Place(Order(new Epoch(now.Epoch, now.Claim), now.Version));
        Assert.Equal("a", cluster.Plane("b").Find("live")!.ParentNodeId);
        Assert.Equal(commands, cluster.Plane("b").Commands.Count);

        static RelayOrder Order(Epoch epoch, long version) => new("live", "b", epoch, version, OrderKind.Switch, "c", null, "");
    }

    [Fact]
    public async Task The_tree_outlives_the_silo_that_knew_it_and_no_node_is_detached()
    {
        await using var cluster = await StartAsync();
        var claim = await cluster.ClaimAsync("a", "live");
        await cluster.ServeAsync("b", "live");
        await cluster.ServeAsync("c", "live");
        foreach (var node in new[] { "b", "c" }) cluster.Plane(node).Set("live", stream => stream with { Viewers = 10 });

        // Whichever of the three has the grain of the stream, and the directory: each goes once.
        foreach (var node in new[] { "a", "b", "c" })
        {
            await cluster.CrashSiloAsync(node);
            var tree = await cluster.WaitForTreeAsync("a", "live", tree => tree is { Root: "a", Nodes.Length: 3 } && tree.Nodes.All(place => place.NodeId == "a" || place.Parent is not null));
            Assert.Equal(claim.Epoch, tree.Epoch.Number);
        }

        foreach (var node in new[] { "a", "b", "c" }) Assert.DoesNotContain(cluster.Plane(node).Commands, command => command is Detach);
        Assert.True(cluster.Plane("a").Find("live")!.IsRoot);
    }

    [Fact]
    public async Task What_a_node_did_by_itself_when_its_parent_died_becomes_the_plan()
    {
        await using var cluster = await StartAsync();
        await cluster.ClaimAsync("a", "live");
        await cluster.ServeAsync("b", "live");
        await cluster.ServeAsync("c", "live");
        await cluster.WaitForTreeAsync("a", "live", tree => tree.Nodes.Length == 3);
        foreach (var node in new[] { "b", "c" }) cluster.Plane(node).Set("live", stream => stream with { Viewers = 10 });

        var stamp = cluster.Plane("c").Find("live")!.Stamp;
        cluster.Plane("c").Set("live", stream => stream with { ParentNodeId = "b", StandbyNodeId = null });
        cluster["c"].Report(new TookStandby("live", stamp, "a", "b"));
        await cluster.WaitForTreeAsync("a", "live", tree => tree.Nodes.Single(node => node.NodeId == "c").Parent == "b");
    }

    [Fact]
    public async Task A_member_gets_a_link_the_same_for_the_same_attempt_and_a_former_generation_gets_none()
    {
        await using var cluster = await StartAsync();
        var request = new LinkRequest("b", Guid.NewGuid(), new byte[32], "ufrag", "password");
        var first = await cluster["b"].RequestLinkAsync("a", request, CancellationToken.None);
        var again = await cluster["b"].RequestLinkAsync("a", request, CancellationToken.None);
        Assert.Equal(first!.UsernameFragment, again!.UsernameFragment);
        Assert.Equal(["127.0.0.1:8181", "[::1]:8181"], first.Addresses.Select(address => address.ToString()));
        Assert.Null(await cluster["b"].RequestLinkAsync("nobody", request, CancellationToken.None));

        var node = cluster["b"].Silo.Grains!.GetGrain<IRelayNodeGrain>("a");
        var offer = new LinkOffer("b", cluster["b"].Silo.Address!.Generation, Guid.NewGuid(), new byte[32], "u", "p");
        Assert.NotNull(await node.AcceptLink(offer));
        Assert.Null(await node.AcceptLink(offer with { ChildGeneration = offer.ChildGeneration - 1 }));
        Assert.Null(await node.AcceptLink(offer with { ChildNodeId = "stranger" }));
    }

    [Fact]
    public async Task Draining_moves_what_a_node_feeds_and_sends_new_viewers_away()
    {
        await using var cluster = await StartAsync();

        // The publisher's node has room for one child, so the second hangs on the first.
        cluster.Plane("a").Load = cluster.Plane("a").Load with { CapacityChildren = 2 };
        await TestCluster.UntilAsync(async () => (await cluster["b"].GetClusterAsync()).Find(new("a"))?.Capacity.MaxChildren == 2);
        await cluster.ClaimAsync("a", "live");
        await cluster.ServeAsync("b", "live");
        await cluster.ServeAsync("c", "live");
        foreach (var node in new[] { "b", "c" }) cluster.Plane(node).Set("live", stream => stream with { Viewers = 10 });
        var parent = cluster.Plane("c").Find("live")!.ParentNodeId!;
        var drained = parent == "a" ? "b" : parent;

        var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster[drained].DrainingChanged += draining => told.TrySetResult(draining);
        Assert.True(await cluster["a"].DrainAsync(drained, true));
        Assert.True(await told.Task.WaitAsync(TestSilos.Patience));
        await TestCluster.UntilAsync(async () => (await cluster["a"].GetClusterAsync()).StateOf(new(drained)) == Trees.Cluster.NodeState.Draining);
        if (drained == parent) await cluster.Plane("c").WaitForParentAsync("live", "a");
        await TestCluster.UntilAsync(async () => await cluster.JoinAsync(drained, "live") is JoinDecision.Redirect { NodeId: var node } && node != drained);
        Assert.False(await cluster["a"].DrainAsync("nobody", true));
    }

    [Fact]
    public async Task A_node_that_left_is_replaced_as_a_parent()
    {
        await using var cluster = await StartAsync();
        await cluster.ClaimAsync("a", "live");
        await cluster.ServeAsync("b", "live");
        await cluster.ServeAsync("c", "live");
        foreach (var node in new[] { "b", "c" }) cluster.Plane(node).Set("live", stream => stream with { Viewers = 10 });
        await cluster.WaitForTreeAsync("a", "live", tree => tree.Nodes.Length == 3);
        await cluster["b"].StopAsync(CancellationToken.None);
        var tree = await cluster.WaitForTreeAsync("a", "live", tree => tree.Nodes.Length == 2 && tree.Nodes.All(node => node.NodeId != "b"));
        Assert.Equal("a", tree.Nodes.Single(node => node.NodeId == "c").Parent);
        await Assert.ThrowsAnyAsync<OrleansException>(() => cluster["a"].Silo.Grains!.GetGrain<IRelayNodeGrain>("b").Drain(true));
    }

    private Task<TestCluster> StartAsync() => TestCluster.StartAsync(redis.Url, "a", "b", "c");
}
