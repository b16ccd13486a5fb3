using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>A relay is taken out of service while others hang below it.</summary>
public sealed class DrainTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    /// <summary>With an overlap there is no pause at all; two players decode at once for a moment, on a machine that encodes too.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task Children_of_a_drained_relay_miss_nothing_and_its_own_viewers_move_to_another_node()
    {
        await StartAsync(DeepTree);
        await PublishAsync("source");
        var player = await WatchByPageAsync(Cluster["relay"].Address);
        await WatchAsync("spare", 1);
        var viewers = await WatchAsync("leaf", 5);
        using var api = new ClusterApi(Cluster["source"]);
        await api.UntilTreeAsync(Stream, tree => tree.Any(place => place is { NodeId: "leaf", Parent: "relay", Standby: "spare" }), Patience);
        await viewers.UntilMoreAsync(2 * Source.PacketsPerSecond, Patience);
        Assert.True((await player.EvaluateAsync<PlayedSpan>("() => e2e.steady()")).Clean);
        await viewers.RestartAsync();
        await player.EvaluateAsync<object?>("() => pictureWatch.restart()");

        await api.DrainAsync("relay");
        await player.UntilAsync("() => e2e.connections.length > 1 && e2e.connections[0].connectionState === 'closed'");
        await api.UntilTreeAsync(Stream, tree => tree.All(place => place.Parent != "relay"), Patience);
        var seen = await viewers.UntilMoreAsync(4 * Source.PacketsPerSecond, Patience);
        var pauseMs = await player.EvaluateAsync<double>("() => pictureWatch.longestMs");
        Output.WriteLine($"Below the drained relay: {seen}\nIts own viewer: {pauseMs:F0} ms without a new picture");

        Assert.Empty(seen.Ended);
        Assert.Equal(0, seen.Lost);
        Assert.InRange(seen.LongestPause, TimeSpan.Zero, LongestPause);
        Assert.InRange(pauseMs, 0, LongestPause.TotalMilliseconds);
        Assert.True((await player.EvaluateAsync<PlayedSpan>("() => e2e.steady()")).Clean);
    }
}
