using Broadcast.Media.Peers;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Node;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>A publisher's media overtake the last flight of its handshake.</summary>
public class EarlyMediaTests
{
    private const byte ChangeCipherSpec = 20;
    private const int RecordHeader = 13;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void First_keyframe_that_overtakes_the_handshake_reaches_viewers_without_being_asked_for(int seed)
    {
        using var scenario = new Scenario(seed);
        var before = scenario.Publish();
        scenario.RunUntil(() => before.Frames > 10, 5, "publishing");
        var viewer = scenario.Watch();
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 5, "the first picture");
        before.Vanish();

        // A new publication of the same stream: its viewer waits for the beginning.
        var publisher = scenario.Publish(Passive(source: 2));
        var overtaken = DelayLastFlight(scenario, publisher, TimeSpan.FromMilliseconds(60));
        scenario.RunUntil(() => publisher.Frames > 0, 5, "the second publisher");
        var requests = viewer.KeyframeRequests;
        var nacked = viewer.Video.Nacked;
        scenario.RunUntil(() => publisher.Session.State == SessionState.Connected, 5, "the end of the handshake");
        Assert.Equal(1, overtaken());
        Assert.True(publisher.Frames >= 2, $"{publisher.Frames} frames before the handshake was done: nothing was early");
        scenario.Run(0.5);

        var shown = viewer.Video.Decoder.Decoded.Where(frame => frame.Source == 2).ToArray();
        Assert.Equal(0, shown[0].Frame);
        Assert.Equal(1, publisher.Keyframes);
        Assert.Empty(publisher.Feedback.KeyframeRequests);
        Assert.Empty(publisher.Feedback.Nacks);
        Assert.Equal(requests, viewer.KeyframeRequests);
        Assert.Equal(nacked, viewer.Video.Nacked);
        Assert.Equal(0, scenario.Node.Drops(DropReason.SrtpBeforeDtls));
        Assert.Equal(0, scenario.Node.Drops(DropReason.EarlyMediaFull));
        Assert.Equal(0, publisher.Session.EarlyBytes);
        PlaybackAssert.Gapless(scenario, viewer);
    }

    [Fact]
    public void Early_media_keep_the_times_of_their_arrival()
    {
        using var scenario = new Scenario(3);
        var publisher = scenario.Publish(Passive(source: 1));
        DelayLastFlight(scenario, publisher, TimeSpan.FromMilliseconds(60));
        scenario.RunUntil(() => publisher.Frames > 0, 5, "the first frame");
        var sent = scenario.Clock.Now;
        scenario.RunUntil(() => publisher.Session.State == SessionState.Connected, 5, "the end of the handshake");

        var log = publisher.Session.Ingest!.Publication.TrackOf(MediaKind.Video)!.Log;
        Assert.True(log.TryGet(0, out var first));
        Assert.Equal(sent + TimeSpan.FromMilliseconds(10), first.ReceivedAt);
        Assert.True(first.StartsKeyframe);
    }

    [Theory]
    [InlineData(12, EarlyMedia.MaxDatagrams)]
    [InlineData(1400, EarlyMedia.MaxBytes / 1400)]
    public void Flood_before_the_keys_is_bounded_and_freed_with_the_handshake(int length, int kept)
    {
        using var scenario = new Scenario(4);
        var publisher = scenario.Publish(Passive(source: 1));
        Assert.Equal(0, publisher.Session.EarlyBytes);
        publisher.Host.Up.Filter = datagram => IsLastFlight(datagram.Span);
        scenario.RunUntil(() => publisher.IsConnected, 5, "the publisher's side of the handshake");
        publisher.Vanish();
        scenario.Run(0.1);

        var engine = scenario.Node.Engine;
        var path = VirtualNode.PathTo(publisher.Host.Address);
        var garbage = new byte[length];
        new Random(4).NextBytes(garbage);
        (garbage[0], garbage[1]) = (0x80, 96);
        for (var i = 0; i < kept; i++) Assert.Equal(DropReason.None, engine.Receive(garbage, path, scenario.Clock.Now, scenario.Clock.Now));
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 1000; i++) engine.Receive(garbage, path, scenario.Clock.Now, scenario.Clock.Now);
        }));
        Assert.Equal(kept * length, publisher.Session.EarlyBytes);
        Assert.True(scenario.Node.Drops(DropReason.EarlyMediaFull) >= 3000);

        // Nobody answers any more: the handshake fails.
        scenario.RunUntil(() => publisher.Session.State == SessionState.Ended, 60, "the end of the session");
        Assert.Equal(0, publisher.Session.EarlyBytes);
        Assert.Equal(0, engine.PeerCount);
        Assert.Equal(DropReason.UnknownTuple, engine.Receive(garbage, path, scenario.Clock.Now, scenario.Clock.Now));
    }

    [Fact]
    public void Garbage_before_the_keys_harms_nothing_after_them()
    {
        using var scenario = new Scenario(5);
        var publisher = scenario.Publish(Passive(source: 1));
        DelayLastFlight(scenario, publisher, TimeSpan.FromMilliseconds(60));
        scenario.RunUntil(() => publisher.IsConnected, 5, "the publisher's side of the handshake");
        var random = new Random(5);
        var garbage = new byte[300];
        for (var i = 0; i < 200; i++)
        {
            random.NextBytes(garbage);
            (garbage[0], garbage[1]) = (0x80, (byte)(i % 4 == 0 ? 200 : 96));
            publisher.Host.Send(garbage);
        }

        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        Assert.Equal(SessionState.Connected, publisher.Session.State);
        Assert.Equal(EarlyMedia.MaxDatagrams, scenario.Node.Drops(DropReason.SrtpBadAuthentication) + scenario.Node.Drops(DropReason.SrtcpUnencrypted));
        var viewer = scenario.Watch();
        scenario.RunUntil(() => viewer.Video?.Decoder.Last is not null, 5, "the first picture");
        scenario.Run(1);
        PlaybackAssert.Gapless(scenario, viewer);
    }

    [Fact]
    public void Nothing_is_kept_before_the_handshake_begins_or_from_elsewhere()
    {
        using var scenario = new Scenario(6);
        var publisher = scenario.Publish();
        publisher.Host.Up.Filter = datagram => DatagramDemultiplexer.Classify(datagram.Span) == DatagramKind.Dtls;
        scenario.RunUntil(() => publisher.Session.State == SessionState.Connecting, 5, "the first check");
        byte[] packet = [0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3];
        var now = scenario.Clock.Now;
        Assert.Equal(DropReason.SrtpBeforeDtls, scenario.Node.Engine.Receive(packet, VirtualNode.PathTo(publisher.Host.Address), now, now));

        var other = scenario.Publish(Passive(source: 1), stream: "other");
        other.Host.Up.Filter = datagram => IsLastFlight(datagram.Span);
        scenario.RunUntil(() => other.IsConnected, 5, "the publisher's side of the handshake");
        Assert.Equal(DropReason.UnknownTuple, scenario.Node.Engine.Receive(packet, VirtualNode.PathTo(scenario.Network.NewAddress()), now, now));
        Assert.Equal(0, publisher.Session.EarlyBytes);
        Assert.Equal(0, other.Session.EarlyBytes);
    }

    /// <summary>One whose last flight nothing answers: it is the DTLS server, as early FFmpeg is, and sends at once.</summary>
    private static PublisherProfile Passive(byte source)
    {
        var profile = new PublisherProfile { Source = source };
        return profile with { Offer = profile.Offer.Replace("a=setup:actpass", "a=setup:passive", StringComparison.Ordinal) };
    }

    private static Func<int> DelayLastFlight(Scenario scenario, TestPublisher publisher, TimeSpan delay)
    {
        var overtaken = 0;
        publisher.Host.Up.Filter = datagram =>
        {
            if (overtaken > 0 || !IsLastFlight(datagram.Span)) return false;
            overtaken++;
            var late = datagram.ToArray();
            scenario.Clock.After(delay, () => publisher.Host.Send(late));
            return true;
        };
        return () => overtaken;
    }

    /// <summary>True for a datagram with a ChangeCipherSpec in it: only the last flight of a DTLS server has one.</summary>
    private static bool IsLastFlight(ReadOnlySpan<byte> datagram)
    {
        if (DatagramDemultiplexer.Classify(datagram) != DatagramKind.Dtls) return false;
        while (datagram.Length >= RecordHeader)
        {
            if (datagram[0] == ChangeCipherSpec) return true;
            datagram = datagram[Math.Min(datagram.Length, RecordHeader + (datagram[11] << 8 | datagram[12]))..];
        }

        return false;
    }
}
