using System.Buffers.Binary;
using System.Text;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Simulation.Tests.Layers;
using Broadcast.Testing;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.BadInput;

/// <summary>Encodings, layers and feedback that no honest peer sends: bounded, counted, and without effect on others.</summary>
public class LayeredBadInputTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(255)]
    public void Offer_of_very_many_encodings_is_refused_or_bounded(int count)
    {
        using var scenario = new Scenario(seed: 1);
        var rids = Enumerable.Range(0, count).Select(i => $"r{i}").ToArray();
        var offer = SimulcastProfile.Vp8.Offer;
        var lines = new StringBuilder();
        foreach (var rid in rids) lines.Append("a=rid:").Append(rid).Append(" send\r\n");
        offer = OfferText.Without(OfferText.Without(offer, "a=rid:"), "a=simulcast:");
        offer += $"{lines}a=simulcast:send {string.Join(';', rids)}\r\n";
        try
        {
            var (peer, _) = scenario.Node.Publish("stage", OfferText.WithTransport(offer, new Broadcast.Rtc.Sdp.IceCredentials("abcd", "password22characters00"), "00:11"));
            Assert.InRange(peer.Ingest!.Tracks.Count, 1, 16);
        }
        catch (InvalidOperationException refused)
        {
            Assert.DoesNotContain("Exception", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Encoding_of_an_unknown_name_is_dropped_and_counted()
    {
        using var scenario = new Scenario(seed: 2);
        var profile = SimulcastProfile.Vp8;
        var publisher = scenario.PublishLayered(profile with { Encodings = [.. profile.Encodings, profile.Encodings[0] with { Rid = "x" }] });
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewer = scenario.WatchLayered();
        scenario.Run(4);
        Assert.InRange(scenario.Node.Drops(DropReason.RtpUnknownStream), publisher.Encodings[3].Track.Packets - 5, publisher.Encodings[3].Track.Packets);
        Assert.Equal(3, publisher.Session.Ingest!.Tracks.Count(track => track.HasMedia));
        publisher.IsSending = false;
        scenario.Run(1);
        var judge = SimulcastTests.Judge(viewer, profile);
        Assert.Empty(judge.Errors);
        Assert.True(judge.Shown.Count > 100);
    }

    /// <summary>The ladder is made anew at most as often as it is measured.</summary>
    [Fact]
    public void Encoding_that_changes_its_size_with_every_frame_costs_one_ladder_a_second()
    {
        using var scenario = new Scenario(seed: 3);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8 with { KeyframeInterval = TimeSpan.FromMilliseconds(10), SizesVary = true });
        scenario.RunUntil(() => publisher.Pictures > 150, 20, "publishing");
        var viewer = scenario.WatchLayered();
        var publication = scenario.Node.Stream("stage").Publication!;
        var ladders = new HashSet<object>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < 1_000; i++)
        {
            scenario.Run(0.01);
            ladders.Add(publication.Qualities);
        }

        Assert.InRange(ladders.Count, 2, 12);
        publisher.IsSending = false;
        scenario.Run(1);
        var judge = SimulcastTests.Judge(viewer, SimulcastProfile.Vp8);
        Assert.Empty(judge.Errors);
        Assert.True(judge.Shown.Count > 250, $"{judge.Shown.Count} pictures");
    }

    [Fact]
    public void Wishes_without_end_cost_no_more_keyframes_than_the_budget_has_and_nothing_of_others()
    {
        using var scenario = new Scenario(seed: 4);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var honest = scenario.WatchLayered();
        var restless = scenario.WatchLayered();
        scenario.Run(3);
        var before = publisher.Feedback.KeyframeTargets.Count;
        var random = new Random(4);
        for (var i = 0; i < 2_000; i++)
        {
            restless.Session.Viewer!.Layers.Choice = new LayerChoice { Rid = random.Next(4) switch { 0 => "l", 1 => "m", 2 => "h", _ => "?" }, TemporalId = random.Next(-1, 5) };
            scenario.Run(0.005);
        }

        Assert.InRange(publisher.Feedback.KeyframeTargets.Count - before, 0, 3 * 12);
        publisher.IsSending = false;
        scenario.Run(1);
        AssertUndisturbed(honest, publisher);
        Assert.Empty(SimulcastTests.Judge(restless, SimulcastProfile.Vp8).Errors);
    }

    [Fact]
    public void Floods_of_feedback_are_bounded_and_counted_and_take_nothing_from_others()
    {
        using var scenario = new Scenario(seed: 5);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var honest = scenario.WatchLayered();
        var flooding = scenario.WatchLayered();
        scenario.Run(3);
        var session = flooding.Session.Viewer!;
        var (requests, sent, again) = (publisher.Feedback.KeyframeTargets.Count, session.Octets, flooding.RtxPackets);
        var fir = new FirSender(flooding);
        for (var i = 0; i < 1_000; i++)
        {
            flooding.RequestKeyframe();
            fir.Send((byte)(i / 100));
            var sequences = new ushort[200];
            for (var n = 0; n < sequences.Length; n++) sequences[n] = (ushort)(flooding.Video.Highest - n);
            flooding.SendNack(flooding.Video.Track.Ssrc, sequences);
            scenario.Run(0.01);
        }

        Assert.True(session.KeyframeRequests > 1_000);
        Assert.True(session.NacksReceived > 150_000);
        Assert.True(scenario.Node.Drops(DropReason.NackLimited) > 100_000, scenario.Drops());
        Assert.InRange(publisher.Feedback.KeyframeTargets.Count - requests, 0, 13);

        // Repairs never cost more than a part of what is sent.
        Assert.True(flooding.RtxPackets - again < session.Packets / 2, $"{flooding.RtxPackets - again} repairs of {session.Packets} packets, {session.Octets - sent} octets");
        publisher.IsSending = false;
        scenario.Run(1);
        AssertUndisturbed(honest, publisher);
    }

    [Fact]
    public void Fir_that_repeats_its_number_is_one_request()
    {
        using var scenario = new Scenario(seed: 6);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        var viewer = scenario.WatchLayered();
        scenario.Run(3);
        var before = viewer.Session.Viewer!.KeyframeRequests;
        var fir = new FirSender(viewer);
        for (var i = 0; i < 50; i++)
        {
            fir.Send(7);
            scenario.Run(0.05);
        }

        Assert.Equal(before + 1, viewer.Session.Viewer.KeyframeRequests);
        fir.Send(8);
        scenario.Run(0.05);
        Assert.Equal(before + 2, viewer.Session.Viewer.KeyframeRequests);
        Assert.NotNull(publisher.Session);
    }

    private static void AssertUndisturbed(TestViewer viewer, SimulcastPublisher publisher)
    {
        var judge = SimulcastTests.Judge(viewer, SimulcastProfile.Vp8);
        Assert.Empty(judge.Errors);
        Assert.Equal((0, 0), (judge.Missing, viewer.Video.Contradictions));
        var pictures = publisher.Encodings[0].TakenAt.Count(at => at > viewer.FirstVideoAt);
        Assert.InRange(judge.Shown.Count, pictures - 5, pictures + 130);
        Assert.Equal(2, judge.Shown[^1].Content.Encoding);
    }

    /// <summary>Full intra requests of a viewer.</summary>
    private sealed class FirSender(TestViewer viewer)
    {
        public void Send(byte number)
        {
            // V = 2, FMT = 4, PT = 206, five words: sender, unused source, then one entry of source and number (RFC 5104 §4.3.1).
            Span<byte> packet = [0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, number, 0, 0, 0];
            BinaryPrimitives.WriteUInt32BigEndian(packet[12..], viewer.Video.Track.Ssrc);
            viewer.SendFeedback(packet);
        }
    }
}
