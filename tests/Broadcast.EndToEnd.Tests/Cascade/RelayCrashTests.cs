using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>A relay in the middle of the tree is killed under those who watch below it.</summary>
public sealed class RelayCrashTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    /// <summary>What viewers see is at most half a second (docs/benchmarks.md); the rest is for a machine on which everything else runs too.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task Viewers_below_a_relay_that_is_killed_miss_no_packet_and_keep_their_sessions()
    {
        await StartAsync(DeepTree);
        await PublishAsync("source");
        await WatchAsync("relay", 1);
        var besides = await WatchAsync("spare", 2);
        var viewers = await WatchAsync("leaf", 10);
        var player = await WatchByPageAsync(Cluster["leaf"].Address);
        Assert.True((await player.EvaluateAsync<PlayedSpan>("() => e2e.steady()")).Clean);
        await player.EvaluateAsync<object?>("() => pictureWatch.restart()");
        await viewers.RestartAsync();
        var sources = await viewers.SourcesAsync();

        await Cluster["relay"].CrashAsync();
        var seen = await viewers.UntilMoreAsync(8 * Source.PacketsPerSecond, Patience);
        Output.WriteLine($"Below the killed relay: {seen}");
        var pauseMs = await player.EvaluateAsync<double>("() => pictureWatch.longestMs");
        Output.WriteLine($"Elsewhere: {await besides.LookAsync()}\nA browser: {pauseMs:F0} ms without a new picture");

        Assert.Contains("took the standby spare", Cluster["leaf"].Log, StringComparison.Ordinal);
        Assert.Empty(seen.Ended);
        Assert.Equal(0, seen.Lost);
        Assert.InRange(seen.LongestPause, TimeSpan.Zero, LongestPause);
        Assert.Equal(sources, await viewers.SourcesAsync());
        Assert.Equal(0, (await besides.LookAsync()).Lost);
        Assert.InRange(pauseMs, 0, LongestPause.TotalMilliseconds);

        // On a slow machine the player may have made ready to leave; it has not left.
        Assert.Equal("connected", await player.EvaluateAsync<string>("() => e2e.connections[0].connectionState"));
    }
}
