using System.Text.Json;
using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Interop;

/// <summary>GStreamer's webrtcbin on either side of the server, encoding and decoding.</summary>
[Trait("Category", "Long")]
public sealed class GStreamerTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const int SomeFrames = 120;

    /// <summary>More than 30 s of them, after which a silent session would be over: libnice makes no checks once it is connected.</summary>
    private const int LastingFrames = 1200;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("VP8")]
    [InlineData("H264")]
    public async Task What_gstreamer_publishes_a_browser_plays(string codec)
    {
        await using var publisher = await StartPublisherAsync(codec);
        var viewer = await WatchAsync();

        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Equal($"video/{codec}", span.VideoCodec);
        Assert.Equal("audio/opus", span.AudioCodec);
        Assert.Equal((640, 360), (span.Width, span.Height));

        // Its keyframes are ten seconds apart, and the cache serves those who come within six: a later one needs what the server asks for.
        // Where joining takes long, the next keyframe may come first.
        for (var attempt = 0; attempt < 3 && VideoOf(await Api.GetAsync(Stream)).KeyframeRequests == 0; attempt++)
        {
            var before = VideoOf(await Api.GetAsync(Stream)).Keyframes;
            await Api.UntilAsync(Stream, state => VideoOf(state).Keyframes > before, Limit);
            await Links.UntilMoreFramesAsync(viewer, more: 210, seconds: 60);
            await WatchAsync();
        }

        Assert.True(VideoOf(await Api.GetAsync(Stream)).KeyframeRequests > 0, "The publisher was asked for no keyframe.");
        await LeaveAsync(publisher);
    }

    [Theory]
    [InlineData("VP8")]
    [InlineData("H264")]
    public async Task What_a_browser_publishes_gstreamer_decodes(string codec)
    {
        await PublishAsync(codec: $"video/{codec}");
        await using var viewer = PeerScript.GStreamer(Output, "watch.py", $"{Node.Address}/whep/{Stream}", codec);
        await CheckPlayingAsync(viewer, SomeFrames);
        Assert.Equal(200, await viewer.LeaveAsync());
        await Api.UntilAsync(Stream, state => state.Viewers == 0, Limit);
    }

    [Theory]
    [InlineData("VP8")]
    [InlineData("H264")]
    public async Task What_gstreamer_publishes_gstreamer_decodes_for_longer_than_a_silent_session_lives(string codec)
    {
        await using var publisher = await StartPublisherAsync(codec);
        await using var viewer = PeerScript.GStreamer(Output, "watch.py", $"{Node.Address}/whep/{Stream}", codec);
        await CheckPlayingAsync(viewer, LastingFrames);
        Assert.Equal(200, await viewer.LeaveAsync());
        await LeaveAsync(publisher);
    }

    private static TrackState VideoOf(StreamState state) => state.Tracks.Single(track => track.Kind == "video");

    private async Task<PeerScript> StartPublisherAsync(string codec)
    {
        var publisher = PeerScript.GStreamer(Output, "publish.py", $"{Node.Address}/whip/{Stream}", await Node.MintAsync("publish", Stream), codec);
        await Api.UntilAsync(Stream, state => state.Active, Limit);
        return publisher;
    }

    private async Task LeaveAsync(PeerScript publisher)
    {
        Assert.Equal(200, await publisher.LeaveAsync());
        await Api.UntilAsync(Stream, state => !state.Active, Limit);
    }

    /// <summary>Waits for so many pictures; checks that nothing is missing in them and that there is sound.</summary>
    private async Task CheckPlayingAsync(PeerScript viewer, int frames)
    {
        // A packet that came after the jitter buffer had given up on it was late because the machine is busy, but it came.
        var counts = await viewer.UntilAsync("counts", item => Number(item, "video", "decoded") >= frames && Missing(item) == 0, Limit);
        Assert.Equal((640, 360), (Number(counts, "video", "width"), Number(counts, "video", "height")));
        Assert.True(Number(counts, "audio", "decoded") >= frames && Number(counts, "audio", "peak") > 1000, counts.ToString());
        Assert.Equal(1, (await Api.GetAsync(Stream)).Viewers);
    }

    private static long Missing(JsonElement counts) =>
        counts.GetProperty("buffers").EnumerateArray().Sum(buffer => buffer.GetProperty("num-lost").GetInt64() - buffer.GetProperty("num-late").GetInt64());

    private static int Number(JsonElement counts, string kind, string name) => counts.GetProperty(kind).GetProperty(name).GetInt32();
}
