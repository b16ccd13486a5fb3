using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>What arrives is what was sent: every frame, once, in order.</summary>
public sealed class FrameContentTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const double FrameMs = 1000.0 / 30;

    [Theory]
    [InlineData("video/VP8")]
    [InlineData("video/H264")]
    public async Task Frames_arrive_in_order_and_nearly_all(string codec)
    {
        var publisher = await PublishCardAsync(codec);
        var viewer = await WatchCardAsync();

        var sentBefore = await SentAsync(publisher);
        var frames = await viewer.EvaluateAsync<CardFrame[]>("() => cardReader.collectFrames(6)");
        var sent = await SentAsync(publisher) - sentBefore;

        Output.WriteLine($"{frames.Length} frames seen of {sent} sent");
        var readable = frames.Where(frame => frame.Number >= 0).ToArray();
        Assert.All(readable.Zip(readable.Skip(1)), pair =>
        {
            Assert.True(pair.Second.Number > pair.First.Number, $"{pair.Second.Number} came after {pair.First.Number}.");
            var step = unchecked((int)(pair.Second.RtpTimestamp - pair.First.RtpTimestamp)) / 90.0;
            var drawn = (pair.Second.Number - pair.First.Number) * FrameMs;
            Assert.True(step > 0 && Math.Abs(step - drawn) < 200, $"{step:F0} ms between frames {pair.First.Number} and {pair.Second.Number}.");
        });
        // An overloaded encoder leaves frames out by itself; what counts is what it did send.
        Assert.True(readable.Length >= 0.95 * sent, $"{readable.Length} of {sent} frames were seen.");
        Assert.True(frames.Length > 30, $"Only {frames.Length} frames in 6 seconds.");
    }

    private static Task<int> SentAsync(Tab publisher) =>
        publisher.EvaluateAsync<int>("async () => (await e2e.report('outbound-rtp', 'video')).framesSent");
}
