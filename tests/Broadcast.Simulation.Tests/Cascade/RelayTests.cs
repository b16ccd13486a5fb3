using Broadcast.Media.Relay;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Testing.Cluster;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Cascade;

/// <summary>A stream that comes by other nodes must look to viewers as if it were published on theirs.</summary>
public sealed class RelayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Viewer_of_another_node_sees_the_stream(int workers)
    {
        using var cluster = new VirtualCluster(seed: 1, workers, "origin", "edge");
        var publisher = cluster["origin"].PublishAndSend();
        Follow(cluster, "edge", "origin");
        var viewer = cluster["edge"].WatchAndSee();
        cluster["edge"].PlayOut(publisher, 3);
        PlaybackAssert.Gapless(cluster["edge"], viewer);
        Assert.True(viewer.Video.Decoder.Decoded.Count > 60, $"{viewer.Video.Decoder.Decoded.Count} frames");
    }

    [Fact]
    public void Packets_keep_the_origins_numbers_on_every_hop()
    {
        using var cluster = new VirtualCluster(seed: 2, 1, "origin", "middle", "edge");
        var publisher = cluster["origin"].PublishAndSend();
        Follow(cluster, "middle", "origin");
        Follow(cluster, "edge", "middle");
        cluster.Run(2);
        publisher.IsSending = false;
        cluster.Run(1);
        var origin = cluster["origin"].Node.Stream("stage").Publication!;
        foreach (var node in new[] { "middle", "edge" })
        {
            var here = cluster[node].Node.Stream("stage").Publication!;
            Assert.Equal(origin.Epoch, here.Epoch);
            for (var i = 0; i < origin.Tracks.Count; i++)
            {
                Assert.Equal(origin.Tracks[i].OriginSsrc, here.Tracks[i].OriginSsrc);
                Assert.True(here.Tracks[i].Log.Head > 50);
                for (var position = here.Tracks[i].Log.Floor; position < here.Tracks[i].Log.Head; position++)
                {
                    Assert.True(here.Tracks[i].Log.TryGet(position, out var packet));
                    Assert.True(origin.Tracks[i].Log.TryFind(packet.ExtendedSequenceNumber, out var at, out var original));
                    Assert.Equal((original.Timestamp, original.Marker, original.PayloadLength), (packet.Timestamp, packet.Marker, packet.PayloadLength));
                    var (a, b) = (new byte[original.PayloadLength], new byte[packet.PayloadLength]);
                    Assert.True(origin.Tracks[i].Log.TryCopyPayload(at, original, a) && here.Tracks[i].Log.TryCopyPayload(position, packet, b));
                    Assert.Equal(a, b);
                }
            }
        }

        Assert.Equal(["origin", "middle"], cluster["edge"].Node.Stream("stage").NodesAbove);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Losses_between_nodes_are_repaired_between_them(int seed)
    {
        using var cluster = new VirtualCluster(seed, 1, "origin", "middle", "edge") { Between = LinkConditions.Lossy(0.05, 15) with { Reordering = 0.02 } };
        var publisher = cluster["origin"].PublishAndSend();
        Follow(cluster, "middle", "origin");
        Follow(cluster, "edge", "middle");
        var viewer = cluster["edge"].WatchAndSee();
        cluster["edge"].PlayOut(publisher, 8);
        PlaybackAssert.Gapless(cluster["edge"], viewer);
        Assert.Equal(0, viewer.Video.Missing);
        Assert.Empty(publisher.Feedback.Nacks);

        // Operators see what the link loses, although nothing is missing.
        var (expected, received) = cluster["edge"].Node.Inbound["stage"].LinkCounts;
        Assert.InRange(1 - ((double)received / expected), 0.02, 0.09);
        Assert.InRange(cluster["edge"].Node.Inbound["stage"].RoundTrip!.Value.TotalMilliseconds, 30, 60);
    }

    [Fact]
    public void Thousand_wishes_for_a_keyframe_are_one_request_at_the_publisher()
    {
        using var cluster = new VirtualCluster(seed: 6, 1, "origin", "left", "right");
        var publisher = cluster["origin"].PublishAndSend();
        Follow(cluster, "left", "origin");
        Follow(cluster, "right", "origin");
        var viewers = Enumerable.Range(0, 6).Select(i => cluster[i % 2 == 0 ? "left" : "right"].WatchAndSee()).ToArray();
        cluster.Run(3);
        var before = publisher.Feedback.KeyframeRequests.Count;
        foreach (var viewer in viewers) viewer.RequestKeyframe();
        cluster.Run(0.9);
        Assert.Equal(before + 1, publisher.Feedback.KeyframeRequests.Count);
    }

    [Fact]
    public void Newcomer_begins_with_what_its_node_has_and_asks_nobody()
    {
        using var cluster = new VirtualCluster(seed: 7, 1, "origin", "edge");
        var publisher = cluster["origin"].PublishAndSend(new PublisherProfile { AnswersPli = false });
        cluster.Run(2);
        var asked = publisher.Feedback.KeyframeRequests.Count;
        Follow(cluster, "edge", "origin");
        cluster.Run(0.3);
        var at = cluster.Clock.Now;
        var viewer = cluster["edge"].WatchAndSee();
        Assert.True(cluster.Clock.Now - at < TimeSpan.FromMilliseconds(400), $"first picture after {(cluster.Clock.Now - at).TotalMilliseconds} ms");
        cluster["edge"].PlayOut(publisher, 2);
        PlaybackAssert.Gapless(cluster["edge"], viewer);
        Assert.Equal(asked, publisher.Feedback.KeyframeRequests.Count);
    }

    [Fact]
    public void What_a_parent_had_in_store_is_no_younger_at_the_child()
    {
        using var cluster = new VirtualCluster(seed: 14, 1, "origin", "edge");
        cluster["origin"].PublishAndSend(new PublisherProfile { AnswersPli = false });
        cluster.Run(2);
        Follow(cluster, "edge", "origin");
        cluster.Run(0.2);
        var (origin, edge) = (Video(cluster, "origin"), Video(cluster, "edge"));
        Assert.True(edge.Log.TryGet(edge.KeyframePosition, out var keyframe));
        Assert.True(origin.Log.TryFind(keyframe.ExtendedSequenceNumber, out _, out var original));
        Assert.InRange(Math.Abs((keyframe.ReceivedAt - original.ReceivedAt).TotalMilliseconds), 0, 60);
        Assert.True(edge.Log.TryGet(edge.Log.Head - 1, out var newest) && origin.Log.TryFind(newest.ExtendedSequenceNumber, out _, out original));
        Assert.InRange((newest.ReceivedAt - original.ReceivedAt).TotalMilliseconds, 0, 10);
    }

    [Fact]
    public void Only_the_layers_that_are_watched_travel_and_each_once()
    {
        using var cluster = new VirtualCluster(seed: 8, 1, "origin", "edge");
        var publisher = cluster["origin"].PublishLayered(SimulcastProfile.Vp8);
        cluster.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        Follow(cluster, "edge", "origin");
        var first = cluster["edge"].WatchLayered();
        var second = cluster["edge"].WatchLayered();
        foreach (var peer in cluster["edge"].Node.Connected.Where(peer => peer.Viewer is not null)) peer.Viewer!.Layers.Choice = new LayerChoice { Rid = "m" };
        cluster.RunUntil(() => first.FirstVideoAt != MonotonicTime.Never && second.FirstVideoAt != MonotonicTime.Never, 10, "pictures");
        foreach (var peer in cluster["edge"].Node.Connected.Where(peer => peer.Viewer is not null)) peer.Viewer!.Layers.Choice = new LayerChoice { Rid = "m" };
        cluster.Run(8);

        var publication = cluster["edge"].Node.Stream("stage").Publication!;
        var heads = publication.Tracks.ToDictionary(track => track.Rid + track.Kind, track => track.Log.Head);
        var sent = cluster["origin"].Node.Stream("stage").Publication!.Tracks.ToDictionary(track => track.Rid + track.Kind, track => track.Log.Head);
        cluster.Run(2);
        foreach (var track in publication.Tracks)
        {
            var key = track.Rid + track.Kind;
            var came = track.Log.Head - heads[key];
            var published = cluster["origin"].Node.Stream("stage").Publication!.Tracks[track.Index].Log.Head - sent[key];
            if (track.Rid == "h") Assert.Equal(0, came);
            else Assert.InRange(came, published - 5, published + 5);
        }

        Assert.Equal(0, cluster["edge"].Node.Inbound["stage"].Duplicates);

        // The ladder is that of the origin, or nobody could ever choose what does not travel.
        Assert.Equal("l m h", string.Join(' ', publication.Qualities.Rungs.ToArray().Select(rung => rung.Track.Rid)));
        Assert.All(publication.Qualities.Rungs.ToArray(), rung => Assert.True(rung.IsActive && rung.BitsPerSecond > 0));
        foreach (var peer in cluster["edge"].Node.Connected.Where(peer => peer.Viewer is not null)) peer.Viewer!.Layers.Choice = new LayerChoice { Rid = "h" };
        cluster.RunUntil(() => cluster["edge"].Node.Connected.Where(peer => peer.Viewer is not null).All(peer => peer.Viewer!.Streams.Any(stream => stream.Track?.Rid == "h")), 5, "the best encoding");
    }

    [Fact]
    public void Publisher_that_comes_back_is_followed_into_its_new_epoch()
    {
        using var cluster = new VirtualCluster(seed: 9, 1, "origin", "edge");
        cluster["origin"].PublishAndSend();
        Follow(cluster, "edge", "origin");
        var viewer = cluster["edge"].WatchAndSee();
        cluster.Run(1);
        var epoch = cluster["edge"].Node.Stream("stage").Publication!.Epoch;
        var frames = viewer.Video.Decoder.Decoded.Count;
        var again = cluster["origin"].PublishAndSend();
        cluster.RunUntil(() => viewer.Video.Decoder.Decoded.Count > frames + 60, 10, "the new epoch's pictures");
        Assert.True(cluster["edge"].Node.Stream("stage").Publication!.Epoch > epoch);
        cluster["edge"].PlayOut(again, 1);
        PlaybackAssert.Intact(cluster["edge"], viewer);
    }

    [Fact]
    public void Stream_that_is_not_there_yet_comes_when_it_begins()
    {
        using var cluster = new VirtualCluster(seed: 10, 1, "origin", "edge");
        cluster.Attach("edge", "origin");
        cluster.Run(2);
        Assert.Null(cluster["edge"].Node.Stream("stage").Publication);
        cluster["origin"].PublishAndSend();
        cluster.RunUntil(() => cluster["edge"].Node.Stream("stage").Publication is not null, 1, "the publication");
    }

    [Fact]
    public void Node_that_is_not_who_the_cluster_says_gets_nothing()
    {
        using var other = DtlsCertificate.CreateSelfSigned();
        Assert.True(DtlsFingerprint.TryParse($"sha-256 {other.Fingerprint}", out var stranger));
        using var cluster = new VirtualCluster(seed: 11, 1, "origin", "edge");
        cluster["origin"].PublishAndSend();
        var (transport, _) = cluster["edge"].Node.Dial(cluster["origin"].Node, own: stranger);
        var (impostor, _) = cluster["edge"].Node.Dial(cluster["origin"].Node, expected: stranger);
        cluster["edge"].Node.Attach("stage", transport, impostor);
        cluster.Run(5);
        Assert.False(transport.IsConnected);
        Assert.False(impostor.IsConnected);
        Assert.Null(cluster["edge"].Node.Stream("stage").Publication);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Two_nodes_feed_each_other_with_different_streams(int workers)
    {
        using var cluster = new VirtualCluster(seed: 14, workers, "left", "right");
        var here = cluster["left"].PublishAndSend();
        Follow(cluster, "right", "left");
        var viewer = cluster["right"].WatchAndSee();
        var there = cluster["right"].PublishLayered(SimulcastProfile.Vp8, stream: "other");
        cluster.Attach("left", "right", stream: "other");
        cluster.RunUntil(() => cluster["left"].Node.Inbound["other"].LastMedia > MonotonicTime.Zero, 5, "media the other way");
        cluster.Run(6);
        Assert.True(there.Pictures > 0 && cluster.Clock.Now - cluster["left"].Node.Inbound["other"].LastMedia < TimeSpan.FromSeconds(1));
        cluster["right"].PlayOut(here, 1);
        PlaybackAssert.Gapless(cluster["right"], viewer);
        foreach (var node in new[] { "left", "right" }) Assert.DoesNotContain(cluster[node].Node.RelayEvents, line => line.StartsWith("lost", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_nodes_that_are_told_to_follow_each_other_do_not_run_in_a_circle()
    {
        using var cluster = new VirtualCluster(seed: 12, 1, "origin", "left", "right");
        cluster["origin"].PublishAndSend();
        Follow(cluster, "left", "origin");
        Follow(cluster, "right", "left");
        cluster.Run(1);
        cluster.Attach("left", "right");
        cluster.Run(6);
        Assert.Equal("origin", cluster["left"].Node.Inbound["stage"].ParentNodeId);
        Assert.Contains("stayed without right", cluster["left"].Node.RelayEvents);
    }

    [Fact]
    public void Link_that_loses_too_much_carries_the_lowest_quality_only()
    {
        using var cluster = new VirtualCluster(seed: 13, 1, "origin", "edge");
        var publisher = cluster["origin"].PublishLayered(SimulcastProfile.Vp8);
        cluster.RunUntil(() => publisher.Pictures > 100, 20, "publishing");
        Follow(cluster, "edge", "origin");
        var viewer = cluster["edge"].WatchLayered();
        cluster.RunUntil(() => cluster["edge"].Node.Connected.Any(peer => peer.Viewer?.Streams.Any(stream => stream.Track?.Rid == "h") == true), 10, "the best encoding");
        cluster.Link("origin", "edge").Conditions = LinkConditions.Lossy(0.25, 5);
        cluster.Run(8);
        var heads = cluster["edge"].Node.Stream("stage").Publication!.Tracks.Select(track => track.Log.Head).ToArray();
        cluster.Run(1);
        var publication = cluster["edge"].Node.Stream("stage").Publication!;
        foreach (var track in publication.Tracks)
        {
            if (track.Rid is "m" or "h") Assert.Equal(heads[track.Index], track.Log.Head);
            else if (track.Kind == MediaKind.Video) Assert.True(track.Log.Head > heads[track.Index], $"{track.Kind} {track.Rid} stands at {track.Log.Head}, {string.Join(' ', heads)}, {string.Join(' ', publication.Qualities.Rungs.ToArray().Select(r => r.Track.Rid + r.IsActive))}");
        }

        cluster.Link("origin", "edge").Conditions = LinkConditions.Good;
        cluster.RunUntil(() => cluster["edge"].Node.Connected.Any(peer => peer.Viewer?.Streams.Any(stream => stream.Track?.Rid == "h") == true), 40, "the best encoding again");
        Assert.True(viewer.AuthenticationFailures == 0);
    }

    private static Media.Routing.SourceTrack Video(VirtualCluster cluster, string node) => cluster[node].Node.Stream("stage").Publication!.TrackOf(MediaKind.Video)!;

    private static void Follow(VirtualCluster cluster, string child, string parent)
    {
        cluster.Attach(child, parent);
        cluster.RunUntil(() => cluster[child].Node.Stream("stage").Publication is not null, 5, $"the publication at {child}");
    }
}
