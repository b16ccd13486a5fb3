using System.Diagnostics;
using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>The node that serves a player is killed; another one is there.</summary>
public sealed class ViewerNodeCrashTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public async Task Player_whose_node_is_killed_plays_on_from_another_one_that_it_was_told_of_and_is_still_the_same_viewer()
    {
        await StartAsync(new NodePlan("source"), new NodePlan("first"), new NodePlan("second"));
        await PublishAsync("source");
        var viewer = await WatchByPageAsync(Cluster["first"].Address);
        var id = Assert.Single(await ViewersAsync("first"));

        var lost = Stopwatch.StartNew();
        await Cluster["first"].CrashAsync();
        await viewer.UntilAsync("() => e2e.connections.length > 1");
        await viewer.UntilAsync("async () => (await e2e.report('inbound-rtp', 'video'))?.framesDecoded > 0");
        await WatchPage.UntilPlayingAsync(viewer);
        Output.WriteLine($"It plays by a new session {lost.ElapsedMilliseconds} ms after the node was killed.");
        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Contains(id, (await Task.WhenAll(ViewersAsync("source"), ViewersAsync("second"))).SelectMany(viewers => viewers));
    }

    private async Task<IReadOnlyList<string>> ViewersAsync(string node)
    {
        using var api = new ClusterApi(Cluster[node]);
        return await api.GetViewersAsync(Stream);
    }
}
