using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Network;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Congestion;

/// <summary>What <see cref="CongestionTests"/> measures on a viewer's leg, through Janus: the same picture, browser, network and schedule.</summary>
/// <remarks>No tests but figures beside ours, so it is part of no test run: tests/benchmarks/run-congestion.sh starts Janus, and these.</remarks>
[Trait("Category", "Peer")]
public sealed class JanusCongestionTests(Rig rig, ITestOutputHelper output) : CongestionTest(rig, output)
{
    private const int BestWidth = 960;
    private const string BestRid = "f";
    private static readonly string Janus = Environment.GetEnvironmentVariable("BROADCAST_JANUS")
        ?? throw new InvalidOperationException("Set BROADCAST_JANUS to the address of a Janus, as http://127.0.0.1:8088/janus.");

    private readonly int _room = Random.Shared.Next(100_000, 1_000_000_000);

    [Fact]
    public async Task Viewer_whose_network_narrows_and_widens_again()
    {
        await using var leg = new ImpairedLeg(loss: 0, Near, seed: 1) { ToPage = { BitsPerSecond = Wide } };
        var (publisher, viewer) = await PublishAndWatchAsync(leg);
        var span = await NarrowForAWhileAsync(leg.ToPage, viewer, BestWidth, TimeSpan.FromSeconds(20));
        await PrintAsync("viewer's leg narrow for a while, Janus", publisher, span);
        Output.WriteLine($"viewer's leg: {leg}");
    }

    [Fact]
    public async Task Viewer_whose_network_loses_packets()
    {
        await using var leg = new ImpairedLeg(Loss, Far, seed: 2);
        var (publisher, viewer) = await PublishAndWatchAsync(leg);
        await WaitAsync(viewer, Settling);
        var span = await LookAsync(viewer, publisher, BestRid);
        await PrintAsync("viewer's leg with loss, Janus", publisher, span);
        Output.WriteLine($"viewer's leg: {leg}");
    }

    private async Task<(Tab Publisher, Tab Viewer)> PublishAndWatchAsync(ImpairedLeg leg)
    {
        var publisher = await OpenAsync();
        var feed = await LayeredVideo.PublishToJanusAsync(publisher, Janus, _room, FramesPerSecond, BestBitrate);
        var viewer = await OpenAsync();
        await viewer.Page.ExposeFunctionAsync<string, string>("rewriteOffer", leg.Rewrite);
        await PictureTrace.AddAsync(viewer);
        await LayeredVideo.WatchAtJanusAsync(viewer, Janus, _room, feed);
        await viewer.UntilAsync("async (width) => (await e2e.report('inbound-rtp', 'video')).frameWidth === width", BestWidth, seconds: 60);
        return (publisher, viewer);
    }
}
