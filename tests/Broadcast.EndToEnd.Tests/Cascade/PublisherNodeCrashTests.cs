using System.Diagnostics;
using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>The node at which a stream is published is killed; its publisher comes back at another node.</summary>
public sealed class PublisherNodeCrashTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    /// <summary>Three seconds are the aim (docs/benchmarks.md); the rest is for a machine on which everything else runs too.</summary>
    private static readonly TimeSpan PictureBack = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Viewers_go_on_with_the_publisher_who_comes_back_at_another_node_without_negotiating_again()
    {
        await StartAsync(new NodePlan("first"), new NodePlan("second"), new NodePlan("leaf"));
        await PublishAsync("first");
        var viewers = await WatchAsync("leaf", 5);
        await viewers.UntilMoreAsync(2 * Source.PacketsPerSecond, Patience);
        var sources = await viewers.SourcesAsync();

        await Cluster["first"].CrashAsync();
        await PublishAsync("second");
        var seen = await viewers.UntilMoreAsync(6 * Source.PacketsPerSecond, Patience);
        Output.WriteLine($"With the publisher at another node: {seen}");

        Assert.Empty(seen.Ended);
        Assert.Equal(sources, await viewers.SourcesAsync());
        Assert.InRange(seen.LongestPause, TimeSpan.Zero, PictureBack);
        // A viewer that comes now begins with the new epoch.
        await WatchAsync("leaf", 1);
    }

    [Fact]
    public Task Publish_page_whose_node_is_killed_comes_back_at_another_one_that_it_was_told_of_and_the_player_shows_it() => KillAsync(behindFrontDoor: false);

    [Fact]
    [Trait("Category", "Long")]
    public Task Publish_page_whose_node_is_killed_comes_back_by_the_address_of_several_nodes_and_the_player_shows_it() => KillAsync(behindFrontDoor: true);

    private async Task KillAsync(bool behindFrontDoor)
    {
        await StartAsync(new NodePlan("first"), new NodePlan("second"), new NodePlan("leaf"));
        using var api = new ClusterApi(Cluster["first"]);
        await api.UntilUpAsync(["first", "second", "leaf"], Patience);
        await using var front = new FrontDoor(Cluster["first"], Cluster["second"]);
        var publisher = await PublishByPageAsync(behindFrontDoor ? front.Address : Cluster["first"].Address);
        var viewer = await WatchByPageAsync(Cluster["leaf"].Address);
        Assert.True((await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()")).Clean);
        await viewer.EvaluateAsync<object?>("() => pictureWatch.restart()");
        var lost = Stopwatch.StartNew();
        await Cluster["first"].CrashAsync();
        await viewer.UntilAsync("() => pictureWatch.isOverFor(3000)", seconds: Patience.TotalSeconds);
        var pauseMs = await viewer.EvaluateAsync<double>("() => pictureWatch.longestMs");
        Output.WriteLine($"{pauseMs:F0} ms without a new picture; all was well again {lost.ElapsedMilliseconds} ms after the node was killed.");

        await PublishPage.UntilStateAsync(publisher, "Live");

        // A publisher's page needs seconds to notice and to return; a player that sees nothing for longer than it has patience, and is not
        // told why, tries another session beside the one it has.
        Assert.InRange(await viewer.EvaluateAsync<int>("() => e2e.connections.length"), 1, 3);
        Assert.InRange(pauseMs, 0, PictureBack.TotalMilliseconds);
        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
    }
}
