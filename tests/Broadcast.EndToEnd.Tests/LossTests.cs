using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Network;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>A bad network between publisher and server, and another one between server and viewer.</summary>
/// <remarks>
/// What is left after retransmission can be read exactly in two places: toward the server in its own figures, and toward
/// a viewer without RTX in the browser's packetsLost, which a resent packet lowers again. With RTX, packetsLost counts
/// what the network lost, repaired or not; there the frames tell: one packet that stays away stops the picture.
/// </remarks>
public sealed class LossTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const double Loss = 0.05;
    private const double ResidualLimit = 0.001;
    private const int Seconds = 22;

    /// <summary>Three of the round trips.</summary>
    private const int BufferMs = 600;

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RepairLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Retransmission_repairs_five_percent_of_loss_on_both_legs()
    {
        await using var publishing = new ImpairedLeg(Loss, Delay, seed: 1);
        await using var watching = new ImpairedLeg(Loss, Delay, seed: 2);
        await using var watchingWithoutRtx = new ImpairedLeg(Loss, Delay, seed: 3);
        var publisher = await PublishCardAsync(through: publishing);
        var viewer = await WatchCardAsync(through: watching);

        // What is tested is that every picture can be repaired in time for a player that waits; until the player knows that it has
        // to wait, it skips pictures whose repair takes a round trip.
        await WatchPage.UntilBufferedAsync(viewer, BufferMs);

        var (sentBefore, decodedBefore) = (await SentAsync(publisher), await DecodedAsync(viewer));
        var received = (await Api.GetAsync(Stream)).Tracks.Single(track => track.Kind == "video").PacketsReceived;
        var frames = await viewer.EvaluateAsync<CardFrame[]>("(seconds) => cardReader.collectFrames(seconds)", Seconds);
        var (sent, decoded) = (await SentAsync(publisher) - sentBefore, await DecodedAsync(viewer) - decodedBefore);
        Output.WriteLine($"{decoded} of {sent} frames decoded, {frames.Length} read; publisher's leg: {publishing}; viewer's leg: {watching}");
        Output.WriteLine($"viewer with RTX: {await CountersAsync(viewer)}");

        // One after the other: a machine that encodes and decodes twice at once drops frames of its own.
        await viewer.GoToAsync(Tab.BlankPath);
        var other = await OpenAsync();
        await other.OfferOnlyAsync("/VP8$/");
        await other.RewriteAnswersAsync(watchingWithoutRtx.Rewrite);
        await Links.WatchAsync(other, Stream);

        // Few packets a second come from a publisher whose network loses some; a thousandth of fewer could not be told.
        await other.UntilAsync("async () => (await e2e.report('inbound-rtp', 'video')).packetsReceived > 1000", seconds: 90);

        // Holes that are being repaired at the moment of asking are not lost.
        var stream = await Api.UntilAsync(Stream, state => Residual(state) <= ResidualLimit, RepairLimit);
        await other.UntilAsync(
            "async (limit) => { const video = await e2e.report('inbound-rtp', 'video'); return video.packetsLost <= limit * video.packetsReceived; }",
            ResidualLimit, RepairLimit.TotalSeconds);
        Output.WriteLine($"viewer without RTX: {await CountersAsync(other)}; its leg: {watchingWithoutRtx}");
        var video = stream.Tracks.Single(track => track.Kind == "video");
        Output.WriteLine($"{video}");
        Assert.True(video.PacketsReceived - received > 1000, $"Only {video.PacketsReceived - received} packets in {Seconds} s.");
        Assert.True(video.PacketsRepaired > 20, $"Only {video.PacketsRepaired} packets were repaired: is the loss at work?");

        // A busy page reads fewer than it shows.
        Assert.True(decoded >= 0.95 * sent, $"{decoded} of {sent} frames were decoded.");
        Assert.True(frames.Length >= 0.5 * sent, $"{frames.Length} of {sent} frames were read.");
        var numbers = frames.Select(frame => frame.Number).Where(number => number >= 0).ToArray();
        Assert.True(numbers.Length >= 0.95 * frames.Length, $"{frames.Length - numbers.Length} frames could not be read.");
        Assert.All(numbers.Zip(numbers.Skip(1)), pair => Assert.True(pair.Second > pair.First, $"{pair.Second} came after {pair.First}."));
    }

    [Fact]
    public async Task Player_that_waits_for_repairs_freezes_less_than_one_that_does_not()
    {
        await using var watching = new ImpairedLeg(Loss, Delay, seed: 4);
        await using var watchingWithoutBuffer = new ImpairedLeg(Loss, Delay, seed: 4);
        await PublishCardAsync();
        var other = await OpenAsync();
        await other.RewriteAnswersAsync(watchingWithoutBuffer.Rewrite);
        await Links.WatchAsync(other, Stream);
        await other.EvaluateAsync<object?>("() => { for (const receiver of link.connection.getReceivers()) receiver.jitterBufferTarget = 0; }");
        var player = await OpenAsync();
        await player.RewriteAnswersAsync(watching.Rewrite);
        await WatchAsync(player);
        await WatchPage.UntilBufferedAsync(player, BufferMs);

        var frozen = await FrozenSecondsAsync(player, other);
        // A machine too busy to decode in time freezes whatever it likes; such a span is followed by another one.
        for (var more = 2; more > 0 && !FrozeLess(frozen); more--)
            frozen = await FrozenSecondsAsync(player, other);
        Output.WriteLine($"{watching}; {watchingWithoutBuffer}");
        Output.WriteLine($"with: {await CountersAsync(player)}; without: {await CountersAsync(other)}");
        Assert.True(FrozeLess(frozen), $"It froze for {frozen.Player:F1} s with the buffer, for {frozen.Other:F1} s without.");
    }

    /// <summary>By a clear margin: without the buffer some five of 22 seconds are frozen.</summary>
    private static bool FrozeLess((double Player, double Other) seconds) => seconds.Player + 1 < seconds.Other;

    private async Task<(double Player, double Other)> FrozenSecondsAsync(Tab player, Tab other)
    {
        var before = (Player: await FrozenSecondsAsync(player), Other: await FrozenSecondsAsync(other));
        await player.EvaluateAsync<object?>("(seconds) => e2e.wait(seconds * 1000)", Seconds);
        var frozen = (Player: await FrozenSecondsAsync(player) - before.Player, Other: await FrozenSecondsAsync(other) - before.Other);
        Output.WriteLine($"Frozen in {Seconds} s: {frozen.Player:F1} s with the player's buffer, {frozen.Other:F1} s without.");
        return frozen;
    }

    private static Task<double> FrozenSecondsAsync(Tab tab) =>
        tab.EvaluateAsync<double>("async () => (await e2e.report('inbound-rtp', 'video')).totalFreezesDuration");

    private static double Residual(StreamState state)
    {
        var video = state.Tracks.Single(track => track.Kind == "video");
        return (double)video.PacketsLost / video.PacketsReceived;
    }

    private static Task<int> SentAsync(Tab publisher) =>
        publisher.EvaluateAsync<int>("async () => (await e2e.report('outbound-rtp', 'video')).framesSent");

    private static Task<int> DecodedAsync(Tab viewer) =>
        viewer.EvaluateAsync<int>("async () => (await e2e.report('inbound-rtp', 'video')).framesDecoded");

    private static Task<string> CountersAsync(Tab tab) => tab.EvaluateAsync<string>("""
        async () => {
          const video = await e2e.report('inbound-rtp', 'video');
          const names = ['packetsReceived', 'packetsLost', 'retransmittedPacketsReceived', 'nackCount', 'pliCount', 'keyFramesDecoded',
            'framesDecoded', 'freezeCount', 'totalFreezesDuration'];
          return names.map((name) => `${name} ${video[name]}`).join(', ');
        }
        """);
}
