using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>Redis goes away under a running cluster, and comes back.</summary>
public sealed class StoreOutageTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public async Task Media_and_joins_go_on_while_the_store_is_away_and_everything_works_when_it_is_back()
    {
        await StartAsync(new NodePlan("a"), new NodePlan("b"));
        await PublishAsync("a");
        var viewers = await WatchAsync("b", 3);
        await viewers.UntilMoreAsync(2 * Source.PacketsPerSecond, Patience);
        await viewers.RestartAsync();

        // It hangs; then it is gone. Membership notices what is missing for longer than a table refresh.
        await Cluster.Store.HangAsync();
        await viewers.UntilMoreAsync(16 * Source.PacketsPerSecond, Patience);
        await WatchAsync("b", 1);
        await WatchAsync("a", 1);
        await Cluster.Store.CrashAsync();
        await viewers.UntilMoreAsync(12 * Source.PacketsPerSecond, Patience);
        await WatchAsync("b", 1);
        var seen = await viewers.LookAsync();
        Output.WriteLine($"Without the store: {seen}");
        Assert.Empty(seen.Ended);
        Assert.Equal(0, seen.Lost);
        Assert.InRange(seen.LongestPause, TimeSpan.Zero, TimeSpan.FromSeconds(1.5));

        await Cluster.Store.ReviveAsync();
        await PublishAsync("b", "second");
        await WatchAsync("a", 1, "second");
        seen = await viewers.UntilMoreAsync(2 * Source.PacketsPerSecond, Patience);
        Assert.Empty(seen.Ended);
        Assert.Equal(0, seen.Lost);
    }
}
