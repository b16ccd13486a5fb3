using Broadcast.Rtc.Srtp;
using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>A viewer joins a running broadcast.</summary>
public class JoinTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Viewer_of_a_running_broadcast_shows_every_frame_from_a_keyframe_on(int workers)
    {
        using var scenario = new Scenario(seed: 1, workers);
        var publisher = scenario.Publish(port: 40_000);
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");

        var viewer = scenario.Watch(port: 40_001);
        var joined = scenario.Clock.Now;
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 2, "the first picture");
        Assert.True(scenario.Clock.Now - joined < TimeSpan.FromMilliseconds(250), $"first picture after {scenario.Clock.Now - joined}");
        scenario.Run(5);

        PlaybackAssert.Gapless(scenario, viewer);
        Assert.Equal(0, viewer.Video!.Missing);
        Assert.Equal(0, viewer.Audio!.Missing);
        Assert.InRange(viewer.Video.Decoder.Decoded.Count, 155, 170);
        Assert.InRange(viewer.Audio.Packets.Count, 240, 265);
        Assert.True(scenario.Clock.Now - viewer.Video.Decoder.Last!.At < TimeSpan.FromMilliseconds(60));
        Assert.Equal(1, scenario.Node.Stream("stage").Viewers);
    }

    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm, "actpass")]
    [InlineData("SRTP_AEAD_AES_256_GCM", SrtpProfile.AeadAes256Gcm, "active")]
    [InlineData("SRTP_AES128_CM_SHA1_80", SrtpProfile.Aes128CmSha1_80, "passive")]
    [InlineData("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm, "actpass")]
    public void Every_profile_and_role_plays_under_loss(string srtp, SrtpProfile expected, string setup)
    {
        using var scenario = new Scenario(seed: 7);
        var lossy = LinkConditions.Lossy(0.05, 20);
        var profile = new PublisherProfile();
        profile = profile with { Offer = profile.Offer.Replace("a=setup:actpass", "a=setup:" + setup, StringComparison.Ordinal) };
        var publisher = scenario.Publish(profile, lossy, srtp: srtp);
        scenario.RunUntil(() => publisher.Frames > 10, 20, "publishing");
        var offer = OfferText.Read("chrome-watch").Replace("a=setup:actpass", "a=setup:" + setup, StringComparison.Ordinal);
        var viewer = scenario.Watch(offer, lossy, srtp: srtp);
        var plain = scenario.Watch(OfferText.WithoutRtx(offer), lossy, srtp: srtp);
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null && plain.Video?.Decoder.Last is not null, 20, "the first picture");
        scenario.Run(10);
        publisher.IsSending = false;
        scenario.Run(3);

        foreach (var each in new[] { viewer, plain })
        {
            PlaybackAssert.Intact(scenario, each);
            Assert.Equal(expected, each.SelectedProfile);
            Assert.Equal(0, each.ReplayedDifferently);
            Assert.True(each.Video!.ResidualLoss <= 0.002, $"{each.Video.ResidualLoss:P3} lost ({scenario.Drops()})");
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Padding_of_the_publisher_leaves_no_hole(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish();
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var viewer = scenario.Watch();
        var plain = scenario.Watch(OfferText.WithoutRtx(OfferText.Read("chrome-watch")));
        scenario.Run(1);
        for (var i = 0; i < 20; i++)
        {
            publisher.SendMediaPadding();
            publisher.SendRtxPadding();
            scenario.Run(0.1);
        }

        scenario.Run(1);
        foreach (var each in new[] { viewer, plain })
        {
            PlaybackAssert.Gapless(scenario, each);
            Assert.Equal(0, each.Video!.Missing);
            Assert.Equal(20, each.Video.Packets.Values.Count(packet => packet.IsPadding));
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Viewer_on_a_link_that_is_too_slow_for_a_while_recovers_by_itself(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.Publish();
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var viewer = scenario.Watch();
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 5, "the first picture");
        scenario.Run(3);

        // 1 Mbit/s of video into 600 kbit/s.
        viewer.Host.Down.Conditions = new LinkConditions { BitsPerSecond = 600_000, QueueBytes = 40_000 };
        scenario.Run(8);
        viewer.Host.Down.Conditions = LinkConditions.Good;
        scenario.Run(4);
        Assert.True(viewer.Video!.Decoder.Last!.Frame >= publisher.Frames - 3, $"shows {viewer.Video.Decoder.Last.Frame} of {publisher.Frames} (seed {seed}, {scenario.Drops()})");
        PlaybackAssert.Intact(scenario, viewer);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Keyframe_whose_first_packet_came_by_repair_serves_newcomers(int seed)
    {
        using var scenario = new Scenario(seed, workers: 2);
        var publisher = scenario.Publish(new PublisherProfile { AnswersPli = false, KeyframeInterval = TimeSpan.FromSeconds(10) }, port: 40_000);
        scenario.RunUntil(() => publisher.Frames > 220, 10, "a keyframe too old to begin with");
        var viewer = scenario.Watch(port: 40_001);

        // The first packet of the next keyframe is lost once.
        var keyframes = publisher.Keyframes;
        var lost = 0;
        publisher.Host.Up.Filter = datagram =>
            publisher.Keyframes > keyframes && lost == 0 && (datagram.Span[1] & 0x7F) == publisher.Video!.Track.Format.PayloadType && lost++ == 0;
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 4.5, "the first picture");
        Assert.Equal(1, lost);
        var second = scenario.Watch(port: 40_002);
        scenario.Run(3);
        foreach (var each in new[] { viewer, second })
        {
            PlaybackAssert.Gapless(scenario, each);
            Assert.Equal(0, each.Video!.Missing);
            Assert.Equal(viewer.Video!.Decoder.Decoded[0].Frame, each.Video.Decoder.Decoded[0].Frame);
            Assert.True(each.Video.Decoder.Last!.Frame >= publisher.Frames - 3);
        }
    }
}
