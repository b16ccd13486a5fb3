using System.Buffers.Binary;
using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>Keyframe requests toward the publisher: enough of them, and never more.</summary>
public class KeyframeTests
{
    /// <summary>Frames after which newcomers can no longer begin with the first keyframe, at 30 a second.</summary>
    private const int CacheIsTooOld = 220;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void Two_hundred_viewers_at_once_cost_one_request_a_second(int seed, int workers)
    {
        using var scenario = new Scenario(seed, workers);
        var publisher = scenario.PublishAndSend(new PublisherProfile { SendsAudio = false, PayloadLength = 300 }, frames: CacheIsTooOld);
        var asked = publisher.Feedback.KeyframeRequests.Count;
        var spread = new Random(seed);
        var viewers = Enumerable.Range(0, 200)
            .Select(_ => scenario.Watch(up: new LinkConditions { Delay = TimeSpan.FromMilliseconds(5 + (spread.NextDouble() * 60)) }))
            .ToArray();
        scenario.RunUntil(() => viewers.All(viewer => viewer.Video?.Decoder.Last is not null), 4, "pictures everywhere");
        scenario.Run(1);

        var requests = publisher.Feedback.KeyframeRequests.Skip(asked).ToArray();
        Assert.NotEmpty(requests);
        foreach (var (before, after) in requests.Zip(requests.Skip(1)))
        {
            Assert.True(after - before >= TimeSpan.FromMilliseconds(990), $"{(after - before).TotalMilliseconds} ms between two requests (seed {seed})");
        }

        Assert.Equal(200, scenario.Node.Stream("stage").Viewers);
        Assert.Equal(200, scenario.Node.Workers.Sum(worker => worker.Engine.ViewerCount));
        foreach (var viewer in viewers) PlaybackAssert.Gapless(scenario, viewer);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Publisher_that_ignores_requests_is_recognised_and_left_alone(int seed)
    {
        using var scenario = new Scenario(seed);
        var obs = new PublisherProfile
        {
            Offer = OfferText.AsVp8(OfferText.Read("obs-publish")),
            AnswersPli = false,
            KeyframeInterval = TimeSpan.FromSeconds(20),
            SendsAudio = false,
        };
        var publisher = scenario.PublishAndSend(obs, frames: CacheIsTooOld);
        var viewers = Enumerable.Range(0, 20).Select(_ => scenario.Watch()).ToArray();
        scenario.Run(11);

        // The leading edge, after 1 s, after 2 s more; then it is known.
        Assert.Equal(3, publisher.Feedback.KeyframeRequests.Count);
        Assert.True(publisher.Session.Ingest!.Tracks.Single(track => track.Media.Kind == Rtc.MediaKind.Video).Source.Keyframes.SourceIgnoresRequests);
        Assert.All(viewers, viewer => Assert.Null(viewer.Video.Decoder.Last));
        scenario.RunUntil(() => viewers.All(viewer => viewer.Video.Decoder.Last is not null), 10, "its own keyframe");
        scenario.Run(20);
        Assert.InRange(publisher.Feedback.KeyframeRequests.Count, 3, 5);
        foreach (var viewer in viewers) PlaybackAssert.Gapless(scenario, viewer);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Viewer_that_cries_without_end_gets_a_keyframe_a_second_at_most(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.PublishAndSend(new PublisherProfile { SendsAudio = false });
        var viewer = scenario.Watch();
        scenario.Run(2);
        var asked = publisher.Feedback.KeyframeRequests.Count;
        for (var i = 0; i < 200; i++)
        {
            viewer.RequestKeyframe();
            scenario.Run(0.05);
        }

        Assert.InRange(publisher.Feedback.KeyframeRequests.Count - asked, 8, 11);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Lost_request_is_repeated_until_the_keyframe_comes(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.PublishAndSend(new PublisherProfile { SendsAudio = false }, frames: CacheIsTooOld);
        publisher.Host.Down.Filter = _ => true;
        var viewer = scenario.Watch();
        scenario.Run(1.5);
        Assert.Null(viewer.Video.Decoder.Last);
        publisher.Host.Down.Filter = null;
        scenario.RunUntil(() => viewer.Video.Decoder.Last is not null, 2.5, "the first picture");
    }

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void Hole_that_nobody_can_fill_brings_a_keyframe_before_viewers_ask(int seed)
    {
        using var scenario = new Scenario(seed);
        var publisher = scenario.PublishAndSend(new PublisherProfile { SendsAudio = false });
        var viewer = scenario.Watch();
        scenario.Run(2);
        var asked = publisher.Feedback.KeyframeRequests.Count;
        var shown = viewer.Video.Decoder.Decoded.Count;

        var video = publisher.Session.Ingest!.Tracks.Single(track => track.Media.Kind == Rtc.MediaKind.Video);
        var left = 3;
        publisher.Host.Up.Filter = datagram => SsrcOf(datagram.Span) == video.RtxSsrc || (SsrcOf(datagram.Span) == video.Ssrc && left-- > 0);
        scenario.Run(1.5);

        Assert.Equal(asked + 1, publisher.Feedback.KeyframeRequests.Count);
        Assert.True(viewer.Video.Decoder.Decoded.Count > shown + 10, $"{viewer.Video.Decoder.Decoded.Count - shown} frames after the hole (seed {seed})");
        PlaybackAssert.Intact(scenario, viewer);
    }

    private static uint SsrcOf(ReadOnlySpan<byte> datagram) => datagram.Length < 12 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]);
}
