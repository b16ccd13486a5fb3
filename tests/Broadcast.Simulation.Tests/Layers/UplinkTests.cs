using Broadcast.Media.Layers;
using Broadcast.Media.Sessions;
using Broadcast.Testing;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Layers;

/// <summary>A node whose uplink is too narrow for what its viewers would like to have.</summary>
public class UplinkTests
{
    /// <summary>What the node keeps free of pictures for each viewer.</summary>
    private const long BesidesVideo = 100_000;

    [Fact]
    public void All_get_the_same_quality_and_those_who_want_less_leave_more_to_the_others()
    {
        using var scenario = Publishing(seed: 1);
        var viewers = Enumerable.Range(0, 4).Select(_ => scenario.WatchLayered()).ToArray();

        // The middle quality for each, with a little to spare.
        var forVideo = Rung(scenario, "m").BitsPerSecond * 4 * 6 / 5;
        var capacity = (4 * BesidesVideo) + forVideo;
        Pass(scenario, capacity, 8);
        Assert.All(viewers, viewer => Assert.Equal("m", SimulcastTests.Video(viewer).Track!.Rid));
        Assert.All(viewers, viewer => Assert.Equal(LayerLimit.Node, viewer.Session.Viewer!.Layers.InUse!.Limit));
        Assert.InRange(SentIn(scenario, viewers, capacity, 5), 1, forVideo);

        foreach (var viewer in viewers[..3]) viewer.Session.Viewer!.Layers.Choice = new LayerChoice { MaxWidth = 320 };
        Pass(scenario, capacity, 8);
        Assert.Equal(["l", "l", "l", "h"], viewers.Select(viewer => SimulcastTests.Video(viewer).Track!.Rid));
        Assert.InRange(SentIn(scenario, viewers, capacity, 5), 1, forVideo);
    }

    [Fact]
    public void Who_comes_when_not_even_the_lowest_quality_is_left_gets_the_sound_only_until_somebody_leaves()
    {
        using var scenario = Publishing(seed: 2);
        var least = Rung(scenario, "l").Rates[0];
        var capacity = (3 * BesidesVideo) + (least * 28 / 10);
        Pass(scenario, capacity, 1);
        var viewers = new List<TestViewer>();
        for (var i = 0; i < 3; i++)
        {
            viewers.Add(scenario.WatchLayered());
            Pass(scenario, capacity, 3);
        }

        var last = SimulcastTests.Video(viewers[2]);
        Assert.Equal((0L, true), (last.Packets, last.IsMuted));
        Assert.Equal((true, LayerLimit.Node), (viewers[2].Session.Viewer!.Layers.InUse!.Paused, viewers[2].Session.Viewer!.Layers.InUse!.Limit));
        var before = viewers.Select(viewer => SimulcastTests.Video(viewer).Packets).ToArray();
        Pass(scenario, capacity, 10);
        Assert.Equal(0L, last.Packets);
        Assert.True(SimulcastTests.Video(viewers[0]).Packets > before[0] + 50 && SimulcastTests.Video(viewers[1]).Packets > before[1] + 50, "a picture went");

        scenario.Node.Close(viewers[0].Session);
        Pass(scenario, capacity, 4);
        Assert.True(last.Packets > 20, $"{last.Packets} packets");
        Assert.False(viewers[2].Session.Viewer!.Layers.InUse!.Paused);
        Assert.Empty(SimulcastTests.Judge(viewers[2], SimulcastProfile.Vp8).Errors);
    }

    [Fact]
    public void Picture_that_comes_back_does_not_begin_with_what_it_was_before()
    {
        using var scenario = Publishing(seed: 3);
        var viewer = scenario.WatchLayered();
        var layers = viewer.Session.Viewer!.Layers;
        scenario.RunUntil(() => SimulcastTests.Video(viewer).Track?.Rid == "h", 10, "the best encoding");
        layers.IsCrowdedOut = true;
        scenario.RunUntil(() => SimulcastTests.Video(viewer).IsMuted, 5, "sound only");
        scenario.Run(1);
        var before = SimulcastTests.Judge(viewer, SimulcastProfile.Vp8).Received.Count;
        (layers.IsCrowdedOut, layers.Choice) = (false, new LayerChoice { Rid = "l" });
        scenario.Run(4);
        var judge = SimulcastTests.Judge(viewer, SimulcastProfile.Vp8);
        Assert.True(judge.Received.Count > before + 50);
        Assert.All(judge.Received[before..], packet => Assert.Equal(0, packet.Encoding));
        Assert.Empty(judge.Errors);
    }

    private static Scenario Publishing(int seed)
    {
        var scenario = new Scenario(seed);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 150, 20, "publishing");
        return scenario;
    }

    private static Quality Rung(Scenario scenario, string rid) =>
        scenario.Node.Stream("stage").Publication!.Qualities.Rungs.ToArray().Single(rung => rung.Track.Rid == rid);

    private static void Pass(Scenario scenario, long capacity, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            scenario.Node.ShareUplink(capacity);
            scenario.Run(1);
        }
    }

    /// <summary>Bits per second of pictures that all viewers together were sent.</summary>
    private static long SentIn(Scenario scenario, TestViewer[] viewers, long capacity, int seconds)
    {
        var before = viewers.Sum(viewer => SimulcastTests.Video(viewer).Octets);
        Pass(scenario, capacity, seconds);
        return (viewers.Sum(viewer => SimulcastTests.Video(viewer).Octets) - before) * 8 / seconds;
    }
}
