using System.Diagnostics;
using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>A viewer goes from layer to layer while it watches, and its decoder has nothing to complain of.</summary>
/// <remarks>
/// A browser whose decoder or buffer misses anything says so: it sends a NACK or a PLI. On the loopback network neither
/// has another cause than what the server did. Every change needs a keyframe here: simulcast's encodings know nothing of
/// each other, and of the spatial layers of a _KEY mode a viewer gets one only, with those below it at a keyframe.
/// </remarks>
public sealed class LayerTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const double FreezeMs = 200;
    private static readonly TimeSpan LayersLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Every change among three layers at least once.
    private static readonly int[] Tour = [0, 2, 1, 0, 1, 2, 0, 2, 1, 2];

    [Theory]
    [InlineData("video/VP8", "simulcast")]
    [InlineData("video/H264", "simulcast")]
    [InlineData("video/VP9", "L3T3_KEY")]
    [InlineData("video/AV1", "L3T3_KEY")]
    public async Task Every_layer_chosen_arrives_and_decodes(string codec, string structure)
    {
        var (publisher, viewer, layers) = await OpenAsync(codec, structure);
        await ChooseAndSeeAsync(viewer, layers[2]);
        var before = await ReceivedVideo.OfAsync(viewer);

        var (current, keyframes) = (2, 0);
        foreach (var wanted in Tour)
        {
            await ChooseAndSeeAsync(viewer, layers[wanted]);
            keyframes += wanted == current ? 0 : 1;
            current = wanted;
        }

        await AssertCleanAsync(viewer, before, keyframes);
        await AssertFlowsAsync(publisher, viewer, structure, keyframes);
    }

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("video/VP8", "simulcast")]
    [InlineData("video/H264", "simulcast")]
    [InlineData("video/VP9", "L3T3_KEY")]
    [InlineData("video/AV1", "L3T3_KEY")]
    public async Task Sixty_choices_in_a_minute_do_no_harm(string codec, string structure)
    {
        const int choices = 60;
        var (publisher, viewer, layers) = await OpenAsync(codec, structure);
        await ChooseAndSeeAsync(viewer, layers[0]);
        var before = await ReceivedVideo.OfAsync(viewer);

        // A choice may overtake the one before it, as the pictures of that wait for a keyframe.
        var random = new Random(60);
        var (current, keyframes) = (0, 0);
        using var timer = new PeriodicTimer(Interval);
        for (var i = 0; i < choices; i++)
        {
            var wanted = random.Next(layers.Count);
            await LayeredVideo.ChooseAsync(viewer, layers[wanted].Wish());
            keyframes += wanted == current ? 0 : 1;
            current = wanted;
            await timer.WaitForNextTickAsync();
        }

        await LayeredVideo.UntilShownAsync(viewer, layers[current]);
        await AssertCleanAsync(viewer, before, keyframes);
        await AssertFlowsAsync(publisher, viewer, structure, keyframes);
    }

    [Fact]
    public async Task A_temporal_layer_brings_its_share_of_the_frames()
    {
        var publisher = await OpenAsync();
        await LayeredVideo.PublishAsync(publisher, Stream, await Node.MintAsync("publish", Stream), "video/AV1", "L1T3");
        var viewer = await OpenAsync();
        await LayeredVideo.WatchAsync(viewer, Stream);
        await Api.UntilAsync(Stream, state => VideoOf(state)?.Layers is [{ TemporalLayers: 3 }], LayersLimit);
        var before = await ReceivedVideo.OfAsync(viewer);

        // T0 is every fourth frame and T1 every second one, of whatever the encoder has the time to make.
        foreach (var (layer, share) in new[] { (0, 0.25), (1, 0.5), (2, 1), (0, 0.25), (2, 1) })
        {
            await LayeredVideo.ChooseAsync(viewer, new { temporalLayerId = layer });
            await Links.UntilMoreFramesAsync(viewer, 3, seconds: 30);
            var (encoded, decoded) = (await EncodedAsync(publisher), await ReceivedVideo.OfAsync(viewer));
            await publisher.UntilAsync("async (wanted) => (await e2e.report('outbound-rtp', 'video')).framesEncoded >= wanted", encoded + 60, 60);
            var seen = (await ReceivedVideo.OfAsync(viewer)).Since(decoded).FramesDecoded / (double)(await EncodedAsync(publisher) - encoded);
            Output.WriteLine($"temporal layer {layer}: {seen:P0} of the frames");
            Assert.InRange(seen, share - 0.12, share + 0.12);
        }

        await AssertCleanAsync(viewer, before, keyframes: 0);
    }

    /// <summary>The lowest spatial layer needs no descriptor; the others without it are no picture to a browser.</summary>
    [Fact]
    public async Task A_viewer_without_the_dependency_descriptor_gets_what_it_can_decode()
    {
        var publisher = await OpenAsync();
        await LayeredVideo.PublishAsync(publisher, Stream, await Node.MintAsync("publish", Stream), "video/AV1", "L3T3_KEY");
        var layers = await UntilLayersAsync();
        var viewer = await OpenAsync();
        await viewer.AddScriptAsync("no-dependency-descriptor.js");
        await LayeredVideo.WatchAsync(viewer, Stream);

        var before = await ReceivedVideo.OfAsync(viewer);
        await LayeredVideo.UntilShownAsync(viewer, layers[0]);
        await LayeredVideo.ChooseAsync(viewer, layers[2].Wish());
        await Links.UntilMoreFramesAsync(viewer, 20);
        await LayeredVideo.UntilShownAsync(viewer, layers[0]);
        await AssertCleanAsync(viewer, before, keyframes: 0);
    }

    [Fact]
    public async Task A_small_player_gets_no_frame_of_the_top_layer_from_the_first_one_on_and_a_large_one_does()
    {
        var publisher = await OpenAsync();
        await LayeredVideo.PublishAsync(publisher, Stream, await Node.MintAsync("publish", Stream), "video/VP8", "simulcast");
        var layers = await UntilLayersAsync();
        var viewer = await OpenAsync();
        await viewer.Page.SetViewportSizeAsync(320, 480);
        await viewer.AddScriptAsync("decoded-widths.js");

        // The second layer is the smallest that fills 320 pixels.
        for (var visit = 0; visit < 3; visit++)
        {
            await WatchAsync(viewer);
            await viewer.UntilAsync("() => decoded.frames >= 30");
            var widths = await viewer.EvaluateAsync<int[]>("() => decoded.widths");
            Output.WriteLine($"in 320 pixels: {string.Join(", ", widths)}");
            Assert.All(widths, width => Assert.InRange(width, 1, layers[1].Width));
        }

        await viewer.Page.SetViewportSizeAsync(1280, 900);
        await viewer.UntilAsync("(width) => decoded.widths.at(-1) === width", layers[2].Width);
    }

    private static TrackState? VideoOf(StreamState state) => state.Tracks.SingleOrDefault(track => track.Kind == "video");

    private static Task<int> EncodedAsync(Tab publisher) =>
        publisher.EvaluateAsync<int>("async () => (await e2e.report('outbound-rtp', 'video')).framesEncoded");

    private async Task<(Tab Publisher, Tab Viewer, IReadOnlyList<LayerState> Layers)> OpenAsync(string codec, string structure)
    {
        var publisher = await OpenAsync();
        await LayeredVideo.PublishAsync(publisher, Stream, await Node.MintAsync("publish", Stream), codec, structure);
        var layers = await UntilLayersAsync();
        var viewer = await OpenAsync();
        await LayeredVideo.WatchAsync(viewer, Stream);
        return (publisher, viewer, layers);
    }

    /// <summary>Waits until the encoder makes all three sizes: the largest begins only when the estimate of the network allows it.</summary>
    private async Task<IReadOnlyList<LayerState>> UntilLayersAsync()
    {
        var state = await Api.UntilAsync(
            Stream, state => VideoOf(state) is { Layers.Count: 3 } video && video.Layers.All(layer => layer is { Active: true, Width: > 0 }), LayersLimit);
        var layers = VideoOf(state)!.Layers;
        Output.WriteLine(string.Join("; ", layers.Select(layer => $"{layer.Rid}{layer.SpatialLayerId}: {layer.Width} × {layer.Height}")));
        Assert.Equal([240, 480, 960], layers.Select(layer => layer.Width));
        return layers;
    }

    private async Task ChooseAndSeeAsync(Tab viewer, LayerState layer)
    {
        var watch = Stopwatch.StartNew();
        await LayeredVideo.ChooseAsync(viewer, layer.Wish());
        await LayeredVideo.UntilShownAsync(viewer, layer);
        Output.WriteLine($"{layer.Width} pixels, and five frames of them, after {watch.ElapsedMilliseconds} ms");
    }

    private async Task AssertCleanAsync(Tab viewer, ReceivedVideo before, int keyframes)
    {
        var video = (await ReceivedVideo.OfAsync(viewer)).Since(before);
        Output.WriteLine($"{keyframes} changes needed a keyframe; {video}");
        Assert.Equal((0, 0, 0), (video.PacketsLost, video.NackCount, video.PliCount));
        Assert.InRange(video.KeyFramesDecoded, 0, keyframes + 1);
        Assert.True(video.FramesDropped <= 0.1 * video.FramesDecoded, video.ToString());
    }

    /// <summary>The picture stands still no longer than the encoders do, which pause on a busy machine.</summary>
    /// <remarks>An encoder of spatial layers also leaves out frames of single layers, which its statistics do not tell; so simulcast alone is judged.</remarks>
    private async Task AssertFlowsAsync(Tab publisher, Tab viewer, string structure, int changes)
    {
        var pauses = await LayeredVideo.GapsAsync(publisher, FreezeMs / 2);
        var unexplained = 0.0;
        foreach (var gap in await LayeredVideo.GapsAsync(viewer, FreezeMs))
        {
            var pause = pauses.Where(gap.Overlaps).Select(pause => pause.Length).DefaultIfEmpty().Max();
            unexplained += Math.Max(0, gap.Length - pause);
            Output.WriteLine($"{gap.Length:F0} ms without a picture; meanwhile an encoder paused {pause:F0} ms");
        }

        if (structure != "simulcast")
            return;
        Assert.True(unexplained <= FreezeMs * changes, $"{unexplained:F0} ms without a picture while the encoders worked, in {changes} changes.");
    }
}
