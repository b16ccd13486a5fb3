using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>All nodes are replaced, one after the other, while somebody watches.</summary>
public sealed class RollingUpgradeTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public Task Player_and_publish_page_survive_the_restart_of_both_of_two_nodes() => SurviveAsync("a", "b");

    [Fact]
    [Trait("Category", "Long")]
    public Task Player_and_publish_page_survive_the_restart_of_every_node() => SurviveAsync("a", "b", "c");

    /// <summary>The publisher's front door leads to the first node and then the second, the viewer's to the second and then the one after.</summary>
    private async Task SurviveAsync(params string[] names)
    {
        await StartAsync([.. names.Select(name => new NodePlan(name))]);
        await using var publishing = new FrontDoor(Cluster[names[0]], Cluster[names[1]]);
        await using var watching = new FrontDoor(Cluster[names[1]], Cluster[names[2 % names.Length]]);
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

        foreach (var name in names) await WatchAsync(name, 1);
    }
}
