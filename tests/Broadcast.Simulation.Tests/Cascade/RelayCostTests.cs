using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Cluster;
using Broadcast.Testing.Node;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Cascade;

/// <summary>A hop more allocates nothing more.</summary>
public sealed class RelayCostTests
{
    private static readonly TimeSpan TurnInterval = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Packets_from_another_node_are_taken_and_forwarded_without_allocation()
    {
        using var cluster = new VirtualCluster(seed: 1, 1, "origin", "edge");
        cluster["origin"].PublishAndSend(new PublisherProfile { SendsAudio = false, PacketsPerFrame = 6 });
        cluster.Attach("edge", "origin");
        cluster.RunUntil(() => cluster["edge"].Node.Stream("stage").Publication is not null, 5, "the publication at the edge");
        var viewers = Enumerable.Range(0, 20).Select(_ => cluster["edge"].Watch()).ToArray();
        cluster.RunUntil(() => viewers.All(viewer => viewer.Video?.Decoder.Last is not null), 5, "pictures everywhere");
        cluster.Run(2);
        var worker = cluster["edge"].Node.Workers[0];
        var receiving = cluster["edge"].Node.RelayWorker;
        foreach (var viewer in viewers) (viewer.SendsNacks, viewer.RequestsKeyframes) = (false, false);

        var packets = new List<byte[]>();
        var path = VirtualNode.PathTo(cluster["origin"].Node.Address);
        var before = 0L;
        var allocated = Allocated.Least(
            () =>
            {
                var now = cluster.Clock.Now;
                for (var i = 0; i < packets.Count; i++)
                {
                    receiving.Engine.Receive(packets[i], path, now, now);
                    if (i % 6 != 5) continue;
                    receiving.Engine.WakeSubscribers();
                    worker.Engine.WakeSubscribers();
                    worker.Engine.Forward(now);
                    worker.Flush();
                    now += TurnInterval;
                }
            },
            () =>
            {
                packets.Clear();
                worker.DiscardsOutput = false;
                cluster.Link("origin", "edge").Filter = datagram =>
                {
                    // RTCP has types from 192 on (RFC 5761 §4): signs of life and states go through.
                    var isMedia = datagram.Span[0] >> 6 == 2 && (datagram.Span[1] & 0x7F) is 96 or 97;
                    if (isMedia) packets.Add(datagram.ToArray());
                    return isMedia;
                };
                cluster.Run(3);
                cluster.Link("origin", "edge").Filter = null;
                worker.DiscardsOutput = true;
                cluster["edge"].Node.Wake(0); // what wakes it again costs nothing
                before = viewers.Sum(viewer => viewer.Session.Viewer!.Packets);
            });

        Assert.Equal(0, allocated);
        Assert.True(packets.Count > 400, $"{packets.Count} packets came");
        Assert.InRange(viewers.Sum(viewer => viewer.Session.Viewer!.Packets) - before, (packets.Count - 20) * viewers.Length, packets.Count * viewers.Length);
    }
}
