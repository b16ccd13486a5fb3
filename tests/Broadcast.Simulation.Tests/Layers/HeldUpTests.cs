using System.Buffers.Binary;
using Broadcast.Testing;
using Broadcast.Testing.Media;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Layers;

/// <summary>The best encoding does not come through any more, and the others do: viewers do not wait for it.</summary>
public class HeldUpTests
{
    private const double SecondsToLeave = 0.7;

    [Theory]
    [InlineData(0)] // not sent
    [InlineData(1)] // all of it is lost
    [InlineData(0.9)] // what comes is full of holes
    public void Encoding_that_does_not_come_through_is_left_in_less_than_a_second_and_taken_again_when_it_does(double loss)
    {
        using var scenario = new Scenario(seed: 2);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 150, 20, "publishing");
        var viewer = scenario.WatchLayered();
        var video = SimulcastTests.Video(viewer);
        scenario.RunUntil(() => video.Track?.Rid == "h", 10, "the best encoding");
        scenario.Run(1);

        var best = publisher.Encodings[2];
        var random = new Random(7);
        best.IsActive = loss > 0;
        publisher.Host.Up.Filter = datagram => IsOf(best.Track, datagram.Span) && random.NextDouble() < loss;
        scenario.RunUntil(() => video.Track?.Rid == "m", SecondsToLeave, "the next lower encoding");
        scenario.Run(3);
        Assert.Equal("m", video.Track!.Rid);

        publisher.Host.Up.Filter = null;
        best.IsActive = true;
        scenario.RunUntil(() => video.Track?.Rid == "h", 8, "the best encoding again");
        scenario.Run(3);
        publisher.IsSending = false;
        scenario.Run(1);
        Assert.Empty(SimulcastTests.Judge(viewer, SimulcastProfile.Vp8).Errors);
    }

    /// <summary>Holes that are filled after a round trip or two keep nobody waiting.</summary>
    [Theory]
    [InlineData(0.05, 50)]
    [InlineData(0.1, 50)]
    [InlineData(0.05, 150)]
    public void Loss_that_is_repaired_costs_no_viewer_its_quality(double loss, int delayMilliseconds)
    {
        using var scenario = new Scenario(seed: 3);
        var network = LinkConditions.Lossy(loss, delayMilliseconds);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8, network, network);
        scenario.RunUntil(() => publisher.Pictures > 150, 20, "publishing");
        var viewer = scenario.WatchLayered();
        var video = SimulcastTests.Video(viewer);
        scenario.RunUntil(() => video.Track?.Rid == "h", 15, "the best encoding");
        for (var second = 0; second < 60; second++)
        {
            scenario.Run(1);
            Assert.Equal("h", video.Track!.Rid);
        }
    }

    private static bool IsOf(SendingTrack track, ReadOnlySpan<byte> datagram) =>
        datagram.Length > 12 && BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]) is var ssrc && (ssrc == track.Ssrc || ssrc == track.RtxSsrc);
}
