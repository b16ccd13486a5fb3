using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>What a node does not give its viewers or take of a publisher, because of its uplink or by rule; each test has a node of its own.</summary>
public sealed class LimitTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const string SoundOnly = "() => document.querySelector('broadcast-player').shadowRoot.querySelector('.sound-only').checkVisibility()";
    private static readonly TimeSpan LayersLimit = TimeSpan.FromSeconds(90);
    private OwnNode? _own;

    protected override ServerNode Node => _own!.Node;

    protected override StreamApi Api => _own!.Api;

    public override Task InitializeAsync() => Task.CompletedTask;

    public override async Task DisposeAsync()
    {
        if (_own is null)
            return;
        await base.DisposeAsync();
        await _own.DisposeAsync();
    }

    [Fact]
    public async Task Viewers_of_a_node_with_a_narrow_uplink_get_the_same_quality_and_a_better_one_when_others_leave()
    {
        // Three times the best quality would be 3.6 Mbit/s, and besides it the node keeps 100 kbit/s for each viewer.
        const double uplink = 1_700_000;
        var layers = await PublishAsync("simulcast", "--uplink", $"{uplink}");
        var viewers = new List<Tab>();
        for (var i = 0; i < 3; i++)
        {
            viewers.Add(await OpenAsync());
            await LayeredVideo.WatchAsync(viewers[i], Stream);
        }

        foreach (var viewer in viewers) await LayeredVideo.UntilShownAsync(viewer, layers[1]);
        var rates = await MeasureAsync(viewers, frames: 45);
        Output.WriteLine($"{string.Join(", ", rates.Select(rate => $"{rate / 1000:F0}"))} kbit/s; the uplink carries {uplink / 1000}");
        Assert.All(rates, rate => Assert.InRange(rate, rates.Average() * 0.8, rates.Average() * 1.25));
        Assert.InRange(rates.Sum(), 1, uplink);
        foreach (var viewer in viewers) Assert.Equal(layers[1].Width, await WidthAsync(viewer));
        Assert.All(await Api.GetViewersAsync(Stream), viewer => Assert.Equal((layers[1].Width, "node"), (viewer.Width, viewer.Limit)));

        foreach (var viewer in viewers[1..]) await viewer.EvaluateAsync<object?>("() => link.close()");
        await LayeredVideo.UntilShownAsync(viewers[0], layers[2]);
        Assert.InRange((await MeasureAsync(viewers[..1], frames: 30))[0], 1, uplink);
    }

    [Fact]
    public async Task Rule_for_a_stream_caps_what_its_viewers_get_whatever_they_ask_for()
    {
        using var rules = new RuleFile($"{{\"Broadcast\": {{\"Quality\": {{\"Streams\": {{\"{Stream}\": {{\"MaxHeight\": 300}}}}}}}}}}");
        var layers = await PublishAsync("simulcast", "--config", rules.Path);
        var viewer = await OpenAsync();
        await viewer.AddScriptAsync("decoded-widths.js");
        await LayeredVideo.WatchAsync(viewer, Stream);
        await LayeredVideo.UntilShownAsync(viewer, layers[1]);
        await viewer.UntilAsync("() => decoded.frames >= 45");
        Assert.Equal((layers[1].Width, "policy"), await ShownAsync());

        await LayeredVideo.ChooseAsync(viewer, layers[2].Wish());
        await Links.UntilMoreFramesAsync(viewer, 30);
        await LayeredVideo.ChooseAsync(viewer, layers[0].Wish());
        await LayeredVideo.UntilShownAsync(viewer, layers[0]);
        Assert.Equal([layers[1].Width, layers[0].Width], await viewer.EvaluateAsync<int[]>("() => decoded.widths"));

        async Task<(int Width, string Limit)> ShownAsync() =>
            (await Api.GetViewersAsync(Stream)) is [var only] ? (only.Width, only.Limit) : throw new InvalidOperationException("One viewer was expected.");
    }

    [Fact]
    public async Task Where_the_uplink_has_no_room_for_one_more_picture_a_newcomer_hears_the_sound_is_told_why_and_sees_it_when_another_leaves()
    {
        // Besides two sounds 160 kbit/s: room for one picture of the lowest quality, and not for a second until it costs less than 70.
        await PublishAsync("simulcast L1T1", "--uplink", "360000");
        var first = await WatchAsync();
        await Links.UntilMoreFramesAsync(first, 15);
        await Api.UntilAsync(Stream, state => VideoOf(state)!.Layers[0].BitsPerSecond is > 95_000 and < 155_000, LayersLimit);

        var newcomer = await OpenAsync();
        await WatchPage.OpenAsync(newcomer, Stream);
        await WatchPage.UntilStateAsync(newcomer, "playing");
        await newcomer.UntilAsync(SoundOnly);
        Assert.Equal("Sound only\nThe server has no room for one more picture at the moment.", await newcomer.EvaluateAsync<string>(
            "() => document.querySelector('broadcast-player').shadowRoot.querySelector('.sound-only').innerText.replace(/\\s*\\n\\s*/, '\\n')"));
        await newcomer.EvaluateAsync<object?>(
            "() => { globalThis.said = []; document.querySelector('broadcast-player').addEventListener('quality', ({ detail }) => said.push(detail.paused)); }");
        await HearsAsync(newcomer);
        await Links.UntilMoreFramesAsync(first, 5);
        Assert.Equal(0, await newcomer.EvaluateAsync<int>("async () => (await e2e.report('inbound-rtp', 'video')).framesDecoded ?? 0"));
        Assert.True(await newcomer.EvaluateAsync<bool>(SoundOnly));

        await first.GoToAsync(Tab.BlankPath);
        await WatchPage.UntilPlayingAsync(newcomer);
        await Links.UntilMoreFramesAsync(newcomer, 15);
        await newcomer.UntilAsync($"() => !({SoundOnly})() && said.at(-1) === false");
    }

    [Fact]
    public async Task Publisher_aims_no_higher_than_the_operator_allows()
    {
        const long limit = 300_000;
        _own = await OwnNode.StartAsync(["--max-ingest", $"{limit}"]);
        var publisher = await PublishAsync(layers: "single");

        // Without the limit Chromium aims at 800 kbit/s by then.
        await publisher.UntilAsync("async () => (await e2e.report('outbound-rtp', 'video')).framesEncoded >= 300");
        var target = await publisher.EvaluateAsync<double>("async () => (await e2e.report('outbound-rtp', 'video')).targetBitrate");
        Output.WriteLine($"{target / 1000:F0} kbit/s");
        Assert.InRange(target, 1, limit);
    }

    /// <summary>Waits until the page has played sound that is not silence for a second more.</summary>
    private static async Task HearsAsync(Tab viewer)
    {
        const string heard = "(await e2e.report('inbound-rtp', 'audio'))";
        var (energy, packets) = (await viewer.EvaluateAsync<double>($"async () => {heard}.totalAudioEnergy"), await viewer.EvaluateAsync<int>($"async () => {heard}.packetsReceived"));
        await viewer.UntilAsync($"async ([energy, packets]) => {{ const now = {heard}; return now.totalAudioEnergy > energy && now.packetsReceived >= packets + 50; }}", new[] { energy, packets });
    }

    private async Task<IReadOnlyList<LayerState>> PublishAsync(string structure, params string[] switches)
    {
        _own = await OwnNode.StartAsync(switches);
        var publisher = await OpenAsync();
        await LayeredVideo.PublishAsync(publisher, Stream, await Node.MintAsync("publish", Stream), "video/VP8", structure, withSound: true);
        var state = await Api.UntilAsync(
            Stream, state => VideoOf(state) is { Layers.Count: 3 } video && video.Layers.All(layer => layer is { Active: true, Width: > 0 }), LayersLimit);
        var layers = VideoOf(state)!.Layers;
        Output.WriteLine(string.Join("; ", layers.Select(layer => $"{layer.Width} × {layer.Height} at {layer.BitsPerSecond / 1000} kbit/s, {layer.TemporalLayers} temporal")));
        return layers;
    }

    private static TrackState? VideoOf(StreamState state) => state.Tracks.SingleOrDefault(track => track.Kind == "video");

    private static Task<int> WidthAsync(Tab viewer) => viewer.EvaluateAsync<int>("async () => (await e2e.report('inbound-rtp', 'video')).frameWidth");

    /// <summary>Bits per second that each viewer receives, RTP headers included, over so many frames of the first one.</summary>
    private static async Task<double[]> MeasureAsync(List<Tab> viewers, int frames)
    {
        var before = await Task.WhenAll(viewers.Select(Received.OfAsync));
        await Links.UntilMoreFramesAsync(viewers[0], frames);
        var after = await Task.WhenAll(viewers.Select(Received.OfAsync));
        return [.. before.Zip(after, (from, to) => (to.Bytes - from.Bytes) * 8000 / (to.AtMs - from.AtMs))];
    }

    private sealed class RuleFile : IDisposable
    {
        public RuleFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }

    /// <summary>A node, and its interface for operators.</summary>
    private sealed class OwnNode(ServerNode node, StreamApi api) : IAsyncDisposable
    {
        public ServerNode Node => node;

        public StreamApi Api => api;

        public static async Task<OwnNode> StartAsync(string[] switches)
        {
            var node = await ServerNode.StartAsync(switches: switches);
            return new OwnNode(node, new StreamApi(node.Address, await node.MintAsync("operate", "*")));
        }

        public async ValueTask DisposeAsync()
        {
            api.Dispose();
            await node.DisposeAsync();
        }
    }

    private sealed class Received
    {
        public double AtMs { get; set; }

        public double Bytes { get; set; }

        public static Task<Received> OfAsync(Tab tab) => tab.EvaluateAsync<Received>(
            """
            async () => {
              const reports = await e2e.reports('inbound-rtp');
              const bytes = reports.reduce((sum, { bytesReceived, headerBytesReceived }) => sum + bytesReceived + headerBytesReceived, 0);
              return { atMs: reports[0].timestamp, bytes };
            }
            """);
    }
}
