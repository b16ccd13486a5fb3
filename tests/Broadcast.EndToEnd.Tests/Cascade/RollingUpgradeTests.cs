using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>All nodes are replaced, one after the other, while somebody watches.</summary>
[Trait("Category", "Long")]
public sealed class RollingUpgradeTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public async Task Player_and_publish_page_survive_the_restart_of_every_node()
    {
        string[] names = ["a", "b", "c"];
        await StartAsync([.. names.Select(name => new NodePlan(name))]);
        await using var publishing = new FrontDoor(Cluster["a"], Cluster["b"]);
        await using var watching = new FrontDoor(Cluster["b"], Cluster["c"]);
        var publisher = await PublishByPageAsync(publishing.Address);
        var viewer = await WatchByPageAsync(watching.Address);

        foreach (var name in names)
        {
            await Cluster[name].StopAsync();
            await Cluster[name].ReviveAsync();
            await PublishPage.UntilStateAsync(publisher, "Live");
            var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
            Output.WriteLine($"After the restart of {name}: {span}");
            Assert.True(span.Clean, span.ToString());
        }

        await WatchAsync("a", 1);
        await WatchAsync("b", 1);
        await WatchAsync("c", 1);
    }
}
