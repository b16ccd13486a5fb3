using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Node;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.BadInput;

/// <summary>A broadcast with one viewer, what its peers really sent, and three places from which bad datagrams come.</summary>
internal sealed class AttackedNode : IDisposable
{
    private readonly (int Peers, int Paths, int FanOuts, int Names) _before;

    public AttackedNode(int seed)
    {
        Scenario = new Scenario(seed);
        Publisher = Scenario.Publish();
        Record(Publisher);
        Scenario.RunUntil(() => Publisher.Frames > 10, 5, "publishing");
        Viewer = Scenario.Watch();
        Record(Viewer);
        Scenario.RunUntil(() => Viewer.Video?.Decoder.Last is not null, 3, "the first picture");
        Viewer.SendNack(Viewer.Video.Track.Ssrc, (ushort)Viewer.Video.Highest);
        Viewer.RequestKeyframe();
        Publisher.SendRtxPadding();
        Publisher.SendProbe();
        Scenario.Run(3);
        Publisher.Host.Up.Filter = Viewer.Host.Up.Filter = null;
        Scenario.Run(0.1);

        // A third session is known to the node, but nobody has connected to it yet.
        var host = Scenario.Network.Join(LinkConditions.Good);
        Stranger = host.Address;
        var fresh = new TestViewer(Scenario.Clock, host, new Random(seed), OfferText.Read("chrome-watch"));
        Unbound = Scenario.Node.Watch("stage", fresh.Offer).Peer;
        UnboundCredentials = Unbound.Ice.Local;
        fresh.RemoteIce = UnboundCredentials;
        UnboundCheck = fresh.BuildCheck(new byte[12]);
        _before = Size();
    }

    public Scenario Scenario { get; }

    public TestPublisher Publisher { get; }

    public TestViewer Viewer { get; }

    public TransportAddress Stranger { get; }

    public Peer Unbound { get; }

    public Rtc.Sdp.IceCredentials UnboundCredentials { get; }

    /// <summary>A valid check for <see cref="Unbound"/>.</summary>
    public byte[] UnboundCheck { get; }

    /// <summary>Everything the publisher and the viewer sent, each datagram with its sender.</summary>
    public List<(TransportAddress From, byte[] Bytes)> Recorded { get; } = [];

    public MediaEngine Engine => Scenario.Node.Engine;

    public MonotonicTime Now => Scenario.Clock.Now;

    /// <summary>Where bad datagrams come from.</summary>
    public TransportAddress[] Sources => [Publisher.Host.Address, Viewer.Host.Address, Stranger];

    /// <summary>A few of each kind that was recorded.</summary>
    public IEnumerable<(TransportAddress From, byte[] Bytes)> Samples(int each = 2) =>
        Recorded.GroupBy(sample => (sample.From, Kind(sample.Bytes))).SelectMany(group => group.Take(each).Concat(group.TakeLast(each)));

    /// <summary>What makes two datagrams alike: class, and payload or packet type where it can be read.</summary>
    public static (DatagramKind Kind, int Type) Kind(byte[] datagram)
    {
        var kind = DatagramDemultiplexer.Classify(datagram);
        return (kind, kind switch
        {
            DatagramKind.Rtp or DatagramKind.Rtcp => datagram[1] & 0x7F,
            DatagramKind.Dtls => datagram[0],
            _ => 0,
        });
    }

    /// <summary>Gives a copy of a datagram to the engine.</summary>
    public DropReason Receive(ReadOnlySpan<byte> datagram, TransportAddress from)
    {
        Span<byte> copy = stackalloc byte[datagram.Length];
        datagram.CopyTo(copy);
        return Engine.Receive(copy, VirtualNode.PathTo(from), Now, Now);
    }

    /// <summary>Drops counted so far.</summary>
    public long Drops() => Enum.GetValues<DropReason>().Sum(reason => Engine.Drops[reason]);

    /// <summary>Nothing was added or taken away, and the broadcast goes on without a missing frame.</summary>
    public void AssertUnharmed()
    {
        Assert.Equal(_before, Size());
        Assert.Equal(SessionState.Connected, Publisher.Session.State);
        Assert.Equal(SessionState.Connected, Viewer.Session.State);
        Assert.Equal(SessionState.New, Unbound.State);
        Assert.Equal(Publisher.Host.Address, Publisher.Session.Ice.SelectedPath.Remote);
        Assert.Equal(Viewer.Host.Address, Viewer.Session.Ice.SelectedPath.Remote);

        var frames = Viewer.Video.Decoder.Decoded.Count;
        Scenario.Run(2);
        Assert.True(Viewer.Video.Decoder.Decoded.Count - frames >= 55, $"{Viewer.Video.Decoder.Decoded.Count - frames} frames in 2 s ({Scenario.Drops()})");
        PlaybackAssert.Gapless(Scenario, Viewer);
        Assert.Equal(0, Viewer.Video.Missing);
        Assert.Equal(0, Viewer.Audio!.Missing);
    }

    public void Dispose() => Scenario.Dispose();

    private void Record(TestPeer peer) => peer.Host.Up.Filter = datagram =>
    {
        Recorded.Add((peer.Host.Address, datagram.ToArray()));
        return false;
    };

    private (int Peers, int Paths, int FanOuts, int Names) Size() =>
        (Engine.PeerCount, Engine.PathCount, Engine.FanOutCount, Scenario.Node.Directory.Count);
}
