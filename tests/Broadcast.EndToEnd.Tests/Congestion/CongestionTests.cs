using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Network;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Congestion;

/// <summary>A network that becomes narrow and wide again, or that loses packets, on a viewer's leg and on the publisher's; the player is the product's.</summary>
/// <remarks>
/// Each test prints its figures as a row of the table that tests/benchmarks/run-congestion.sh makes, whose heading has the goals. What is
/// asserted is weaker: here pictures also stop when the machine is busy, for which the encoder's pauses are printed besides.
/// </remarks>
public sealed class CongestionTests(Rig rig, ITestOutputHelper output) : CongestionTest(rig, output)
{
    private const double PauseLimitMs = 1500;
    private static readonly TimeSpan LayersLimit = TimeSpan.FromSeconds(90);

    [Fact]
    [Trait("Category", "Long")]
    public async Task Viewer_whose_network_narrows_gets_a_smaller_picture_in_time_and_the_best_again_when_it_widens()
    {
        await using var leg = new ImpairedLeg(loss: 0, Near, seed: 1) { ToPage = { BitsPerSecond = Wide } };
        var publisher = await OpenPublisherAsync(through: null);
        var best = await PublishAsync(publisher);
        var viewer = await WatchBestAsync(best, through: leg);

        var span = await NarrowForAWhileAsync(leg.ToPage, viewer, best, TimeSpan.FromSeconds(20));
        await WatchPage.OpenStatisticsAsync(viewer);
        Output.WriteLine(await Screens.SaveAsync(viewer, "watch-page-after-congestion"));
        await PrintAsync("viewer's leg narrow for a while", publisher, span);
        Output.WriteLine($"viewer's leg: {leg}");

        Assert.InRange(span.SmallerAfter ?? double.PositiveInfinity, 0, 5);
        Assert.InRange(span.BestAfter ?? double.PositiveInfinity, 0, 20);
        Assert.InRange(span.PauseMs, 0, PauseLimitMs);
    }

    [Fact]
    public async Task Viewer_whose_network_loses_packets_keeps_the_best_picture_and_sees_all_of_it()
    {
        await using var leg = new ImpairedLeg(Loss, Far, seed: 2);
        var publisher = await OpenPublisherAsync(through: null);
        var best = await PublishAsync(publisher);
        var viewer = await WatchBestAsync(best, through: leg);

        // Three of the round trips, and most of it is held.
        await WatchPage.UntilBufferedAsync(viewer, milliseconds: 240);
        var span = await LookAsync(viewer, publisher, best.Rid);
        await PrintAsync("viewer's leg with loss", publisher, span);
        Output.WriteLine($"viewer's leg: {leg}");

        AssertBestAndWhole(span, best);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Publisher_whose_network_narrows_sends_less_and_viewers_go_on_with_that()
    {
        await using var leg = new ImpairedLeg(loss: 0, Near, seed: 3) { FromPage = { BitsPerSecond = Wide } };
        var publisher = await OpenPublisherAsync(through: leg);
        var best = await PublishAsync(publisher);
        var viewer = await WatchBestAsync(best, through: null);

        await publisher.EvaluateAsync<object?>("() => { layers.watchUpload(); }");
        var span = await NarrowForAWhileAsync(leg.FromPage, viewer, best, TimeSpan.FromSeconds(35));
        await PrintAsync("publisher's leg narrow for a while", publisher, span);
        Output.WriteLine($"estimate/target/sent each second, kbit/s: {string.Join(' ', await publisher.EvaluateAsync<string[]>("() => layers.upload"))}");
        Output.WriteLine($"publisher's leg: {leg}");

        // When the best comes back is the browser's business and only printed: its estimate grows by 8 % a second, and falls whenever the
        // machine delays packets as a full queue does. Until it lays a layer still it needs a second, and the server some to be sure of it.
        Assert.InRange(span.SmallerAfter ?? double.PositiveInfinity, 0, 10);
        Assert.InRange(span.PauseMs, 0, 4 * PauseLimitMs);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Publisher_whose_network_loses_packets_goes_on_in_the_best_quality_and_viewers_see_all_of_it()
    {
        await using var leg = new ImpairedLeg(Loss, Far, seed: 4);
        var publisher = await OpenPublisherAsync(through: leg);
        var best = await PublishAsync(publisher);
        var viewer = await WatchBestAsync(best, through: null);

        await WaitAsync(viewer, Settling);
        var span = await LookAsync(viewer, publisher, best.Rid);
        await PrintAsync("publisher's leg with loss", publisher, span);
        Output.WriteLine($"publisher's leg: {leg}");

        AssertBestAndWhole(span, best);
    }

    private static void AssertBestAndWhole(Span span, LayerState best)
    {
        Assert.All(span.Trace.Shown, picture => Assert.Equal(best.Width, picture.Width));
        Assert.InRange(span.ShareDecoded!.Value, 0.95, 1.05); // it may catch up
        Assert.InRange(span.PauseMs, 0, PauseLimitMs);
    }

    private async Task<Tab> OpenPublisherAsync(ImpairedLeg? through)
    {
        var publisher = await OpenAsync();
        if (through is not null)
            await publisher.RewriteAnswersAsync(through.Rewrite);
        return publisher;
    }

    /// <summary>Goes live with three layers, and waits until all of them arrive.</summary>
    /// <returns>The best of them.</returns>
    private async Task<LayerState> PublishAsync(Tab publisher)
    {
        await LayeredVideo.PublishAsync(
            publisher, Stream, await Node.MintAsync("publish", Stream), "video/VP8", "simulcast", withSound: true, FramesPerSecond, BestBitrate);
        var state = await Api.UntilAsync(
            Stream, state => VideoOf(state)?.Layers is { Count: 3 } layers && layers.All(layer => layer is { Active: true, Width: > 0 }), LayersLimit);
        return VideoOf(state)!.Layers[^1];
    }

    /// <summary>Opens the watch page and waits until it shows the best layer.</summary>
    private async Task<Tab> WatchBestAsync(LayerState best, ImpairedLeg? through)
    {
        var viewer = await OpenAsync();
        if (through is not null)
            await viewer.RewriteAnswersAsync(through.Rewrite);
        await PictureTrace.AddAsync(viewer);
        await WatchAsync(viewer);
        await LayeredVideo.UntilShownAsync(viewer, best);
        return viewer;
    }

    /// <summary>Narrows a line that is wide, and widens it again.</summary>
    private async Task<Span> NarrowForAWhileAsync(Bottleneck line, Tab viewer, LayerState best, TimeSpan wideAgain)
    {
        using var end = new CancellationTokenSource();
        var followed = FollowViewerAsync(end.Token);
        var span = await NarrowForAWhileAsync(line, viewer, best.Width, wideAgain);
        await end.CancelAsync();
        Output.WriteLine($"the server's estimate/sent to the viewer each second, kbit/s: {await followed}");
        return span;
    }

    /// <summary>Notes every second, in kbit/s, what the server believes the viewer's network to carry, and what it sends to it.</summary>
    private async Task<string> FollowViewerAsync(CancellationToken end)
    {
        var noted = new List<string>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!end.IsCancellationRequested)
        {
            var session = (await Api.GetSessionsAsync(Stream)).Single(session => session.Kind == "viewer");
            noted.Add($"{session.EstimatedBitsPerSecond / 1000}/{session.BitsPerSecond / 1000}{(session.Layer is { Paused: true } ? " (sound only)" : "")}");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return string.Join(' ', noted);
    }

    /// <summary>What the server says of the stream and its viewer.</summary>
    protected override async Task PrintStateAsync(string when)
    {
        var layers = VideoOf(await Api.GetAsync(Stream))!.Layers.Select(layer => $"{layer.Width}{(layer.Active ? "" : " (not sent)")} at {layer.BitsPerSecond / 1000} kbit/s");
        Output.WriteLine($"{when}: {string.Join(", ", layers)}; viewer: {string.Join(", ", await Api.GetViewersAsync(Stream))}");
    }

    private static TrackState? VideoOf(StreamState state) => state.Tracks.SingleOrDefault(track => track.Kind == "video");
}
