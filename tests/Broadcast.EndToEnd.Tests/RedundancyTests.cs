using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Network;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>Sound with copies of earlier packets (RED, RFC 2198), from a browser and to browsers, over networks that lose some.</summary>
/// <remarks>
/// A browser's statistics name the codec inside of RED and count Opus's own error correction like copies; the payload type on the
/// way tells, which is not encrypted.
/// </remarks>
public sealed class RedundancyTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    /// <summary>Chromium's payload type of RED.</summary>
    private const byte Red = 63;

    private const double Loss = 0.1;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Publisher_that_prefers_copies_sends_them_and_they_fill_holes_before_anybody_hears_of_them()
    {
        await using var publishing = new ImpairedLeg(Loss, Delay, seed: 1);
        await using var watching = new ImpairedLeg(0, TimeSpan.Zero, seed: 2);
        await using var watchingWithout = new ImpairedLeg(0, TimeSpan.Zero, seed: 3);
        await PublishSoundAsync(publishing);

        // Browsers negotiate no NACK for sound: nothing but a copy can fill a hole here, and each that does counts as a repair.
        var state = await Api.UntilAsync(Stream, state => state.Tracks.Any(track => track is { Kind: "audio", PacketsRepaired: >= 5 }), TimeSpan.FromSeconds(30));
        Output.WriteLine($"{string.Join("; ", state.Tracks)}; {publishing}");
        Assert.Equal("opus", state.Tracks.Single().Codec, ignoreCase: true);
        Assert.True(publishing.PassedOf(Red) >= 5, $"{publishing.PassedOf(Red)} packets of RED"); // each repair came in one

        foreach (var (leg, withRed) in new[] { (watching, true), (watchingWithout, false) })
        {
            var viewer = await ListenAsync(leg, withRed);
            var sound = await ReceivedSound.OfAsync(viewer);
            Output.WriteLine($"RED {withRed}: {sound}; {leg.PassedOf(Red)} packets of RED; {leg}");
            Assert.Equal("audio/opus", sound.Codec);
        }

        Assert.Equal(0, watchingWithout.PassedOf(Red));
    }

    [Fact]
    public async Task Viewer_who_loses_packets_gets_copies_if_it_knows_them_and_nobody_else_does()
    {
        await using var clean = new ImpairedLeg(0, Delay, seed: 4);
        await using var lossy = new ImpairedLeg(Loss, Delay, seed: 5);
        await using var lossyWithout = new ImpairedLeg(Loss, Delay, seed: 6);
        await PublishSoundAsync(through: null);
        var viewers = new[] { await ListenAsync(clean, withRed: true), await ListenAsync(lossy, withRed: true), await ListenAsync(lossyWithout, withRed: false) };

        // Receiver reports bring them about; from then on they go with every packet.
        await viewers[1].UntilAsync("async (packets) => (await e2e.report('inbound-rtp', 'audio')).packetsReceived >= packets", 300);
        await viewers[2].UntilAsync("async (packets) => (await e2e.report('inbound-rtp', 'audio')).packetsReceived >= packets", 300);
        foreach (var (viewer, leg) in viewers.Zip(new[] { clean, lossy, lossyWithout }))
            Output.WriteLine($"{await ReceivedSound.OfAsync(viewer)}; {leg.PassedOf(Red)} packets of RED; {leg}");
        Assert.InRange(lossy.PassedOf(Red), 50, long.MaxValue);
        Assert.Equal(0, lossyWithout.PassedOf(Red));

        // A machine that is too busy loses packets too: who did not get every one may get copies.
        if ((await ReceivedSound.OfAsync(viewers[0])).PacketsLost == 0) Assert.Equal(0, clean.PassedOf(Red));
    }

    private async Task PublishSoundAsync(ImpairedLeg? through)
    {
        var publisher = await OpenSoundAsync(through);
        await publisher.EvaluateAsync<object?>("([stream, token]) => redundantSound.publish(stream, token)", new[] { Stream, await Node.MintAsync("publish", Stream) });
        await Links.UntilConnectedAsync(publisher);
        Assert.Equal("audio/red", await publisher.EvaluateAsync<string>("() => link.connection.getSenders()[0].getParameters().codecs[0].mimeType"));
        await Api.UntilAsync(Stream, state => state.Active, TimeSpan.FromSeconds(30));
    }

    private async Task<Tab> OpenSoundAsync(ImpairedLeg? through)
    {
        var tab = await OpenAsync();
        if (through is not null)
            await tab.RewriteAnswersAsync(through.Rewrite);
        await tab.AddScriptAsync("redundant-sound.js");
        await tab.GoToAsync(Tab.BlankPath);
        return tab;
    }

    /// <summary>Waits until something is heard.</summary>
    private async Task<Tab> ListenAsync(ImpairedLeg through, bool withRed)
    {
        var tab = await OpenSoundAsync(through);
        await tab.EvaluateAsync<object?>($"(stream) => redundantSound.listen(stream, {(withRed ? "true" : "false")})", Stream);
        await tab.UntilAsync("async () => { const sound = await e2e.report('inbound-rtp', 'audio'); return sound.packetsReceived > 50 && sound.totalAudioEnergy > 0; }");
        return tab;
    }

    private sealed class ReceivedSound
    {
        public string Codec { get; set; } = "";

        public int PacketsReceived { get; set; }

        public int PacketsLost { get; set; }

        public double ConcealedSamples { get; set; }

        public static Task<ReceivedSound> OfAsync(Tab tab) => tab.EvaluateAsync<ReceivedSound>("() => e2e.report('inbound-rtp', 'audio')");

        public override string ToString() => $"{Codec}: {PacketsReceived} packets received, {PacketsLost} lost; {ConcealedSamples / 48:F0} ms concealed";
    }
}
