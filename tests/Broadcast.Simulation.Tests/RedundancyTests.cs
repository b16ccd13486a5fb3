using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>Sound that a publisher sends with copies of earlier packets (RFC 2198).</summary>
public class RedundancyTests
{
    private static readonly PublisherProfile WithCopies = new() { SendsCopies = true };

    [Fact]
    public void Padding_between_packets_with_copies_is_no_hole()
    {
        using var scenario = new Scenario(1);
        var publisher = scenario.PublishAndSend(WithCopies);
        var viewer = scenario.WatchAndSee();
        scenario.PlayOut(publisher, seconds: 10);
        var sound = Sound(publisher);
        Assert.True(publisher.AudioPackets > 500);
        Assert.Equal((0L, 0L), (sound.Lost, sound.Repaired));
        Assert.Equal(0L, scenario.Node.Drops(DropReason.RtpUnknownPayloadType));
        PlaybackAssert.Intact(scenario, viewer);
    }

    [Fact]
    public void Copies_fill_holes_and_are_counted()
    {
        using var scenario = new Scenario(2);
        var publisher = scenario.PublishAndSend(WithCopies, LinkConditions.Lossy(0.05, 10));
        scenario.WatchAndSee();
        scenario.PlayOut(publisher, seconds: 20);
        var sound = Sound(publisher);

        // One loss after the other leaves a hole, and so does the loss of padding or of what padding follows.
        Assert.InRange(sound.Repaired, 30, publisher.AudioPackets / 10);
        Assert.InRange(sound.Lost, 0, sound.Repaired);
    }

    private static Media.Receive.ReceiveTrack Sound(TestPublisher publisher) =>
        publisher.Session.Ingest!.Tracks.Single(track => track.Media.Kind == MediaKind.Audio);
}
