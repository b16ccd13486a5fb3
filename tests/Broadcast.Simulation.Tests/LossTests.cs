using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>Lost, late, doubled and reordered packets on both legs.</summary>
public class LossTests
{
    private static readonly LinkConditions FivePercent = LinkConditions.Lossy(0.05, 50);

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Five_percent_loss_and_100_ms_delay_on_both_legs_leave_at_most_a_thousandth(int seed)
    {
        using var scenario = new Scenario(seed);
        var lossy = LinkConditions.Lossy(0.05, 100);
        var publisher = scenario.PublishAndSend(up: lossy);
        var viewer = scenario.WatchAndSee(up: lossy);
        scenario.PlayOut(publisher, 30);

        PlaybackAssert.Intact(scenario, viewer);
        Assert.True(viewer.Video!.ResidualLoss <= 0.001, $"{viewer.Video.ResidualLoss:P3} lost (seed {seed}, {scenario.Drops()})");
        Assert.True(viewer.RtxPackets > 100, $"{viewer.RtxPackets} repairs (seed {seed})");
        Assert.True(viewer.Video.Decoder.Skipped <= 20, $"{viewer.Video.Decoder.Skipped} frames passed over (seed {seed})");
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void A_hole_is_asked_for_about_once_per_round_trip(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish(new PublisherProfile { SendsAudio = false }, LinkConditions.Lossy(0.05, 100), LinkConditions.Lossy(0, 100));
        scenario.Run(30);
        var lost = publisher.Host.Up.Lost;
        Assert.True(publisher.Feedback.Nacks.Count < lost * 1.25, $"{publisher.Feedback.Nacks.Count} requests for {lost} lost packets (seed {seed})");
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Bursts_of_loss_are_repaired(int seed)
    {
        using var scenario = new Scenario(seed);
        var bursts = new LinkConditions { Bursts = new GilbertLoss(0.01, 0.25), Delay = TimeSpan.FromMilliseconds(30) };
        var publisher = scenario.PublishAndSend(up: bursts);
        var viewer = scenario.WatchAndSee(up: bursts);
        scenario.PlayOut(publisher, 30);

        PlaybackAssert.Intact(scenario, viewer);
        Assert.True(viewer.Video!.ResidualLoss <= 0.002, $"{viewer.Video.ResidualLoss:P3} lost (seed {seed}, {scenario.Drops()})");
    }

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    [InlineData(43)]
    public void Reordering_and_duplicates_change_nothing(int seed)
    {
        using var scenario = new Scenario(seed);
        var wild = new LinkConditions { Reordering = 0.1, Duplication = 0.1, Jitter = TimeSpan.FromMilliseconds(5) };
        var publisher = scenario.PublishAndSend(up: wild);
        var viewer = scenario.WatchAndSee(up: wild);
        scenario.PlayOut(publisher, 20, rest: 2);

        PlaybackAssert.Gapless(scenario, viewer);
        Assert.Equal(0, viewer.Video!.Missing);
        Assert.Equal(0, viewer.Audio!.Missing);
        Assert.Equal(0, viewer.Video.Decoder.Skipped);
    }

    [Theory]
    [InlineData(51)]
    [InlineData(52)]
    public void Sound_without_nack_loses_what_the_network_lost_and_nothing_more(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish();
        scenario.Run(1);
        var viewer = scenario.Watch(down: FivePercent);
        scenario.PlayOut(publisher, 20, rest: 1);

        PlaybackAssert.Intact(scenario, viewer);
        Assert.InRange(viewer.Audio!.ResidualLoss, 0.02, 0.09);
    }

    [Theory]
    [InlineData(61)]
    [InlineData(62)]
    public void Viewer_without_rtx_gets_the_very_same_datagrams_again(int seed)
    {
        using var scenario = new Scenario(seed);
        scenario.Publish();
        scenario.Run(1);
        var viewer = scenario.Watch(OfferText.WithoutRtx(OfferText.Read("chrome-watch")));
        scenario.RunUntil(() => viewer.Video is not null, 1, "the answer");
        scenario.RunUntil(() => viewer.Video.Packets.Count > 400, 10, "packets");
        for (var i = 0; i < 40; i++)
        {
            viewer.SendNack(viewer.Video.Track.Ssrc, (ushort)(viewer.Video.Highest - (i * 3)));
            scenario.Run(0.02);
        }

        scenario.Run(1);
        PlaybackAssert.Gapless(scenario, viewer);
        Assert.Equal(0, viewer.RtxPackets);

        Assert.True(viewer.Replays >= 35, $"{viewer.Replays} resends (seed {seed}, {scenario.Drops()})");
        Assert.True(viewer.ReplayedDifferently == 0, $"{viewer.ReplayedDifferently} resends differ from the original (seed {seed})");
    }

    [Theory]
    [InlineData(71)]
    [InlineData(72)]
    public void Viewer_without_rtx_is_repaired(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish();
        scenario.Run(1);
        var viewer = scenario.WatchAndSee(OfferText.WithoutRtx(OfferText.Read("chrome-watch")), up: FivePercent);
        scenario.PlayOut(publisher, 20);

        PlaybackAssert.Intact(scenario, viewer);
        Assert.True(viewer.Video!.ResidualLoss <= 0.001, $"{viewer.Video.ResidualLoss:P3} lost (seed {seed}, {scenario.Drops()})");
    }

    [Theory]
    [InlineData(81)]
    [InlineData(82)]
    public void Publisher_without_rtx_and_transport_cc_is_repaired(int seed)
    {
        using var scenario = new Scenario(seed);
        var obs = new PublisherProfile { Offer = OfferText.AsVp8(OfferText.Read("obs-publish")), KeyframeInterval = TimeSpan.FromSeconds(2), AnswersPli = false };
        var publisher = scenario.PublishAndSend(obs, FivePercent);
        var viewer = scenario.WatchAndSee();
        scenario.PlayOut(publisher, 20);

        PlaybackAssert.Intact(scenario, viewer);
        Assert.True(viewer.Video!.ResidualLoss <= 0.001, $"{viewer.Video.ResidualLoss:P3} lost (seed {seed}, {scenario.Drops()})");
        Assert.NotEmpty(publisher.Feedback.Estimates);
        Assert.Empty(publisher.Feedback.TransportReceived);
        Assert.Equal(0, publisher.Feedback.ReducedSize);
    }
}
