using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>Sequence numbers pass 65,535 while packets are lost, overtaken and repaired: both ends keep the same rollover counter.</summary>
public class WrapTests
{
    private static readonly LinkConditions Rough = new()
    {
        Loss = 0.05,
        Delay = TimeSpan.FromMilliseconds(30),
        Jitter = TimeSpan.FromMilliseconds(3),
        Reordering = 0.05,
        Duplication = 0.02,
    };

    [Theory]
    [InlineData(1, 65_535)]
    [InlineData(2, 65_500)]
    [InlineData(3, 65_400)]
    [InlineData(4, 65_530)]
    [InlineData(5, 64_000)]
    public void Publisher_passes_the_wrap(int seed, int first)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish(new PublisherProfile { FirstSequence = (ushort)first }, Rough);
        scenario.RunUntil(() => publisher.Frames > 2, 10, "publishing");
        var viewer = scenario.Watch();
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 10, "the first picture");
        scenario.Run(20);
        publisher.IsSending = false;
        scenario.Run(3);

        Assert.True(first + publisher.Video!.Packets > 65_536);
        Assert.Equal(0, scenario.Node.Drops(Rtc.DropReason.SrtpBadAuthentication));
        PlaybackAssert.Intact(scenario, viewer);
        Assert.True(viewer.Video!.ResidualLoss <= 0.001, $"{viewer.Video.ResidualLoss:P3} lost (seed {seed}, {scenario.Drops()})");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void First_packets_before_the_wrap_are_lost(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish(new PublisherProfile { FirstSequence = 65_530 });
        publisher.Host.Up.Filter = datagram => datagram.Span[0] >> 6 == 2 && datagram.Span[2] == 0xFF && (datagram.Span[1] & 0x7F) == publisher.Video!.Track.Format.PayloadType;
        scenario.RunUntil(() => publisher.Frames > 5, 10, "publishing");
        publisher.Host.Up.Filter = null;
        var viewer = scenario.Watch();
        scenario.Run(5);

        Assert.Equal(0, scenario.Node.Drops(Rtc.DropReason.SrtpBadAuthentication));
        PlaybackAssert.Gapless(scenario, viewer);
        Assert.InRange(viewer.Video!.Decoder.Decoded.Count, 120, 155);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Viewers_leg_passes_the_wrap(int seed)
    {
        using var scenario = new Scenario(seed);
        var fast = new PublisherProfile { FramesPerSecond = 200, PacketsPerFrame = 6, PayloadLength = 200, SendsAudio = false };
        var publisher = scenario.Publish(fast);
        scenario.RunUntil(() => publisher.Frames > 2, 10, "publishing");
        var viewer = scenario.Watch(up: Rough);
        var plain = scenario.Watch(OfferText.WithoutRtx(OfferText.Read("chrome-watch")), up: Rough);
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null && plain.Video?.Decoder.Last is not null, 10, "the first picture");
        scenario.RunUntil(() => viewer.Video!.Highest > 65_536 + 3_000 && plain.Video!.Highest > 65_536 + 3_000, 70, "the wrap");
        publisher.IsSending = false;
        scenario.Run(3);

        foreach (var each in new[] { viewer, plain })
        {
            PlaybackAssert.Intact(scenario, each);
            Assert.True(each.Video!.ResidualLoss <= 0.001, $"{each.Video.ResidualLoss:P3} lost (seed {seed}, {scenario.Drops()})");
            Assert.Equal(0, each.ReplayedDifferently);
        }
    }
}
