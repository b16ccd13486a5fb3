using Broadcast.Client.Connections;
using Broadcast.LoadTest.Options;
using Broadcast.Rtc;
using Broadcast.Rtc.Srtp;

namespace Broadcast.LoadTest.Tests.Options;

public class CommandLineTests
{
    [Fact]
    public void All_switches_are_read()
    {
        var options = CommandLine.Parse(
        [
            "--server", "http://127.0.0.1:9", "--peer", "janus", "--stream", "s", "--token", "t", "--viewers", "7", "--publishers", "2", "--codec", "av1", "--no-audio",
            "--profile", "cm", "--bitrate", "1.5M", "--size", "640x360", "--fps", "25", "--gop", "50", "--pacing", "paced", "--join-rate", "12.5", "--duration", "3",
            "--warmup", "0", "--pid", "10,11", "--sample", "1/8", "--tcp", "--threads", "2", "--connections", "3", "--json", "f", "--table", "t.md", "--label", "x",
            "--ignore-keyframe-requests", "--numbered-frames", "--encodings", "3", "--layer", "{}", "--watch-server", "http://127.0.0.1:10",
        ]);
        Assert.Equal(PeerKind.Janus, options.Peer);
        Assert.Equal((7, 2, CodecKind.Av1, SrtpProfile.Aes128CmSha1_80), (options.Viewers, options.Publishers, options.Codec, options.Profile!.Value));
        Assert.Equal((1_500_000, (640, 360), 25, 50, Pacing.Paced), (options.Bitrate, options.Size, options.FramesPerSecond, options.KeyframeInterval, options.Pacing));
        Assert.Equal([10, 11], options.ServerProcesses);
        Assert.Equal((8, true, false, 2, 3, "f"), (options.SampleEvery, options.Tcp, options.Audio, options.Threads, options.Connections, options.JsonPath));
        Assert.Equal(("t.md", "x"), (options.TablePath, options.Label));
        Assert.True(options is { IgnoreKeyframeRequests: true, NumberedFrames: true });
        Assert.Equal((3, "{}", false), (options.Encodings, options.Layer, options.TemporalLayers));
        Assert.Equal(new Uri("http://127.0.0.1:10"), options.WatchServer);
        Assert.Equal("s-2", options.StreamName(1));
    }

    [Fact]
    public void Temporal_layers_need_a_codec_and_an_interval_that_can_have_them()
    {
        Assert.True(CommandLine.Parse(["--temporal-layers", "--gop", "120"]).TemporalLayers);
        Assert.Throws<FormatException>(() => CommandLine.Parse(["--temporal-layers", "--codec", "vp9"]));
        Assert.Throws<FormatException>(() => CommandLine.Parse(["--temporal-layers", "--gop", "90"]));
    }

    [Theory]
    [InlineData("--viewers", "many")]
    [InlineData("--viewers", "-1")]
    [InlineData("--codec", "h263")]
    [InlineData("--size", "720p")]
    [InlineData("--server", "nowhere")]
    [InlineData("--unknown", "1")]
    [InlineData("--viewers")]
    public void Wrong_switches_are_named(params string[] arguments)
    {
        var failure = Assert.Throws<FormatException>(() => CommandLine.Parse(arguments));
        Assert.StartsWith(arguments[0], failure.Message, StringComparison.Ordinal);
    }
}
