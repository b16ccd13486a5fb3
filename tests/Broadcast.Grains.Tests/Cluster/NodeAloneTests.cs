using Broadcast.Grains.Abstractions.Nodes;
using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.Grains.Abstractions.Viewers;
using Broadcast.Grains.Cluster;

namespace Broadcast.Grains.Tests.Cluster;

/// <summary>One node without any store: the default.</summary>
public class NodeAloneTests
{
    [Fact]
    public async Task A_stream_that_is_here_is_served_without_asking_a_grain()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        await cluster.ClaimAsync("a", "live");
        for (var i = 0; i < 100; i++) await cluster.ServeAsync("a", "live");
        Assert.Equal(0, cluster["a"].RemoteJoins);
    }

    [Fact]
    public async Task A_stream_that_nobody_publishes_is_refused_with_a_time_to_come_again()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        var refused = Assert.IsType<JoinDecision.Refuse>(await cluster.JoinAsync("a", "nothing"));
        Assert.False(refused.IsLive);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.Empty(cluster.Plane("a").Commands);
    }

    [Fact]
    public async Task A_second_publisher_is_told_who_has_the_stream_and_the_same_one_takes_it_over()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        var first = await cluster.ClaimAsync("a", "live", "one");
        Assert.Equal(first.Epoch + 1, (await cluster.ClaimAsync("a", "live", "one")).Epoch);
        var refused = Assert.IsType<ClaimDecision.Refused>(await cluster["a"].ClaimAsync("live", "two", replace: false, CancellationToken.None));
        Assert.Equal("a", refused.HeldBy);
        Assert.True((await cluster.ClaimAsync("a", "live", "two", replace: true)).Epoch > first.Epoch + 1);
    }

    [Fact]
    public async Task A_claim_whose_answer_got_lost_is_answered_again_the_same()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        await cluster.ClaimAsync("a", "other");
        var grain = cluster["a"].Silo.Grains!.GetGrain<IPublisherGrain>("live");
        var node = new NodeStatus { NodeId = "a", Generation = cluster["a"].Silo.Address!.Generation };
        var first = await grain.Claim(new ClaimRequest(node, "s", 17, Replace: false));
        var again = await grain.Claim(new ClaimRequest(node, "s", 17, Replace: false));
        Assert.True(first.Granted);
        Assert.Equal((first.Epoch, first.Version), (again.Epoch, again.Version));
    }

    [Fact]
    public async Task After_the_publisher_ended_another_gets_the_stream()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        var first = await cluster.ClaimAsync("a", "live", "one");
        cluster["a"].Release("live");
        await cluster.WaitForTreeAsync("a", "live", tree => tree.Root is null);
        Assert.True((await cluster.ClaimAsync("a", "live", "two")).Epoch > first.Epoch);
    }

    [Fact]
    public async Task While_the_silo_is_started_again_what_is_here_is_served_and_a_publisher_waits()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        var first = await cluster.ClaimAsync("a", "live", "one");
        var crash = cluster.CrashSiloAsync("a");
        await cluster.ServeAsync("a", "live");
        var other = await cluster.ClaimAsync("a", "other");
        await crash;
        Assert.Equal(1, other.Epoch);

        // Epochs outlive the silo.
        Assert.Equal(first.Epoch + 1, (await cluster.ClaimAsync("a", "live", "two", replace: true)).Epoch);
    }

    [Fact]
    public async Task A_viewers_use_is_recorded_once_with_its_last_figures()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        var session = new ViewerProgress("session", "viewer", "live", DateTimeOffset.UnixEpoch, 10, 1);
        cluster["a"].UpdateViewer(session);
        cluster["a"].EndViewer(session with { Bytes = 30 });
        cluster["a"].EndViewer(session with { Bytes = 30 });
        cluster["a"].UpdateViewer(session);
        await TestCluster.UntilAsync(() => Task.FromResult(cluster.Usage.Sessions.Count > 0));
        var grain = cluster["a"].Silo.Grains!.GetGrain<IViewerGrain>("a/session");
        await grain.Get();
        Assert.Equal(30, Assert.Single(cluster.Usage.Sessions).Bytes);
    }

    [Fact]
    public async Task A_stream_that_does_not_come_is_refused_after_a_while_and_not_waited_for_for_ever()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        cluster.Plane("a").MediaArrives = false;
        await cluster.ClaimAsync("a", "live");
        var refused = Assert.IsType<JoinDecision.Refuse>(await cluster.JoinAsync("a", "live"));
        Assert.True(refused.IsLive);
    }
}
