using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>A stream over several nodes.</summary>
public sealed class RelayTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public async Task Browser_at_one_node_sees_and_hears_what_a_browser_publishes_at_another()
    {
        await StartAsync(new NodePlan("a"), new NodePlan("b"));
        await PublishByPageAsync(Cluster["a"].Address);
        var viewer = await WatchByPageAsync(Cluster["b"].Address);
        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
    }
}
