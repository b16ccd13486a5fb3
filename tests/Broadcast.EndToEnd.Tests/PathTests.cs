using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Network;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>Other ways through the network than the first UDP candidate.</summary>
public sealed class PathTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    [Fact]
    public async Task Without_udp_media_goes_over_tcp()
    {
        var publisher = await OpenAsync();
        await publisher.RewriteAnswersAsync(Candidates.OnlyTcp);
        await PublishAsync(publisher);
        var viewer = await OpenAsync();
        await viewer.RewriteAnswersAsync(Candidates.OnlyTcp);
        await WatchAsync(viewer);

        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Equal("tcp", await ProtocolAsync(publisher));
        Assert.Equal("tcp", await ProtocolAsync(viewer));
    }

    [Fact]
    public async Task Ice_restart_keeps_the_viewers_media_flowing()
    {
        await PublishAsync();
        var viewer = await OpenAsync();
        await Links.WatchAsync(viewer, Stream);
        await RestartIceAsync(viewer);

        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Equal(1, await viewer.EvaluateAsync<int>("() => e2e.connections.length"));
    }

    [Fact]
    public async Task Ice_restart_keeps_the_publishers_media_flowing()
    {
        var publisher = await OpenAsync();
        await Links.PublishAsync(publisher, Stream, await Node.MintAsync("publish", Stream));
        var viewer = await WatchAsync();
        await RestartIceAsync(publisher);

        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Equal(1, (await Api.GetAsync(Stream)).Epoch);
    }

    private static Task<string> ProtocolAsync(Tab tab) => tab.EvaluateAsync<string>("""
        async () => {
          const stats = await e2e.connection.getStats();
          const transport = [...stats.values()].find(({ type }) => type === 'transport');
          return stats.get(stats.get(transport.selectedCandidatePairId).localCandidateId).protocol;
        }
        """);

    /// <summary>Restarts ICE by PATCH, and waits until the path of the new credentials is in use.</summary>
    private static async Task RestartIceAsync(Tab tab)
    {
        const string Fragment = "async () => (await e2e.report('transport')).iceLocalUsernameFragment";
        var before = await tab.EvaluateAsync<string>(Fragment);
        var pair = await tab.EvaluateAsync<string>("async () => (await e2e.report('transport')).selectedCandidatePairId");
        await tab.EvaluateAsync<object?>("() => link.restartIce()");
        await tab.UntilAsync("async (pair) => (await e2e.report('transport')).selectedCandidatePairId !== pair", pair);
        Assert.NotEqual(before, await tab.EvaluateAsync<string>(Fragment));
        Assert.Contains("PATCH", tab.Console, StringComparison.Ordinal);
        Assert.Equal("connected", await tab.EvaluateAsync<string>("() => link.connection.connectionState"));
    }
}
