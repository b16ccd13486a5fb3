using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>From camera to screen by the product's own pages, once for each video codec a browser encodes.</summary>
public sealed class CodecTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    [Theory]
    [InlineData("video/VP8")]
    [InlineData("video/H264")]
    [InlineData("video/VP9")]
    [InlineData("video/AV1")]
    public async Task What_a_browser_publishes_another_one_plays(string codec)
    {
        await PublishAsync(codec: codec);
        var viewer = await WatchAsync();

        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Equal(codec, span.VideoCodec);
        Assert.Equal("audio/opus", span.AudioCodec);
        var stream = await Api.GetAsync(Stream);
        Assert.True(stream.Active);
        Assert.Equal(1, stream.Viewers);
        Assert.Equal(codec, $"video/{stream.Tracks.Single(track => track.Kind == "video").Codec}");
    }
}
