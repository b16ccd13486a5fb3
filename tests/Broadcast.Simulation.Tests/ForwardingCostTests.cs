using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Node;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>Forwarding allocates nothing.</summary>
public class ForwardingCostTests
{
    private const int Viewers = 50;
    private const int Frames = 400;
    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(25);

    [Fact]
    public void Hundred_thousand_forwarded_packets_and_their_repairs_allocate_nothing()
    {
        using var scenario = new Scenario(1);
        var publisher = scenario.Publish(new PublisherProfile { SendsAudio = false, PacketsPerFrame = 6 });
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");
        var viewers = Enumerable.Range(0, Viewers)
            .Select(i => scenario.Watch(i % 5 == 0 ? OfferText.WithoutRtx(OfferText.Read("chrome-watch")) : null))
            .ToArray();
        foreach (var viewer in viewers) viewer.SendsRtcp = false; // in the time of this test nobody answers: no network is measured
        scenario.RunUntil(() => viewers.All(viewer => viewer.Video?.Decoder.Last is not null), 5, "pictures everywhere");
        scenario.Run(2);
        publisher.IsSending = false;
        var worker = scenario.Node.Workers[0];
        worker.DiscardsOutput = true;
        foreach (var viewer in viewers) viewer.SendsRtcp = false;

        var packets = new List<byte[]>();
        var nacks = new List<byte[]>();
        var nacking = viewers[3];
        var fromPublisher = VirtualNode.PathTo(publisher.Host.Address);
        var fromViewer = VirtualNode.PathTo(nacking.Host.Address);
        var before = 0L;
        var allocated = Allocated.Least(
            () =>
            {
                var engine = worker.Engine;
                var now = scenario.Clock.Now;
                for (var frame = 0; frame < Frames; frame++, now += FrameInterval)
                {
                    for (var i = 0; i < 6; i++) engine.Receive(packets[(frame * 6) + i], fromPublisher, now, now);
                    if (frame % 10 == 9) engine.Receive(nacks[frame / 10], fromViewer, now, now);
                    Turn(worker, now);
                }
            },
            () =>
            {
                // The engine's time was ahead; the network's catches up, and the peers renew their consent.
                scenario.Run(Frames * FrameInterval.TotalSeconds);
                packets.Clear();
                nacks.Clear();
                for (var frame = 0; frame < Frames; frame++) packets.AddRange(publisher.NextFrame(keyframe: frame == 0));
                nacking.Host.Up.Filter = datagram =>
                {
                    nacks.Add(datagram.ToArray());
                    return true;
                };
                var highest = nacking.Session.Viewer!.Streams.Single(stream => stream.Media.Kind == MediaKind.Video).HighestSent;
                for (var i = 0; i < Frames / 10; i++) nacking.SendNack(nacking.Video.Track.Ssrc, (ushort)(highest + (i * 60) + 40));
                nacking.Host.Up.Filter = null;
                before = Sent(scenario);
            });

        Assert.Equal(0, allocated);
        var sent = Sent(scenario) - before;
        Assert.True(sent >= 100_000, $"{sent} packets forwarded");
        Assert.True(nacking.Session.Viewer!.Retransmitted > 30, $"{nacking.Session.Viewer.Retransmitted} repairs ({scenario.Drops()})");
        Assert.All(viewers, viewer => Assert.Equal(SessionState.Connected, viewer.Session.State));
    }

    /// <summary>As above, with three encodings of three temporal layers: a third of the viewers watches each, and most leave layers out.</summary>
    [Fact]
    public void Layers_that_are_left_out_allocate_nothing()
    {
        using var scenario = new Scenario(2);
        var publisher = scenario.PublishLayered(SimulcastProfile.Vp8);
        scenario.RunUntil(() => publisher.Pictures > 100, 10, "publishing");
        var viewers = Enumerable.Range(0, Viewers).Select(_ => scenario.WatchLayered()).ToArray();
        foreach (var viewer in viewers) viewer.SendsRtcp = false;
        scenario.Run(1);
        var choices = Enumerable.Range(0, 9).Select(i => new LayerChoice { Rid = publisher.Profile.Encodings[i % 3].Rid, TemporalId = i / 3 }).ToArray();
        for (var i = 0; i < Viewers; i++) viewers[i].Session.Viewer!.Layers.Choice = choices[i % 9];
        scenario.RunUntil(() => viewers.All(viewer => VideoOf(viewer).Track!.Rid == viewer.Session.Viewer!.Layers.Choice.Rid), 10, "each at its encoding");
        scenario.Run(2);
        publisher.IsSending = false;
        var worker = scenario.Node.Workers[0];
        worker.DiscardsOutput = true;
        foreach (var viewer in viewers) viewer.SendsRtcp = false;

        var packets = new List<byte[]>[Frames];
        var path = VirtualNode.PathTo(publisher.Host.Address);
        var before = 0L;
        var allocated = Allocated.Least(
            () =>
            {
                var engine = worker.Engine;
                var now = scenario.Clock.Now;
                for (var frame = 0; frame < Frames; frame++, now += FrameInterval)
                {
                    foreach (var packet in packets[frame]) engine.Receive(packet, path, now, now);
                    Turn(worker, now);
                }
            },
            () =>
            {
                scenario.Run(Frames * FrameInterval.TotalSeconds);
                for (var frame = 0; frame < Frames; frame++)
                {
                    packets[frame] = [];
                    foreach (var encoding in publisher.Encodings) packets[frame].AddRange(publisher.NextPicture(encoding, keyframe: false));
                }

                before = Sent(scenario);
            });

        Assert.Equal(0, allocated);
        Assert.True(Sent(scenario) - before > 20_000, $"{Sent(scenario) - before} packets forwarded");
        Assert.All(viewers, viewer => Assert.Equal(SessionState.Connected, viewer.Session.State));
    }

    private static Media.Send.SendStream VideoOf(TestViewer viewer) => viewer.Session.Viewer!.Streams.Single(stream => stream.Media.Kind == MediaKind.Video);

    private static void Turn(VirtualWorker worker, MonotonicTime now)
    {
        worker.Engine.WakeSubscribers();
        worker.Engine.Forward(now);
        worker.Engine.Tick(now);
        worker.Flush();
    }

    private static long Sent(Scenario scenario) => scenario.Node.Connected.Where(peer => peer.Viewer is not null).Sum(peer => peer.Viewer!.Packets);
}
