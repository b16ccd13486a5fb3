using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>A publisher that comes back while somebody watches.</summary>
public sealed class ReconnectTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    [Fact]
    public async Task Second_publisher_takes_over_and_viewers_keep_their_connection()
    {
        var token = await Node.MintAsync("publish", Stream);
        await SendCardAsync(token);
        var viewer = await OpenAsync(withWorklets: true);
        await viewer.AddScriptAsync("card-reader.js");
        await Links.WatchAsync(viewer, Stream);
        var reading = viewer.EvaluateAsync<CardFrame[]>("() => cardReader.collectFrames(12)");
        await viewer.UntilAsync("async () => (await e2e.report('inbound-rtp', 'video')).framesDecoded > 30");
        await viewer.UntilAsync("async () => (await e2e.report('inbound-rtp', 'audio')).packetsReceived > 0"); // picture or sound may be first
        var before = await SourcesAsync(viewer);

        await SendCardAsync(token);
        await Links.UntilMoreFramesAsync(viewer, 60);

        Assert.Equal(before, await SourcesAsync(viewer));
        Assert.Equal(1, await viewer.EvaluateAsync<int>("() => e2e.connections.length"));
        Assert.Equal("connected", await viewer.EvaluateAsync<string>("() => link.connection.connectionState"));
        Assert.Equal(2, (await Api.GetAsync(Stream)).Epoch);
        AssertContinuous([.. (await reading).Where(frame => frame.Number >= 0)]);
    }

    [Fact]
    public async Task Player_shows_the_broadcast_that_comes_back_after_a_crash_of_the_publisher()
    {
        var first = await PublishAsync();
        var viewer = await WatchAsync();
        await first.CrashAsync();
        await PublishAsync();
        await WatchPage.UntilPlayingAsync(viewer);
        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
    }

    [Fact]
    public async Task Player_follows_a_publisher_that_comes_back_with_another_codec()
    {
        var first = await PublishAsync(codec: "video/VP8");
        var viewer = await WatchAsync();
        await first.Page.ClickAsync("#go-live");
        await PublishPage.UntilStateAsync(first, "Off air");
        await PublishAsync(codec: "video/H264");
        await viewer.UntilAsync("async () => (await e2e.report('inbound-rtp', 'video')).codec === 'video/H264'");
        var span = await viewer.EvaluateAsync<PlayedSpan>("() => e2e.steady()");
        Assert.True(span.Clean, span.ToString());
        Assert.Equal("video/H264", span.VideoCodec);
    }

    [Fact]
    public async Task Publish_page_that_was_replaced_does_not_take_the_stream_back()
    {
        var first = await PublishAsync();
        var second = await PublishAsync();
        await PublishPage.UntilStateAsync(first, "Off air");
        Assert.Contains("Another publisher has taken the stream over", await PublishPage.ProblemAsync(first), StringComparison.Ordinal);
        await PublishPage.UntilStateAsync(second, "Live");
        Assert.Equal(2, (await Api.GetAsync(Stream)).Epoch);
    }

    private async Task SendCardAsync(string token)
    {
        var tab = await OpenAsync(withWorklets: true);
        await tab.AddScriptAsync("test-card.js");
        await Links.PublishAsync(tab, Stream, token);
    }

    private static Task<string> SourcesAsync(Tab viewer) => viewer.EvaluateAsync<string>(
        "async () => (await e2e.reports('inbound-rtp')).map(({ kind, ssrc }) => `${kind} ${ssrc}`).sort().join()");

    /// <summary>The second card begins at frame 1 again; its media time does not.</summary>
    private void AssertContinuous(CardFrame[] frames)
    {
        var restart = Array.FindIndex(frames, 1, frame => frame.Number < frames[0].Number);
        Assert.True(restart > 0, "The second publisher was not seen.");
        var gapMs = frames[restart].AtMs - frames[restart - 1].AtMs;
        Output.WriteLine($"{gapMs:F0} ms without a frame");
        Assert.InRange(gapMs, 0, 4000);
        foreach (var (earlier, later) in frames.Zip(frames.Skip(1)))
        {
            var stepMs = unchecked((int)(later.RtpTimestamp - earlier.RtpTimestamp)) / 90.0;
            Assert.True(stepMs > 0 && stepMs < 4000, $"{stepMs:F0} ms of media time between frames {earlier.Number} and {later.Number}.");
        }

        var mediaMs = unchecked((int)(frames[restart].RtpTimestamp - frames[restart - 1].RtpTimestamp)) / 90.0;
        Assert.True(Math.Abs(mediaMs - gapMs) < 1000, $"The gap took {gapMs:F0} ms and {mediaMs:F0} ms of media time.");
    }
}
