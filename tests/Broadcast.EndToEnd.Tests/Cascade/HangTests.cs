using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>A relay hangs for so long that the cluster declares it dead, and then goes on as if nothing had been.</summary>
[Trait("Category", "Long")]
public sealed class HangTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public async Task Relay_that_hangs_is_left_and_used_again_when_it_goes_on()
    {
        await StartAsync(DeepTree);
        await PublishAsync("source");
        var own = await WatchAsync("relay", 1);
        await WatchAsync("spare", 1);
        var viewers = await WatchAsync("leaf", 5);
        using var api = new ClusterApi(Cluster["leaf"]);
        await api.UntilTreeAsync(Stream, tree => tree.Any(place => place is { NodeId: "leaf", Parent: "relay", Standby: "spare" }), Patience);
        await viewers.RestartAsync();

        await Cluster["relay"].HangAsync();
        await api.UntilTreeAsync(Stream, tree => tree.All(place => place.NodeId != "relay") && tree.Any(place => place is { NodeId: "leaf", Parent: "spare" }), Patience);
        await Cluster["relay"].ResumeAsync();

        // Its own viewer is still there: DTLS knows of no pause.
        await own.UntilMoreAsync(3 * Source.PacketsPerSecond, Patience);
        await WatchAsync("relay", 1);
        await api.UntilTreeAsync(Stream, tree => tree.Any(place => place is { NodeId: "relay", Parent: not null }), Patience);
        var seen = await viewers.UntilMoreAsync(3 * Source.PacketsPerSecond, Patience);
        Output.WriteLine($"Below the relay that hung: {seen}");
        Assert.Empty(seen.Ended);
        Assert.Equal(0, seen.Lost);
        Assert.InRange(seen.LongestPause, TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
    }
}
