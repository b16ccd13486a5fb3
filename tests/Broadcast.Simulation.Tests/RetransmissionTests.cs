using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>NACK is answered, but not without end.</summary>
public class RetransmissionTests
{
    private static Scenario Playing(int seed, out TestViewer viewer, LinkConditions? link = null)
    {
        var scenario = new Scenario(seed);
        var publisher = scenario.Publish(new PublisherProfile { SendsAudio = false });
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var second = viewer = scenario.Watch(up: link);
        scenario.RunUntil(() => second.Video?.Decoder.Last is not null, 3, "the first picture");
        viewer.SendsNacks = false;
        scenario.Run(4);
        return scenario;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void One_packet_is_sent_again_six_times_at_most(int seed)
    {
        using var scenario = Playing(seed, out var viewer);
        var wanted = (ushort)viewer.Video.Highest;
        for (var i = 0; i < 15; i++)
        {
            viewer.SendNack(viewer.Video.Track.Ssrc, wanted);
            scenario.Run(0.06);
        }

        Assert.Equal(6, viewer.Session.Viewer!.Retransmitted);
        Assert.Equal(11, scenario.Node.Drops(DropReason.NackLimited)); // two at once for the second and third
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void One_packet_is_sent_again_once_in_a_round_trip(int seed)
    {
        using var scenario = Playing(seed, out var viewer, LinkConditions.Lossy(0, 100));
        var wanted = (ushort)viewer.Video.Highest;
        for (var i = 0; i < 18; i++)
        {
            viewer.SendNack(viewer.Video.Track.Ssrc, wanted);
            scenario.Run(0.01);
        }

        scenario.Run(0.3);
        Assert.Equal(1, viewer.Session.Viewer!.Retransmitted);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Retransmission_stays_below_a_fifth_of_the_rate(int seed)
    {
        using var scenario = Playing(seed, out var viewer);
        var octets = viewer.Session.Viewer!.Octets;
        var resent = 0L;
        scenario.Network.ServerSends = (_, datagram) =>
        {
            if (datagram.Span[0] >> 6 == 2 && (datagram.Span[1] & 0x7F) == viewer.Video.Track.RtxPayloadType) resent += datagram.Length;
        };

        // Everything is asked for again, all the time.
        for (var i = 0; i < 400; i++)
        {
            var highest = viewer.Video.Highest;
            viewer.SendNack(viewer.Video.Track.Ssrc, [.. Enumerable.Range(0, 60).Select(back => (ushort)(highest - 60 + back))]);
            scenario.Run(0.05);
        }

        octets = viewer.Session.Viewer.Octets - octets;
        var allowance = 256 * 1024;
        Assert.True(resent <= (octets * 0.22) + allowance, $"{resent} octets again after {octets} (seed {seed})");
        Assert.True(resent >= octets * 0.15, $"only {resent} octets again after {octets} (seed {seed})");
    }

    [Fact]
    public void Numbers_that_were_never_sent_or_are_too_old_are_counted_not_answered()
    {
        using var scenario = Playing(31, out var viewer);
        viewer.SendNack(viewer.Video.Track.Ssrc, (ushort)(viewer.Video.Highest + 500));
        viewer.SendNack(viewer.Video.Track.Ssrc, (ushort)(viewer.Video.First - 40));
        viewer.SendNack(viewer.Video.Track.Ssrc, (ushort)(viewer.Video.Highest - 400));
        viewer.SendNack(viewer.Video.Track.RtxSsrc, 0, 1, 2);
        viewer.SendNack(0xDEAD_BEEF, 5);
        scenario.Run(0.1);
        Assert.Equal(0, viewer.Session.Viewer!.Retransmitted);
        Assert.Equal(2, scenario.Node.Drops(DropReason.NackUnknown));
        Assert.Equal(1, scenario.Node.Drops(DropReason.NackTooOld));
    }

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void What_the_server_itself_lacks_comes_when_it_has_it(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish(new PublisherProfile { SendsAudio = false }, LinkConditions.Lossy(0.05, 60), LinkConditions.Lossy(0, 60));
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var viewer = scenario.Watch();
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 5, "the first picture");
        scenario.Run(20);
        publisher.IsSending = false;
        scenario.Run(2);
        PlaybackAssert.Gapless(scenario, viewer);
        Assert.Equal(0, viewer.Video.Missing);

        // The viewer's leg loses nothing: what it asked for was on its way, and comes twice only when both meet.
        var unknown = scenario.Node.Drops(DropReason.NackTooOld);
        Assert.True(unknown > 100, scenario.Drops());
        Assert.True(viewer.RtxPackets < unknown / 10, $"{viewer.RtxPackets} needless repairs (seed {seed})");
    }
}
