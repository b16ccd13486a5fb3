using System.Buffers.Binary;
using Broadcast.Media.Layers;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Media;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Layers;

/// <summary>Several encodings of one picture, and viewers who get one of them.</summary>
public class SimulcastTests
{
    [Fact]
    public void Ladder_is_by_size_whatever_the_encodings_are_called()
    {
        foreach (var (profile, rids) in new[] { (SimulcastProfile.Vp8, "l m h"), (SimulcastProfile.Obs, "2 1 0") })
        {
            using var scenario = new Scenario(seed: 1);
            var publisher = scenario.PublishLayered(profile);
            scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
            var ladder = scenario.Node.Stream("stage").Publication!.Qualities;
            Assert.Equal(rids, string.Join(' ', ladder.Rungs.ToArray().Select(rung => rung.Track.Rid)));
            Assert.All(ladder.Rungs.ToArray(), rung => Assert.True(rung.IsActive));
            Assert.All(ladder.Rungs.ToArray(), rung => Assert.Equal(profile.Codec == CodecKind.Vp8 ? 3 : 1, rung.TemporalLayers));
        }
    }

    [Fact]
    public void Encoding_that_falls_silent_is_left_for_the_next_lower_and_taken_again_when_it_comes_back()
    {
        using var scenario = new Scenario(seed: 2);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewer = scenario.WatchLayered();
        var video = Video(viewer);
        scenario.RunUntil(() => video.Track?.Rid == "h", 10, "the best encoding");
        var best = publisher.Encodings[2];
        best.IsActive = false;
        scenario.RunUntil(() => video.Track?.Rid == "m", 5, "the next lower encoding");
        scenario.Run(5);
        Assert.Equal("m", video.Track!.Rid);
        best.IsActive = true;
        scenario.RunUntil(() => viewer.Session.Viewer!.Layers.InUse?.Limit == LayerLimit.Proof, 4, "the reason why it is not taken at once");
        Assert.Equal("m", video.Track!.Rid);
        scenario.RunUntil(() => video.Track?.Rid == "h", 8, "the best encoding again");
        scenario.RunUntil(() => viewer.Session.Viewer!.Layers.InUse?.Limit == LayerLimit.None, 4, "no reason");
        scenario.Run(2);
        publisher.IsSending = false;
        scenario.Run(1);

        var judge = Judge(viewer, SimulcastProfile.Vp8);
        Assert.Empty(judge.Errors);
        Assert.Equal(0, judge.Missing);
        Assert.Equal([2, 1, 2], Runs(judge));
    }

    /// <summary>What was never negotiated belongs to no track: the encoding counts as silent, and after its next keyframe as before.</summary>
    [Theory]
    [InlineData(0.3)]
    [InlineData(5)]
    public void Encoding_that_changes_its_payload_type_is_silent_until_it_has_the_agreed_one_again(double seconds)
    {
        using var scenario = new Scenario(seed: 9);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewer = scenario.WatchLayered();
        var video = Video(viewer);
        scenario.RunUntil(() => video.Track?.Rid == "h", 10, "the best encoding");
        scenario.Run(1);
        var best = publisher.Encodings[2];
        var (agreed, sent) = (best.Track.PayloadType, best.Track.Packets);
        best.Track.PayloadType = 127;
        scenario.Run(seconds);
        var wrong = best.Track.Packets - sent;
        best.Track.PayloadType = agreed;
        Assert.Equal(seconds > 2 ? "m" : "h", video.Track!.Rid);
        var newcomer = scenario.WatchLayered();
        scenario.RunUntil(() => video.Track!.Rid == "h" && Video(newcomer).Track?.Rid == "h", 8, "the best encoding again");
        scenario.Run(3);
        publisher.IsSending = false;
        scenario.Run(1);

        Assert.InRange(scenario.Node.Drops(DropReason.RtpUnknownPayloadType), wrong - 5, wrong);
        foreach (var watching in new[] { viewer, newcomer })
        {
            var judge = Judge(watching, SimulcastProfile.Vp8);
            Assert.Empty(judge.Errors);
            Assert.Equal(2, judge.Shown[^1].Content.Encoding);
            Assert.InRange(publisher.Encodings[2].TakenAt.Count - judge.Shown[^1].Content.Picture, 1, 2);
        }
    }

    [Fact]
    public void Publisher_that_says_what_it_sends_is_believed_before_silence_proves_it()
    {
        using var scenario = new Scenario(seed: 3);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");

        // Three streams, one spatial layer each, but none of the third: | index, 3 streams | masks 1 1 0 | temporal layers 3 3 | rates.
        foreach (var encoding in publisher.Encodings) encoding.Track.Allocation = [0x20, 0x11, 0x00, 0xA0, 10, 20, 30, 40, 50, 60];
        publisher.Encodings[2].IsActive = false;
        var at = scenario.Clock.Now;
        scenario.RunUntil(() => !Rung(scenario, "h").IsActive, 5, "the encoding is known to be gone");
        Assert.True(scenario.Clock.Now - at < TimeSpan.FromSeconds(1.5), $"known after {scenario.Clock.Now - at}");
        Assert.True(Rung(scenario, "l").IsActive && Rung(scenario, "m").IsActive);
    }

    /// <summary>With H.264 it is the parameter sets that are lost.</summary>
    [Theory]
    [InlineData(CodecKind.Vp8)]
    [InlineData(CodecKind.H264)]
    public void Encoding_whose_first_packet_was_lost_is_asked_for_a_keyframe_before_anybody_wants_it(CodecKind codec)
    {
        using var scenario = new Scenario(seed: 8);
        var publisher = scenario.PublishLayered(codec == CodecKind.Vp8 ? SimulcastProfile.Vp8 : SimulcastProfile.H264);
        var lost = 0;
        publisher.Host.Up.Filter = datagram => lost == 0 && IsOf(publisher, 2, datagram.Span) && lost++ == 0;
        scenario.RunUntil(() => publisher.Pictures > 150, 20, "publishing");
        Assert.Equal(1, lost);
        Assert.True(Rung(scenario, "h").Width > 0);
        Assert.Equal([publisher.Encodings[2].Track.Ssrc], publisher.Feedback.KeyframeTargets.Select(target => target.Ssrc));
    }

    [Fact]
    public void Repairs_are_told_apart_by_the_repaired_stream_id()
    {
        using var scenario = new Scenario(seed: 4);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8, LinkConditions.Lossy(0.1, 10), LinkConditions.Good);
        scenario.RunUntil(() => publisher.Pictures > 300, 30, "publishing");
        foreach (var track in publisher.Session.Ingest!.Tracks.Where(track => track.Media.Kind == MediaKind.Video))
        {
            Assert.True(track.Repaired > 20, $"{track.Source.Rid}: {track.Repaired} repaired");
            Assert.True(track.Lost <= track.Packets / 50, $"{track.Source.Rid}: {track.Lost} of {track.Packets} lost");
        }
    }

    [Fact]
    public void Keyframe_is_asked_of_the_encoding_that_is_wanted_and_of_no_other()
    {
        using var scenario = new Scenario(seed: 5);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewer = scenario.WatchLayered();
        viewer.Session.Viewer!.Layers.Choice = new LayerChoice { Rid = "h" };
        scenario.Run(3);
        var before = publisher.Feedback.KeyframeTargets.Count;
        viewer.Session.Viewer.Layers.Choice = new LayerChoice { Rid = "l" };
        scenario.RunUntil(() => Video(viewer).Track!.Rid == "l", 3, "the lowest encoding");
        scenario.Run(3);
        Assert.Equal([publisher.Encodings[0].Track.Ssrc], publisher.Feedback.KeyframeTargets[before..].Select(target => target.Ssrc));
    }

    /// <summary>An encoding that nobody watches costs its reception: nothing waits for it to be sent, and nothing is.</summary>
    [Fact]
    public void Encoding_that_nobody_watches_is_not_sent_and_is_no_news()
    {
        using var scenario = new Scenario(seed: 6);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewers = Enumerable.Range(0, 5).Select(_ => scenario.WatchLayered()).ToArray();
        scenario.Run(1);
        foreach (var viewer in viewers) viewer.Session.Viewer!.Layers.Choice = new LayerChoice { Rid = "l" };
        scenario.RunUntil(() => viewers.All(viewer => Video(viewer).Track?.Rid == "l"), 5, "the lowest encoding");
        scenario.Run(1);

        var sent = viewers.Select(viewer => Video(viewer).Packets).ToArray();
        var made = publisher.Encodings.Select(encoding => encoding.Track.Packets).ToArray();
        scenario.Run(5);
        var madeLow = publisher.Encodings[0].Track.Packets - made[0];
        Assert.True(publisher.Encodings[2].Track.Packets - made[2] > madeLow * 2);
        Assert.All(viewers, viewer => Assert.Equal(1UL << Video(viewer).Track!.Index, Video(viewer).Demand));
        for (var i = 0; i < viewers.Length; i++) Assert.InRange(Video(viewers[i]).Packets - sent[i], madeLow - 3, madeLow + 3);
        var judge = Judge(viewers[0], SimulcastProfile.Vp8);
        Assert.Empty(judge.Errors);
    }

    [Fact]
    public void Choice_of_what_does_not_exist_leaves_the_best_that_there_is()
    {
        using var scenario = new Scenario(seed: 7);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewer = scenario.WatchLayered();
        scenario.RunUntil(() => Video(viewer).Track?.Rid == "h", 10, "the best encoding");
        foreach (var choice in new[]
        {
            new LayerChoice { Rid = "nobody" },
            new LayerChoice { SpatialId = 3 },
            new LayerChoice { TemporalId = 3 },
            new LayerChoice { MaxWidth = 100_000, MaxHeight = 100_000 },
            new LayerChoice { MaxSpatialId = 99, MaxTemporalId = 99 },
        })
        {
            viewer.Session.Viewer!.Layers.Choice = choice;
            scenario.Run(1);
            Assert.Equal("h", Video(viewer).Track!.Rid);
        }

        // And the least that there is, for what cannot be less.
        foreach (var choice in new[] { new LayerChoice { MaxWidth = 0 }, new LayerChoice { MaxBitsPerSecond = 1 } })
        {
            viewer.Session.Viewer!.Layers.Choice = choice;
            scenario.Run(2);
            Assert.Equal("l", Video(viewer).Track!.Rid);
            Assert.False(Video(viewer).IsMuted);
        }

        publisher.IsSending = false;
        scenario.Run(1);
        Assert.Empty(Judge(viewer, SimulcastProfile.Vp8).Errors);
    }

    internal static Media.Send.SendStream Video(TestViewer viewer) => viewer.Session.Viewer!.Streams.Single(stream => stream.Media.Kind == MediaKind.Video);

    internal static LayeredJudge Judge(TestViewer viewer, SimulcastProfile profile)
    {
        var judge = new LayeredJudge(profile.Codec, profile.SpatialLayers, profile.IsKeyMode);
        judge.Judge(viewer.Video!.InOrder);
        return judge;
    }

    private static bool IsOf(SimulcastPublisher publisher, int encoding, ReadOnlySpan<byte> datagram) =>
        publisher.Encodings.Count > encoding && datagram.Length > 12 && BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]) == publisher.Encodings[encoding].Track.Ssrc;

    private static Quality Rung(Scenario scenario, string rid) =>
        scenario.Node.Stream("stage").Publication!.Qualities.Rungs.ToArray().Single(rung => rung.Track.Rid == rid);

    private static List<int> Runs(LayeredJudge judge)
    {
        var runs = new List<int>();
        foreach (var shown in judge.Shown)
        {
            if (runs.Count == 0 || runs[^1] != shown.Content.Encoding) runs.Add(shown.Content.Encoding);
        }

        return runs;
    }
}
