using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Media;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Layers;

/// <summary>Viewers join a publisher who sends a keyframe every four seconds and never when asked.</summary>
public class FastJoinTests
{
    private static readonly PublisherProfile Deaf = new()
    {
        AnswersPli = false,
        KeyframeInterval = TimeSpan.FromSeconds(4),
        SendsAudio = false,
    };

    /// <summary>The first picture at once, and after three seconds no later than one who was there before.</summary>
    [Fact]
    public void Newcomer_sees_a_picture_at_once_and_is_soon_live_at_any_phase()
    {
        for (var phase = 0.05; phase < 4; phase += 0.37)
        {
            using var scenario = new Scenario(seed: 10 + (int)(phase * 100));
            var (publisher, old) = Begin(scenario);
            scenario.Run(phase);
            var viewer = Join(scenario, LinkConditions.Good);
            AssertFirstPicture(viewer, phase);
            scenario.Run(3);
            AssertLive(viewer, old, phase);
            scenario.PlayOut(publisher, 5);

            AssertRising(scenario, viewer);
            PlaybackAssert.Gapless(scenario, viewer);
            Assert.Equal(0, viewer.Video.Missing);
            Assert.True(viewer.Video.Decoder.Last!.Frame == publisher.Frames - 1, $"phase {phase}");
        }
    }

    [Fact]
    public void Newcomer_on_a_lossy_link_is_live_too()
    {
        for (var phase = 0.2; phase < 4; phase += 0.9)
        {
            using var scenario = new Scenario(seed: 50 + (int)(phase * 100));
            var (publisher, old) = Begin(scenario);
            scenario.Run(phase);
            var viewer = Join(scenario, LinkConditions.Lossy(0.03, 10));
            scenario.Run(3);
            scenario.RunUntil(() => scenario.Clock.Now - viewer.Video.Decoder.Last!.At < TimeSpan.FromMilliseconds(40), 1, "a moment without repair");
            AssertLive(viewer, old, phase);
            scenario.PlayOut(publisher, 5);
            AssertRising(scenario, viewer);
            PlaybackAssert.Intact(scenario, viewer);
            Assert.True(viewer.Video.ResidualLoss <= 0.002, $"{viewer.Video.ResidualLoss:P2} lost");
        }
    }

    [Fact]
    public void Cache_with_a_hole_is_not_used()
    {
        using var scenario = new Scenario(seed: 3);
        var (publisher, old) = Begin(scenario);
        scenario.Run(1);

        // One packet is lost for good: neither it nor its repair arrives.
        var lost = 0;
        publisher.Host.Up.Filter = datagram => IsRtp(datagram.Span) && (lost == 0 ? lost++ == 0 : IsRepair(publisher, datagram.Span));
        scenario.Run(1.2);
        publisher.Host.Up.Filter = null;
        var served = Budget(scenario).ServedFromCache;
        var joined = scenario.Clock.Now;
        var viewer = scenario.Watch();
        scenario.Run(0.7);
        Assert.Equal(served, Budget(scenario).ServedFromCache);
        Assert.Null(viewer.Video.Decoder.Last);
        scenario.RunUntil(() => viewer.Video.Decoder.Last is not null, 4, "the next keyframe");
        scenario.PlayOut(publisher, 3);
        PlaybackAssert.Gapless(scenario, viewer);
        Assert.Equal(0, viewer.Video.Missing);
        Assert.True(joined < viewer.Video.Decoder.Decoded[0].At);
        Assert.NotNull(old.Video.Decoder.Last);
    }

    [Fact]
    public void Crowd_of_newcomers_costs_no_keyframe_and_takes_nothing_from_those_who_watch()
    {
        using var scenario = new Scenario(seed: 4);
        var publisher = scenario.PublishAndSend(Deaf with { AnswersPli = true, PacketsPerKeyframe = 3, PacketsPerFrame = 1, PayloadLength = 200, FramesPerSecond = 10 });
        var old = scenario.WatchAndSee();
        scenario.Run(2);
        var requests = publisher.Feedback.KeyframeRequests.Count;
        var before = old.Video.Decoder.Decoded.Count;
        var frames = publisher.Frames;
        var viewers = new List<TestViewer>();
        for (var i = 0; i < 1_000; i++)
        {
            viewers.Add(scenario.Watch());
            scenario.Run(0.01);
        }

        scenario.Run(2);
        Assert.InRange(publisher.Feedback.KeyframeRequests.Count - requests, 0, 2);
        Assert.All(viewers, viewer => Assert.NotNull(viewer.Video?.Decoder.Last));
        Assert.InRange(old.Video.Decoder.Decoded.Count - before, publisher.Frames - frames - 2, publisher.Frames - frames + 2);
        PlaybackAssert.Gapless(scenario, old);
        Assert.Equal(0, old.Video.Missing);
        Assert.All(viewers, viewer => Assert.True(viewer.Video.Decoder.Last!.Frame >= publisher.Frames - 2));
    }

    /// <summary>The keyframe's packets come one by one, and a viewer connects between any two of them.</summary>
    [Fact]
    public void Newcomer_in_the_middle_of_a_keyframe_shows_that_one()
    {
        using var scenario = new Scenario(seed: 5);
        var profile = Deaf with { PacketsPerKeyframe = 40, KeyframeInterval = TimeSpan.FromSeconds(2) };
        var publisher = scenario.Publish(profile, new LinkConditions { BitsPerSecond = 3_000_000, QueueBytes = 1_000_000 });
        scenario.RunUntil(() => publisher.Frames > 10, 10, "publishing");
        var viewers = new List<TestViewer>();
        for (var i = 0; i < 150; i++)
        {
            viewers.Add(scenario.Watch());
            scenario.Run(0.02);
        }

        scenario.PlayOut(publisher, 4);
        foreach (var viewer in viewers)
        {
            AssertRising(scenario, viewer);
            PlaybackAssert.Gapless(scenario, viewer);
            Assert.Equal(0, viewer.Video.Missing);
            Assert.Equal(publisher.Frames - 1, viewer.Video.Decoder.Last!.Frame);
        }
    }

    /// <summary>The cache is replayed by number, the log goes on by arrival: repairs lie in both.</summary>
    [Fact]
    public void Newcomer_gets_nothing_twice_that_was_repaired_meanwhile()
    {
        using var scenario = new Scenario(seed: 8);
        var publisher = scenario.Publish(Deaf, new LinkConditions { Loss = 0.05, Reordering = 0.05 }, LinkConditions.Good);
        scenario.RunUntil(() => publisher.Frames > 40, 10, "publishing");
        var viewers = new List<TestViewer>();
        for (var i = 0; i < 200; i++)
        {
            viewers.Add(scenario.Watch());
            scenario.Run(0.043);
        }

        scenario.PlayOut(publisher, 4);
        foreach (var viewer in viewers)
        {
            Assert.Equal((0, 0), (viewer.Replays, viewer.ReplayedDifferently));
            PlaybackAssert.Intact(scenario, viewer);
            Assert.Equal(0, viewer.Video.Missing);
        }
    }

    [Fact]
    public void Cache_of_a_publisher_who_has_gone_is_not_served_for_the_one_who_came_back()
    {
        using var scenario = new Scenario(seed: 6);
        var (publisher, old) = Begin(scenario);
        scenario.Run(1);
        publisher.Vanish();
        var second = scenario.Publish(Deaf with { Source = 2, TimestampOrigin = 5, FirstSequence = 60_000 });
        scenario.RunUntil(() => second.Frames > 30, 5, "the second publisher");
        var viewer = Join(scenario, LinkConditions.Good);
        scenario.Run(3);
        Assert.All(viewer.Video.Decoder.Decoded, picture => Assert.Equal(2, picture.Source));
        AssertLive(viewer, old, 0);
        PlaybackAssert.Gapless(scenario, viewer);
        PlaybackAssert.Intact(scenario, old);
    }

    /// <summary>OBS with simulcast: rid 0 is the best, one origin of time, neither RTX nor transport-cc, deaf to PLI.</summary>
    [Fact]
    public void Newcomer_to_obs_with_simulcast_is_live_at_once_and_may_go_to_each_encoding()
    {
        for (var phase = 0.3; phase < 4; phase += 1.1)
        {
            using var scenario = new Scenario(seed: 70 + (int)(phase * 10));
            var publisher = scenario.PublishLayered(SimulcastProfile.Obs);
            scenario.RunUntil(() => publisher.Pictures > 150, 20, "publishing");
            scenario.Run(phase);
            var viewer = scenario.WatchLayered();
            scenario.RunUntil(() => viewer.IsConnected, 2, "the connection");
            var connected = scenario.Clock.Now;
            scenario.RunUntil(() => viewer.Video.HasKeyframe, 1, "a picture");
            Assert.True(scenario.Clock.Now - connected < TimeSpan.FromMilliseconds(200), $"{scenario.Clock.Now - connected} at phase {phase}");
            scenario.Run(3);
            foreach (var rid in new[] { "2", "1", "0" })
            {
                viewer.Session.Viewer!.Layers.Choice = new Broadcast.Media.Sessions.LayerChoice { Rid = rid };
                scenario.RunUntil(() => SimulcastTests.Video(viewer).Track!.Rid == rid, 5, $"encoding {rid}");
                scenario.Run(0.5);
            }

            publisher.IsSending = false;
            scenario.Run(1);
            var judge = SimulcastTests.Judge(viewer, SimulcastProfile.Obs);
            Assert.Empty(judge.Errors);
            Assert.Equal(0, judge.Missing);
            Assert.Equal(3, judge.Shown.Select(shown => shown.Content.Encoding).Distinct().Count());

            // Deaf publishers are not asked without end.
            Assert.InRange(publisher.Feedback.KeyframeTargets.Count, 0, 12);
        }
    }

    private static (TestPublisher Publisher, TestViewer Old) Begin(Scenario scenario)
    {
        var publisher = scenario.PublishAndSend(Deaf, frames: 15);
        var old = scenario.WatchAndSee();
        var keyframes = publisher.Keyframes;
        scenario.RunUntil(() => publisher.Keyframes > keyframes, 5, "the next keyframe");
        return (publisher, old);
    }

    private static TestViewer Join(Scenario scenario, LinkConditions conditions)
    {
        var viewer = scenario.Watch(up: LinkConditions.Good, down: conditions);
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 3, "the first picture");
        return viewer;
    }

    private static void AssertFirstPicture(TestViewer viewer, double phase)
    {
        var waited = viewer.Video.Decoder.Decoded[0].At - viewer.ConnectedAt;
        Assert.True(waited < TimeSpan.FromMilliseconds(200), $"first picture after {waited} at phase {phase}");
    }

    private static void AssertLive(TestViewer viewer, TestViewer old, double phase)
    {
        var (mine, theirs) = (viewer.Video.Decoder.Last!, old.Video.Decoder.Last!);
        Assert.True(mine.Frame >= theirs.Frame - 1, $"shows {mine.Frame} when others show {theirs.Frame}, phase {phase}");

        // The player's own clock is set by the timestamps: a picture must not be stamped as if it were from another time.
        var ahead = (int)((mine.Timestamp - viewer.Video.Decoder.Decoded[^10].Timestamp) - (theirs.Timestamp - old.Video.Decoder.Decoded[^10].Timestamp));
        Assert.True(Math.Abs(ahead) < 90 * 50, $"timestamps {ahead / 90.0} ms apart, phase {phase}");
    }

    private static void AssertRising(Scenario scenario, TestViewer viewer)
    {
        foreach (var picture in viewer.Video.InOrder.Where(packet => !packet.IsPadding).GroupBy(packet => (packet.Video.Source, packet.Video.Frame)))
            Assert.True(picture.Select(packet => packet.Timestamp).Distinct().Count() == 1, $"picture {picture.Key} has several times (seed {scenario.Seed})");
    }

    private static Media.Layers.KeyframeBudget Budget(Scenario scenario) => scenario.Node.Stream("stage").Publication!.TrackOf(MediaKind.Video)!.Keyframes;

    private static bool IsRtp(ReadOnlySpan<byte> datagram) => datagram[0] is >= 128 and < 192 && datagram[1] is < 192 or > 223 && datagram.Length > 600;

    private static bool IsRepair(TestPublisher publisher, ReadOnlySpan<byte> datagram) => (datagram[1] & 0x7F) == publisher.Video!.Track.RtxPayloadType;
}
