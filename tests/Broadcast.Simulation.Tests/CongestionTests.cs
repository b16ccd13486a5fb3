using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Simulation.Tests.Layers;
using Broadcast.Testing;
using Broadcast.Testing.Media;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>A viewer's network that carries less than what is published: the whole way from the publisher's packets to the pictures shown.</summary>
public class CongestionTests
{
    /// <summary>180p at 0.15, 360p at 0.55 and 720p at 2 Mbit/s, as a browser would publish them.</summary>
    private static readonly SimulcastProfile Profile = Sized(SimulcastProfile.Vp8);

    private static readonly LinkConditions Narrow = new() { Delay = TimeSpan.FromMilliseconds(25), BitsPerSecond = 600_000, QueueBytes = 600_000 / 8 * 3 / 10 };
    private static readonly LinkConditions Wide = Narrow with { BitsPerSecond = 3_000_000, QueueBytes = 3_000_000 / 8 * 3 / 10 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Viewer_whose_network_becomes_narrow_sees_a_smaller_picture_soon_and_the_best_again_when_it_is_wide(int seed)
    {
        using var scenario = Publishing(seed);
        var viewer = scenario.WatchLayered(up: new LinkConditions { Delay = Wide.Delay }, down: Wide);
        UntilRid(scenario, viewer, "h", 15);
        scenario.Run(5);

        viewer.Host.Down.Conditions = Narrow;
        var narrowAt = scenario.Clock.Now;
        UntilNotRid(scenario, viewer, "h", 3);
        scenario.Run(12);
        Assert.Equal(LayerLimit.Bandwidth, viewer.Session.Viewer!.Layers.InUse!.Limit);
        var lost = viewer.Host.Down.Lost;
        scenario.Run(5);
        Assert.InRange(viewer.Host.Down.Lost - lost, 0, 20);

        viewer.Host.Down.Conditions = Wide;
        UntilRid(scenario, viewer, "h", 15);
        scenario.Run(5);
        var pictures = Shown(viewer);

        // What was lost from the queue of 300 ms, which is full before anybody knows, and a keyframe through it. A player that holds some
        // pictures back shows less of this.
        Assert.InRange(LongestFreeze(pictures, narrowAt).TotalMilliseconds, 0, 900);
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.05)]
    public void Loss_without_want_of_capacity_keeps_the_best_picture(double loss)
    {
        using var scenario = Publishing(seed: 4);
        var viewer = scenario.WatchLayered(up: LinkConditions.Lossy(loss, 40), down: LinkConditions.Lossy(loss, 40));
        UntilRid(scenario, viewer, "h", 15);
        for (var second = 0; second < 30; second++)
        {
            scenario.Run(1);
            Assert.Equal("h", SimulcastTests.Video(viewer).Track!.Rid);
        }
    }

    [Fact]
    public void Where_not_even_the_least_fits_the_sound_goes_on_and_the_picture_comes_back()
    {
        // H.264, whose lowest encoding has no temporal layer that would fit.
        using var scenario = Publishing(seed: 5, Sized(SimulcastProfile.H264));
        var viewer = scenario.WatchLayered(up: new LinkConditions { Delay = Wide.Delay }, down: Wide);
        UntilRid(scenario, viewer, "h", 15);
        viewer.Host.Down.Conditions = Narrow with { BitsPerSecond = 30_000, QueueBytes = 3_000 };
        scenario.RunUntil(() => SimulcastTests.Video(viewer).IsMuted, 20, "sound only");
        Assert.True(viewer.Session.Viewer!.Layers.InUse!.Paused);
        viewer.Host.Down.Conditions = Wide;
        scenario.RunUntil(() => !SimulcastTests.Video(viewer).IsMuted, 30, "a picture again");
        UntilRid(scenario, viewer, "h", 40);
    }

    /// <summary>What a probe repeats, or pads with, is nothing that a player would notice.</summary>
    [Fact]
    public void Probes_leave_no_trace_in_the_picture()
    {
        using var scenario = Publishing(seed: 6);
        var viewer = scenario.WatchLayered(choice: new LayerChoice { Rid = "m" });
        scenario.Run(30);
        Assert.True(viewer.Session.Viewer!.Layers.Estimator.BitsPerSecond > 1_000_000, "nothing was probed");
        Assert.True(viewer.RtxPackets > 20, $"{viewer.RtxPackets} packets of probes");
        var judge = SimulcastTests.Judge(viewer, Profile);
        Assert.Empty(judge.Errors);
        Assert.Equal((0, 0), (judge.Missing, viewer.Video.Contradictions));
    }

    [Fact]
    public void Viewer_that_moves_to_another_address_begins_anew()
    {
        using var scenario = Publishing(seed: 7);
        var viewer = scenario.WatchLayered(down: Narrow);
        scenario.Run(20);
        var estimator = viewer.Session.Viewer!.Layers.Estimator;
        Assert.InRange(estimator.BitsPerSecond, 100_000, 900_000);
        viewer.Host.Down.Conditions = Wide;
        viewer.Host.MoveTo(scenario.Network.NewAddress());
        scenario.RunUntil(() => estimator.BitsPerSecond > 1_500_000, 4, "an estimate that knows nothing of the old address");
    }

    [Fact]
    public void Burst_toward_a_viewer_whose_network_is_known_is_five_milliseconds_long()
    {
        using var scenario = Publishing(seed: 8);
        var viewer = scenario.WatchLayered(up: new LinkConditions { Delay = Wide.Delay }, down: Wide);
        UntilRid(scenario, viewer, "h", 15);
        scenario.Run(10);
        var bytes = new Dictionary<MonotonicTime, int>();
        scenario.Network.ServerSends = (to, datagram) =>
        {
            if (to == viewer.Host.Address) bytes[scenario.Clock.Now] = bytes.GetValueOrDefault(scenario.Clock.Now) + datagram.Length;
        };
        viewer.RequestKeyframe();
        scenario.Run(5);
        var estimate = viewer.Session.Viewer!.Layers.Estimator.BitsPerSecond;
        Assert.InRange(bytes.Values.Max(), 2_000, (estimate * 2.5 * 1.2 / 8 * 0.005) + (3 * 1200));
    }

    private static SimulcastProfile Sized(SimulcastProfile profile) => profile with
    {
        Encodings = [.. profile.Encodings.Zip([(1, 600), (3, 750), (8, 1000)], (encoding, size) => encoding with { PacketsPerFrame = size.Item1, BodyLength = size.Item2 })],
    };

    private static Scenario Publishing(int seed, SimulcastProfile? profile = null)
    {
        var scenario = new Scenario(seed);
        var publisher = scenario.PublishLayered(profile ?? Profile);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        return scenario;
    }

    private static void UntilRid(Scenario scenario, TestViewer viewer, string rid, double seconds) =>
        scenario.RunUntil(() => SimulcastTests.Video(viewer).Track?.Rid == rid, seconds, $"encoding {rid}");

    private static void UntilNotRid(Scenario scenario, TestViewer viewer, string rid, double seconds) =>
        scenario.RunUntil(() => SimulcastTests.Video(viewer).Track?.Rid != rid, seconds, $"another encoding than {rid}");

    private static List<ShownPicture> Shown(TestViewer viewer)
    {
        var judge = SimulcastTests.Judge(viewer, Profile);
        Assert.Empty(judge.Errors);
        return judge.Shown;
    }

    private static TimeSpan LongestFreeze(List<ShownPicture> pictures, MonotonicTime from)
    {
        var shown = pictures.Where(picture => picture.At >= from).Select(picture => picture.At).Order().ToArray();
        return shown.Zip(shown.Skip(1), (a, b) => b - a).Max();
    }
}
