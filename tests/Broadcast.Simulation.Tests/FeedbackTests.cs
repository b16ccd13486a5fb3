using Broadcast.Media.Receive;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>What publishers hear: transport-cc, REMB, receiver reports.</summary>
public class FeedbackTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_transport_number_is_reported_within_100_ms_whatever_it_was_on(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish();
        scenario.RunUntil(() => publisher.IsConnected, 5, "connected");
        for (var i = 0; i < 5; i++) publisher.SendProbe();
        publisher.SendRtxPadding();
        scenario.Run(5);
        for (var i = 0; i < 5; i++)
        {
            publisher.SendRtxPadding();
            publisher.SendMediaPadding();
            publisher.SendProbe();
            scenario.Run(0.03);
        }

        scenario.Run(0.2);
        publisher.IsSending = false;
        scenario.Run(0.3);

        Assert.Empty(publisher.Feedback.TransportLost);
        var sent = publisher.TransportSentAt;
        Assert.True(sent.Count > 900, $"{sent.Count} packets");
        for (var i = 0; i < sent.Count; i++)
        {
            Assert.True(publisher.Feedback.TransportReceived.TryGetValue(TestPublisher.FirstTransportNumber + i, out var at), $"number {i} was not reported (seed {seed})");

            // 10 ms there, 10 ms back, one turn of the worker.
            Assert.True(at - sent[i] <= TimeSpan.FromMilliseconds(131), $"number {i} was reported after {at - sent[i]} (seed {seed})");
        }

        Assert.True(scenario.Node.Drops(DropReason.RtpProbe) == 10, scenario.Drops());
        Assert.Equal(0, publisher.Feedback.Malformed);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Lost_packets_are_reported_lost_and_repairs_received(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish(up: LinkConditions.Lossy(0.05, 30), down: LinkConditions.Good);
        scenario.Run(20);
        publisher.IsSending = false;
        scenario.Run(1);

        var lost = publisher.Feedback.TransportLost.Except(publisher.Feedback.TransportReceived.Keys).Count();
        Assert.InRange(lost / (double)publisher.TransportSentAt.Count, 0.03, 0.07);
        Assert.True(publisher.Feedback.TransportReceived.Count + lost >= publisher.TransportSentAt.Count - 5, $"seed {seed}");
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Receiver_reports_tell_loss_and_round_trip(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish(
            new PublisherProfile { Offer = OfferText.Without(OfferText.Without(OfferText.Read("chrome-publish"), "nack"), "rtx/90000"), SendsAudio = false },
            LinkConditions.Lossy(0.10, 40));
        scenario.Run(30);
        var video = publisher.Feedback.Reports.Where(report => report.Block.Ssrc == publisher.Video!.Ssrc).ToArray();
        Assert.InRange(video.Length, 22, 31);
        var last = video[^1].Block;
        Assert.InRange(last.CumulativeLost / (double)(last.ExtendedHighestSequenceNumber - publisher.Profile.FirstSequence), 0.07, 0.13);
        Assert.InRange(video.Skip(3).Average(report => report.Block.FractionLost / 256.0), 0.07, 0.13);

        // RFC 3550 §6.4.1: arrival − LSR − DLSR.
        foreach (var (at, block) in video.Where(report => report.Block.LastSenderReport != 0))
        {
            Assert.True(Rtc.Rtp.NtpTime.TryRoundTrip(Rtc.Rtp.NtpTime.Compact(publisher.NtpAt(at)), block.LastSenderReport, block.DelaySinceLastSenderReport, out var roundTrip));
            Assert.InRange(roundTrip / 1e6, 79, 82);
        }
    }

    [Fact]
    public void No_report_block_comes_before_media()
    {
        using var scenario = new Scenario(31);
        var publisher = scenario.Publish();
        publisher.IsSending = false;
        scenario.RunUntil(() => publisher.IsConnected, 5, "connected");
        publisher.SendRtxPadding();
        scenario.Run(5);
        Assert.Empty(publisher.Feedback.Reports);
        publisher.IsSending = true;
        scenario.Run(3);
        Assert.NotEmpty(publisher.Feedback.Reports);
    }

    [Fact]
    public void Estimate_falls_with_loss_and_rises_without()
    {
        using var scenario = new Scenario(41);
        var offer = OfferText.Without(OfferText.Without(OfferText.Read("chrome-publish"), "transport-cc"), "transport-wide-cc");
        var publisher = scenario.Publish(new PublisherProfile { Offer = offer, SendsAudio = false });
        scenario.Run(20);
        var calm = publisher.Feedback.Estimates[^1];
        publisher.Host.Up.Conditions = LinkConditions.Lossy(0.3, 10);
        scenario.Run(10);
        var lossy = publisher.Feedback.Estimates[^1];
        publisher.Host.Up.Conditions = LinkConditions.Good;
        scenario.Run(20);
        Assert.True(lossy < calm / 2, $"{calm} bit/s without loss, {lossy} with 30 %");
        Assert.True(publisher.Feedback.Estimates[^1] > lossy);
    }

    [Fact]
    public void Operators_limit_is_told_in_the_answer_and_beside_transport_feedback()
    {
        using var scenario = new Scenario(61, ingest: IngestPolicy.Default with { LimitBitsPerSecond = 1_200_000 });
        var publisher = scenario.Publish();
        scenario.Run(5);
        Assert.Contains("b=AS:1200\r\nb=TIAS:1200000\r\n", publisher.Answer, StringComparison.Ordinal);
        Assert.NotEmpty(publisher.Feedback.TransportReceived);
        Assert.NotEmpty(publisher.Feedback.Estimates);
        Assert.All(publisher.Feedback.Estimates, estimate => Assert.InRange(estimate, 1_190_000, 1_200_000));
    }

    [Fact]
    public void Without_a_limit_nothing_is_told_beside_transport_feedback()
    {
        using var scenario = new Scenario(62);
        var publisher = scenario.Publish();
        scenario.Run(5);
        Assert.DoesNotContain("b=AS", publisher.Answer, StringComparison.Ordinal);
        Assert.Empty(publisher.Feedback.Estimates);
    }

    [Theory]
    [InlineData(51)]
    [InlineData(52)]
    public void Viewers_transport_numbers_are_without_a_hole(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish();
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var viewer = scenario.Watch();
        scenario.Run(2);
        for (var i = 0; i < 20; i++)
        {
            viewer.SendNack(viewer.Video.Track.Ssrc, (ushort)viewer.Video.Highest, (ushort)(viewer.Video.Highest - 5));
            scenario.Run(0.1);
        }

        Assert.True(viewer.RtxPackets >= 35);
        foreach (var (before, after) in viewer.TransportNumbers.Zip(viewer.TransportNumbers.Skip(1)))
        {
            Assert.True(after == (ushort)(before + 1), $"transport number {before} then {after} (seed {seed})");
        }
    }
}
