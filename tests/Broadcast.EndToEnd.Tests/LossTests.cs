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
        var other = await OpenAsync();
        await other.OfferOnlyAsync("/VP8$/");
        await other.RewriteAnswersAsync(watchingWithoutRtx.Rewrite);
        await Links.WatchAsync(other, Stream);

        // The player asks for no buffer, and a browser then skips pictures whose repair took a round trip, the more the busier
        // the machine is. What is tested is that every picture can be repaired in time for a player that waits.
        await viewer.EvaluateAsync<bool>("() => { for (const receiver of e2e.connection.getReceivers()) receiver.jitterBufferTarget = 600; return true; }");

        var sentBefore = await SentAsync(publisher);
        var received = (await Api.GetAsync(Stream)).Tracks.Single(track => track.Kind == "video").PacketsReceived;
        var frames = await viewer.EvaluateAsync<CardFrame[]>("(seconds) => cardReader.collectFrames(seconds)", Seconds);
        var sent = await SentAsync(publisher) - sentBefore;
        Output.WriteLine($"{frames.Length} of {sent} frames seen; publisher's leg: {publishing}; viewers' legs: {watching}; {watchingWithoutRtx}");
        Output.WriteLine($"viewer with RTX: {await CountersAsync(viewer)}; without: {await CountersAsync(other)}");

        // Holes that are being repaired at the moment of asking are not lost.
        var stream = await Api.UntilAsync(Stream, state => Residual(state) <= ResidualLimit, RepairLimit);
        await other.UntilAsync(
            "async (limit) => { const video = await e2e.report('inbound-rtp', 'video'); return video.packetsLost <= limit * video.packetsReceived; }",
            ResidualLimit, RepairLimit.TotalSeconds);
        var video = stream.Tracks.Single(track => track.Kind == "video");
        Output.WriteLine($"{video}");
        Assert.True(video.PacketsReceived - received > 1000, $"Only {video.PacketsReceived - received} packets in {Seconds} s.");
        Assert.True(video.PacketsRepaired > 20, $"Only {video.PacketsRepaired} packets were repaired: is the loss at work?");
        Assert.True(frames.Length >= 0.95 * sent, $"{frames.Length} of {sent} frames were seen.");
        var numbers = frames.Select(frame => frame.Number).Where(number => number >= 0).ToArray();
        Assert.True(numbers.Length >= 0.95 * frames.Length, $"{frames.Length - numbers.Length} frames could not be read.");
        Assert.All(numbers.Zip(numbers.Skip(1)), pair => Assert.True(pair.Second > pair.First, $"{pair.Second} came after {pair.First}."));
    }

    private static double Residual(StreamState state)
    {
        var video = state.Tracks.Single(track => track.Kind == "video");
        return (double)video.PacketsLost / video.PacketsReceived;
    }

    private static Task<int> SentAsync(Tab publisher) =>
        publisher.EvaluateAsync<int>("async () => (await e2e.report('outbound-rtp', 'video')).framesSent");

    private static Task<string> CountersAsync(Tab tab) => tab.EvaluateAsync<string>("""
        async () => {
          const video = await e2e.report('inbound-rtp', 'video');
          const names = ['packetsReceived', 'packetsLost', 'retransmittedPacketsReceived', 'nackCount', 'pliCount', 'keyFramesDecoded',
            'framesDecoded', 'freezeCount', 'totalFreezesDuration'];
          return names.map((name) => `${name} ${video[name]}`).join(', ');
        }
        """);
}
