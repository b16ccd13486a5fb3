using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>The publisher comes back as another session; viewers go on without renegotiation.</summary>
public class ReconnectTests
{
    private static readonly PublisherProfile Second = new()
    {
        Source = 2,
        FirstSequence = 60_000,
        TimestampOrigin = 0xF000_0000,
        FirstPictureId = 32_000,
    };

    [Theory]
    [InlineData(1, 1, 1.0)]
    [InlineData(2, 2, 1.0)]
    [InlineData(3, 2, 0.0)]
    [InlineData(4, 1, 8.0)]
    public void Viewers_go_on_with_the_same_source_and_continuous_numbers(int seed, int workers, double pause)
    {
        using var scenario = new Scenario(seed, workers);
        var first = scenario.Publish(port: 40_000);
        scenario.RunUntil(() => first.Frames > 30, 5, "publishing");
        var viewers = Enumerable.Range(0, 4).Select(i => scenario.Watch(port: 50_000 + i)).ToArray();
        scenario.Run(3);
        if (pause > 0) first.Vanish();
        scenario.Run(pause);
        var before = viewers.Select(viewer => viewer.Video.Decoder.Decoded.Count).ToArray();
        var switchAt = scenario.Clock.Now;

        var second = scenario.Publish(Second, port: 40_001);
        scenario.RunUntil(() => viewers.All(viewer => viewer.Video.Decoder.Last!.Source == 2), 2, "pictures of the second session");
        Assert.True(scenario.Clock.Now - switchAt < TimeSpan.FromSeconds(0.5));
        scenario.Run(3);

        foreach (var viewer in viewers)
        {
            PlaybackAssert.Gapless(scenario, viewer);
            var decoded = viewer.Video.Decoder.Decoded;
            var beginning = decoded.FindIndex(frame => frame.Source == 2);
            Assert.True(decoded[beginning].IsKeyframe);
            Assert.All(decoded.Skip(beginning), frame => Assert.Equal(2, frame.Source));
            Assert.True(decoded.Count - beginning >= 85, $"{decoded.Count - beginning} frames since (seed {seed})");
            Assert.Equal(0, viewer.UnknownSources);
            Assert.InRange(viewer.Video.Missing, 0, 1);

            // The pause is heard and seen as a pause: media time went on with real time.
            var gap = (decoded[beginning].Timestamp - decoded[beginning - 1].Timestamp) / 90_000.0;
            var waited = (decoded[beginning].At - decoded[beginning - 1].At).TotalSeconds;
            Assert.True(Math.Abs(gap - waited) < 0.05, $"timestamps jump {gap:F3} s over {waited:F3} s (seed {seed})");
            AudioIsContinuous(viewer, seed);
        }

        Assert.Equal([first.Session.SessionId], scenario.Node.Ended.Select(peer => peer.SessionId));
        Assert.True(second.Feedback.KeyframeRequests.Count <= 1, $"{second.Feedback.KeyframeRequests.Count} requests for a keyframe that was coming anyway");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Publisher_comes_back_under_the_same_source(int seed)
    {
        using var scenario = new Scenario(seed, workers: 2);
        var obs = new PublisherProfile
        {
            Offer = OfferText.AsVp8(OfferText.Read("obs-publish")),
            AnswersPli = false,
            KeyframeInterval = TimeSpan.FromSeconds(2),
            VideoSsrc = 3_420_193_848,
            FirstSequence = 1_000,
        };
        var first = scenario.Publish(obs, port: 40_000);
        scenario.RunUntil(() => first.Frames > 30, 5, "publishing");
        var viewer = scenario.Watch(port: 50_001);
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 3, "the first picture");
        scenario.Run(3);
        first.Vanish();

        // The numbers begin again where they did: continuity must not be concluded from the source.
        var second = scenario.Publish(obs with { Source = 2 }, port: 40_002);
        scenario.RunUntil(() => viewer.Video.Decoder.Last!.Source == 2, 3, "pictures of the second session");
        scenario.Run(3);
        PlaybackAssert.Gapless(scenario, viewer);
        Assert.Equal(first.Video!.Ssrc, second.Video!.Ssrc);
        Assert.All(viewer.Video.Decoder.Decoded.SkipWhile(frame => frame.Source == 1), frame => Assert.Equal(2, frame.Source));
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void Five_reconnects_under_loss(int seed)
    {
        using var scenario = new Scenario(seed, workers: 2);
        var lossy = LinkConditions.Lossy(0.03, 40);
        var publisher = scenario.Publish(up: lossy);
        scenario.RunUntil(() => publisher.Frames > 30, 5, "publishing");
        var viewer = scenario.Watch(up: lossy);
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 10, "the first picture");
        for (byte source = 2; source <= 6; source++)
        {
            scenario.Run(2);
            if (source % 2 == 0) publisher.Vanish();
            publisher = scenario.Publish(
                new PublisherProfile
                {
                    Source = source,
                    FirstSequence = (ushort)(65_536 - (source * 40)),
                    TimestampOrigin = source * 0x2AAA_AAAAu,
                    FirstPictureId = (ushort)(32_767 - source),
                },
                lossy);
            scenario.RunUntil(() => viewer.Video.Decoder.Last!.Source == source, 6, $"pictures of session {source}");
        }

        scenario.Run(3);
        PlaybackAssert.Intact(scenario, viewer);
        Assert.True(viewer.Video.Missing <= 25, $"{viewer.Video.Missing} packets missing (seed {seed}, {scenario.Drops()})");
    }

    private static void AudioIsContinuous(TestViewer viewer, int seed)
    {
        ReceivedPacket? last = null;
        foreach (var packet in viewer.Audio!.InOrder)
        {
            if (last is not null)
            {
                Assert.True(packet.Sequence == last.Sequence + 1, $"sound {last.Sequence} then {packet.Sequence} (seed {seed})");
                Assert.True((int)(packet.Timestamp - last.Timestamp) > 0, $"sound goes back in time (seed {seed})");
            }

            last = packet;
        }
    }
}
