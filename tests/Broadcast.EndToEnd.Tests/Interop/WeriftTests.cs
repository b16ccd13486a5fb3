using System.Text.Json;
using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Interop;

/// <summary>A second WebRTC stack, with its own ICE, DTLS, SRTP and SDP, on either side of the server.</summary>
public sealed class WeriftTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task What_werift_publishes_a_browser_plays()
    {
        await using var publisher = PeerScript.Werift(Output, "publish.mjs", $"{Node.Address}/whip/{Stream}", await Node.MintAsync("publish", Stream));
        await publisher.UntilAsync("state", IsConnected, Limit);
        var viewer = await WatchAsync();

        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Equal("video/VP8", span.VideoCodec);
        Assert.Equal("audio/opus", span.AudioCodec);

        Assert.Equal(200, await publisher.LeaveAsync());
        await Api.UntilAsync(Stream, state => !state.Active, Limit);
    }

    [Fact]
    public async Task What_a_browser_publishes_werift_receives_whole_and_from_a_keyframe_on()
    {
        await PublishAsync();
        await using var viewer = PeerScript.Werift(Output, "watch.mjs", $"{Node.Address}/whep/{Stream}");
        var counts = await viewer.UntilAsync("counts", item => Seconds(item, "video") >= 4 && Seconds(item, "audio") >= 4, Limit);

        foreach (var kind in new[] { "audio", "video" })
        {
            var track = counts.GetProperty(kind);
            Assert.Equal(0, track.GetProperty("gaps").GetInt32());
            Assert.Equal(0, track.GetProperty("timestampsBack").GetInt32());
            Assert.Equal(1, track.GetProperty("ssrcs").GetArrayLength());
            Assert.True(track.GetProperty("senderReports").GetInt32() >= 2, counts.ToString());
        }

        Assert.True(counts.GetProperty("video").GetProperty("firstIsKeyframe").GetBoolean());
        Assert.Equal(1, (await Api.GetAsync(Stream)).Viewers);
        Assert.Equal(200, await viewer.LeaveAsync());
        await Api.UntilAsync(Stream, state => state.Viewers == 0, Limit);
    }

    private static bool IsConnected(JsonElement item) => item.GetProperty("state").GetString() == "connected";

    private static double Seconds(JsonElement counts, string kind) =>
        counts.TryGetProperty(kind, out var track) ? track.GetProperty("mediaSeconds").GetDouble() : 0;
}
