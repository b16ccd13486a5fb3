using Broadcast.Media.Relay;
using Broadcast.Rtc;
using Broadcast.Testing.Cluster;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Cascade;

/// <summary>What viewers notice when the nodes above theirs die, leave or move: nothing but a short pause, if anything.</summary>
public sealed class HealingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Standby_goes_on_where_a_dead_parent_stopped(int seed)
    {
        using var cluster = Tree(seed, out var publisher, out var viewer);
        cluster.Run(2 + (seed * 0.137));
        cluster.Kill("left");
        cluster["edge"].PlayOut(publisher, 4);
        Assert.Contains("lost left, took right", cluster["edge"].Node.RelayEvents);
        PlaybackAssert.Gapless(cluster["edge"], viewer);
        Assert.Equal(0, viewer.Video.Missing);
        Assert.Equal(0, viewer.Audio!.Missing);
        Assert.InRange(LongestPause(viewer), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void Standby_fills_what_was_lost_just_before(int seed)
    {
        using var cluster = Tree(seed, out var publisher, out var viewer);
        cluster.Run(1);
        cluster.Link("left", "edge").Conditions = LinkConditions.Lossy(0.3, 2);
        cluster.Run(0.1);
        cluster.Kill("left");
        cluster["edge"].PlayOut(publisher, 4);
        PlaybackAssert.Gapless(cluster["edge"], viewer);
        Assert.Equal(0, viewer.Video.Missing);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    public void Planned_move_loses_nothing_and_pauses_nothing(int seed)
    {
        using var cluster = Tree(seed, out var publisher, out var viewer);
        cluster.Run(1);
        var node = cluster["edge"].Node;
        cluster.Attach("edge", "right");
        cluster.RunUntil(() => node.RelayEvents.Contains("moved to right"), 3, "the move");
        cluster.Kill("left");
        cluster["edge"].PlayOut(publisher, 3);
        Assert.DoesNotContain(node.RelayEvents, line => line.StartsWith("lost", StringComparison.Ordinal));
        PlaybackAssert.Gapless(cluster["edge"], viewer);
        Assert.Equal(0, viewer.Video.Missing);
        Assert.Equal(0, viewer.Audio!.Missing);
        Assert.True(LongestPause(viewer) < TimeSpan.FromMilliseconds(80), $"{LongestPause(viewer).TotalMilliseconds} ms");
        Assert.True(node.Inbound["stage"].Duplicates > 5, "both parents sent for a while");
    }

    [Fact]
    public void New_parent_that_does_not_deliver_is_given_up_and_the_old_one_stays()
    {
        using var cluster = Tree(10, out var publisher, out var viewer);
        cluster.Run(1);
        cluster.Add("broken");
        cluster.Attach("edge", "broken", standby: "right");
        cluster.RunUntil(() => cluster["edge"].Node.RelayEvents.Contains("stayed without broken"), 8, "giving up");
        cluster["edge"].PlayOut(publisher, 1);
        PlaybackAssert.Gapless(cluster["edge"], viewer);
        Assert.Equal("left", cluster["edge"].Node.Inbound["stage"].ParentNodeId);
    }

    [Fact]
    public void Without_a_standby_the_loss_is_told_once_and_another_parent_can_be_given()
    {
        using var cluster = new VirtualCluster(11, 1, "origin", "left", "right", "edge");
        var publisher = cluster["origin"].PublishAndSend();
        Follow(cluster, "left", "origin");
        Follow(cluster, "right", "origin");
        Follow(cluster, "edge", "left");
        var viewer = cluster["edge"].WatchAndSee();
        cluster.Kill("left");
        cluster.RunUntil(() => cluster["edge"].Node.RelayEvents.Contains("lost left, took nobody"), 1, "noticing");
        cluster.Run(0.5);
        Assert.Single(cluster["edge"].Node.RelayEvents, line => line.StartsWith("lost", StringComparison.Ordinal));
        cluster.Attach("edge", "right");
        cluster["edge"].PlayOut(publisher, 3);
        PlaybackAssert.Gapless(cluster["edge"], viewer);
        Assert.Equal(0, viewer.Video.Missing);
    }

    [Fact]
    public void Child_whose_own_thread_slept_blames_nobody()
    {
        using var cluster = Tree(12, out _, out var viewer);
        cluster.Run(1);
        cluster["edge"].Node.RelayWorker.Sleep(TimeSpan.FromMilliseconds(900));
        cluster.Run(2);
        Assert.DoesNotContain(cluster["edge"].Node.RelayEvents, line => line.StartsWith("lost", StringComparison.Ordinal));
        Assert.Equal("left", cluster["edge"].Node.Inbound["stage"].ParentNodeId);
        Assert.False(viewer.Video.Decoder.IsStuck(cluster.Clock.Now));
    }

    [Fact]
    public void Child_whose_own_thread_slept_finds_a_dead_parent_soon_all_the_same()
    {
        using var cluster = Tree(15, out var publisher, out var viewer);
        cluster.Run(1);
        cluster.Kill("left");
        cluster.Run(0.02);
        cluster["edge"].Node.Workers[0].Sleep(TimeSpan.FromMilliseconds(320));
        cluster["edge"].PlayOut(publisher, 3);
        Assert.Contains("lost left, took right", cluster["edge"].Node.RelayEvents);
        PlaybackAssert.Gapless(cluster["edge"], viewer);
        Assert.True(LongestPause(viewer) < TimeSpan.FromMilliseconds(520), $"{LongestPause(viewer).TotalMilliseconds} ms");
    }

    [Fact]
    public void Standby_that_knows_a_newer_epoch_is_followed_away_from_a_parent_that_does_not()
    {
        using var cluster = Tree(13, out _, out var viewer);
        cluster.Run(1);

        // The tree falls apart: the publisher comes back on a node that only the standby can reach.
        cluster.Add("other");
        var again = cluster["other"].PublishAndSend();
        cluster.Attach("right", "other");
        var frames = viewer.Video.Decoder.Decoded.Count;
        cluster.RunUntil(() => cluster["edge"].Node.Inbound["stage"].ParentNodeId == "right", 5, "the newer epoch");
        cluster.RunUntil(() => viewer.Video.Decoder.Decoded.Count > frames + 60, 5, "pictures of the newer epoch");
        cluster["edge"].PlayOut(again, 1);
        PlaybackAssert.Intact(cluster["edge"], viewer);
    }

    [Fact]
    public void Healing_is_timed_from_the_last_sign_of_the_parent_and_the_new_one_hears_of_its_trace()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using var cluster = Tree(16, out var publisher, out var viewer);
        cluster["edge"].Node.Inbound["stage"].Trace = Trace;
        cluster.Run(1);
        Assert.Equal(("stage", "edge", Trace), Told(Assert.Single(cluster["left"].Node.Served)));
        Assert.Empty(cluster["right"].Node.Served);
        Assert.Empty(cluster["edge"].Node.Pauses);
        cluster.Kill("left");
        cluster["edge"].PlayOut(publisher, 3);
        Assert.InRange(Assert.Single(cluster["edge"].Node.Pauses), TimeSpan.FromMilliseconds(250), LongestPause(viewer) + TimeSpan.FromMilliseconds(100));
        var served = Assert.Single(cluster["right"].Node.Served);
        Assert.Equal(("stage", "edge", Trace), Told(served));
        Assert.InRange(served.SentAt - served.WantedAt, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void Chain_below_a_dead_node_heals_at_its_top_only()
    {
        using var cluster = Tree(14, out var publisher, out _);
        Follow(cluster, "leaf", "edge");
        var viewer = cluster["leaf"].WatchAndSee();
        cluster.Run(1);
        cluster.Kill("left");
        cluster["leaf"].PlayOut(publisher, 3);
        Assert.DoesNotContain(cluster["leaf"].Node.RelayEvents, line => line.StartsWith("lost", StringComparison.Ordinal));
        PlaybackAssert.Gapless(cluster["leaf"], viewer);
        Assert.Equal(0, viewer.Video.Missing);
        Assert.Equal(["origin", "right", "edge"], cluster["leaf"].Node.Stream("stage").NodesAbove);
    }

    /// <summary>An origin, two relays, and an edge with a viewer that follows the left one while the right one stands by.</summary>
    private static VirtualCluster Tree(int seed, out TestPublisher publisher, out TestViewer viewer)
    {
        var cluster = new VirtualCluster(seed, 1, "origin", "left", "right", "edge", "leaf");
        publisher = cluster["origin"].PublishAndSend();
        Follow(cluster, "left", "origin");
        Follow(cluster, "right", "origin");
        cluster.Attach("edge", "left", standby: "right");
        cluster.RunUntil(() => cluster["edge"].Node.Stream("stage").Publication is not null, 5, "the publication at the edge");
        viewer = cluster["edge"].WatchAndSee();
        return cluster;
    }

    private static (string StreamId, string ChildNodeId, string Trace) Told(RelayServed served) => (served.StreamId, served.ChildNodeId, served.Trace);

    private static void Follow(VirtualCluster cluster, string child, string parent)
    {
        cluster.Attach(child, parent);
        cluster.RunUntil(() => cluster[child].Node.Stream("stage").Publication is not null, 5, $"the publication at {child}");
    }

    private static TimeSpan LongestPause(TestViewer viewer)
    {
        var longest = TimeSpan.Zero;
        var frames = viewer.Video.Decoder.Decoded;
        for (var i = 1; i < frames.Count; i++)
        {
            if (frames[i].At - frames[i - 1].At > longest) longest = frames[i].At - frames[i - 1].At;
        }

        return longest;
    }
}
