using Broadcast.Media.Sessions;
using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>Peers that leave, with and without a word, leave nothing behind.</summary>
public class LifetimeTests
{
    private static Scenario Playing(int seed, out TestPublisher publisher, out TestViewer viewer, int workers = 1)
    {
        var scenario = new Scenario(seed, workers);
        var first = publisher = scenario.Publish(port: 40_000);
        scenario.RunUntil(() => first.Frames > 10, 5, "publishing");
        var second = viewer = scenario.Watch(port: 40_001);
        scenario.RunUntil(() => second.Video?.Decoder.Last is not null, 3, "the first picture");
        scenario.Run(2);
        return scenario;
    }

    private static void NothingLeftOf(Scenario scenario, TestPeer peer)
    {
        Assert.Equal(SessionState.Ended, peer.Session.State);
        Assert.NotNull(peer.Session.EndReason);
        Assert.DoesNotContain(peer.Session, scenario.Node.Connected);
        Assert.False(scenario.Node.Directory.TryFind(System.Text.Encoding.ASCII.GetBytes(peer.RemoteIce.UsernameFragment), out _));
        Assert.Empty(peer.Session.MappedPaths);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void Viewer_that_vanishes_is_paused_after_15_s_and_forgotten_after_30(int seed, int workers)
    {
        using var scenario = Playing(seed, out _, out var viewer, workers);
        viewer.Vanish();
        var gone = scenario.Clock.Now;
        var last = scenario.Clock.Now;
        scenario.Network.ServerSends = (to, _) =>
        {
            if (to == viewer.Host.Address) last = scenario.Clock.Now;
        };

        // Its last check was up to 2.5 s ago.
        scenario.Run(12);
        Assert.Equal(SessionState.Connected, viewer.Session.State);
        scenario.Run(4);
        Assert.Equal(SessionState.Interrupted, viewer.Session.State);
        Assert.True(last - gone <= TimeSpan.FromSeconds(15.2), $"still sent after {last - gone} (seed {seed})");
        scenario.Run(11);
        Assert.Equal(SessionState.Interrupted, viewer.Session.State);
        Assert.Equal(1, scenario.Node.Stream("stage").Viewers);
        scenario.Run(4);
        NothingLeftOf(scenario, viewer);
        Assert.Equal(0, scenario.Node.Stream("stage").Viewers);
        Assert.Equal(0, scenario.Node.Stream("stage").SubscribedEngines);
        Assert.Equal(0, scenario.Node.Workers.Sum(worker => worker.Engine.ViewerCount));
        Assert.Equal(1, scenario.Node.Workers.Sum(worker => worker.Engine.PeerCount));
        Assert.True(last - gone <= TimeSpan.FromSeconds(15.2), $"sent something after {last - gone} (seed {seed})");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Silent_viewer_gets_no_packet_after_15_s_and_everything_again_with_the_next_check(int seed)
    {
        using var scenario = Playing(seed, out var publisher, out var viewer);
        (viewer.Checks, viewer.SendsRtcp) = (false, false);
        scenario.Run(17.5);
        var packets = viewer.Video.Packets.Count + viewer.Audio!.Packets.Count;
        var received = viewer.LastReceived;
        scenario.Run(8);
        Assert.Equal(packets, viewer.Video.Packets.Count + viewer.Audio.Packets.Count);
        Assert.Equal(received, viewer.LastReceived);

        (viewer.Checks, viewer.SendsRtcp) = (true, true);
        var resumed = scenario.Clock.Now;
        var (frame, sound) = (publisher.Frames, publisher.AudioPackets);
        var shown = viewer.Video.Decoder.Decoded.Count;
        scenario.RunUntil(() => viewer.Video.Decoder.Decoded.Count > shown, 1, "pictures again");
        Assert.True(viewer.Video.Decoder.Last!.Frame >= frame - 9, $"picture {viewer.Video.Decoder.Last.Frame} of {frame} is an old one (seed {seed})");
        scenario.Run(3);

        // A picture of which a part waited for its pace when the silence had lasted too long is never shown.
        PlaybackAssert.Intact(scenario, viewer);
        Assert.True(viewer.Video.Decoder.Last!.Frame >= publisher.Frames - 3);
        Assert.True(viewer.Audio.InOrder.First(packet => packet.At > resumed).Audio.Number >= sound - 5, "old sound");
        Assert.Equal(SessionState.Connected, viewer.Session.State);
    }

    /// <summary>GStreamer's and FFmpeg's way: once media flows they make no more checks.</summary>
    [Theory]
    [InlineData(15, 1)]
    [InlineData(16, 2)]
    public void Publisher_and_viewer_that_stop_checking_go_on_as_long_as_they_send(int seed, int workers)
    {
        using var scenario = Playing(seed, out var publisher, out var viewer, workers);
        (publisher.Checks, viewer.Checks) = (false, false);
        scenario.Run(60);
        Assert.Equal((SessionState.Connected, SessionState.Connected), (publisher.Session.State, viewer.Session.State));
        PlaybackAssert.Gapless(scenario, viewer);
        Assert.True(viewer.Video.Decoder.Last!.Frame >= publisher.Frames - 3);

        viewer.SendsRtcp = false;
        scenario.Run(17.5);
        Assert.Equal(SessionState.Interrupted, viewer.Session.State);
        viewer.SendsRtcp = true;
        scenario.Run(2);
        Assert.Equal(SessionState.Connected, viewer.Session.State);
        Assert.True(viewer.Video.Decoder.Last!.Frame >= publisher.Frames - 3);
    }

    [Theory]
    [InlineData(21, 1)]
    [InlineData(22, 2)]
    public void Viewer_that_says_goodbye_is_forgotten_at_once(int seed, int workers)
    {
        using var scenario = Playing(seed, out _, out var viewer, workers);
        viewer.Close();
        scenario.Run(0.05);
        NothingLeftOf(scenario, viewer);
        Assert.Equal(0, scenario.Node.Stream("stage").Viewers);
        Assert.Equal(0, scenario.Node.Stream("stage").SubscribedEngines);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Publisher_that_says_goodbye_ends_the_publication_at_once(int seed)
    {
        using var scenario = Playing(seed, out var publisher, out var viewer);
        publisher.Close();
        scenario.Run(0.05);
        NothingLeftOf(scenario, publisher);
        Assert.True(scenario.Node.Stream("stage").Publication!.HasEnded);
        Assert.Equal(SessionState.Connected, viewer.Session.State);
    }

    [Fact]
    public void Publisher_that_says_bye_by_rtcp_ends_the_publication()
    {
        using var scenario = Playing(41, out var publisher, out _);
        publisher.SayBye();
        scenario.Run(0.3);
        NothingLeftOf(scenario, publisher);
        Assert.True(publisher.ServerClosed);
    }

    [Fact]
    public void Publisher_that_vanishes_is_forgotten_after_30_s()
    {
        using var scenario = Playing(51, out var publisher, out _);
        publisher.Vanish();
        scenario.Run(26);
        Assert.NotEqual(SessionState.Ended, publisher.Session.State);
        scenario.Run(4.5);
        NothingLeftOf(scenario, publisher);
    }

    [Theory]
    [InlineData(61)]
    [InlineData(62)]
    public void Closed_viewer_hears_bye_and_close_notify(int seed)
    {
        using var scenario = Playing(seed, out _, out var viewer, workers: 2);
        scenario.Node.Close(viewer.Session);
        scenario.Run(0.05);
        NothingLeftOf(scenario, viewer);
        Assert.True(viewer.ServerClosed);
        Assert.Equal(new HashSet<uint> { viewer.Audio!.Track.Ssrc, viewer.Video.Track.Ssrc }, [.. viewer.Byes]);
    }

    [Theory]
    [InlineData(71)]
    [InlineData(72)]
    public void Peer_that_never_finishes_its_handshake_is_forgotten(int seed)
    {
        using var scenario = Playing(seed, out _, out _);
        var viewer = scenario.Watch();
        viewer.Host.Up.Filter = datagram => datagram.Span[0] is >= 20 and <= 63;
        scenario.Run(1);
        Assert.Equal(SessionState.Connecting, viewer.Session.State);
        viewer.Vanish();
        scenario.Run(31);
        NothingLeftOf(scenario, viewer);
    }

    [Theory]
    [InlineData(81)]
    [InlineData(82)]
    public void Thousand_comings_and_goings_leave_nothing(int seed)
    {
        using var scenario = new Scenario(seed, workers: 2);
        var publisher = scenario.Publish(new PublisherProfile { SendsAudio = false, PayloadLength = 100, PacketsPerFrame = 1, PacketsPerKeyframe = 2 });
        scenario.RunUntil(() => publisher.Frames > 2, 5, "publishing");
        var random = new Random(seed);
        var viewers = new List<TestViewer>();
        for (var i = 0; i < 250; i++)
        {
            viewers.Add(scenario.Watch(up: LinkConditions.Lossy(0.05, random.Next(1, 80))));
            scenario.Run(random.NextDouble() * 0.1);
            var leaving = viewers[random.Next(viewers.Count)];
            if (leaving.HasLeft) continue;
            if (random.Next(3) == 0) leaving.Vanish();
            else if (random.Next(2) == 0 && leaving.IsConnected) leaving.Close();
            else scenario.Node.Close(leaving.Session);
        }

        foreach (var viewer in viewers.Where(viewer => !viewer.HasLeft)) viewer.Vanish();
        scenario.Run(35);
        Assert.Equal(0, scenario.Node.Stream("stage").Viewers);
        Assert.Equal(0, scenario.Node.Stream("stage").SubscribedEngines);
        Assert.Equal(1, scenario.Node.Directory.Count);
        Assert.Equal(1, scenario.Node.Workers.Sum(worker => worker.Engine.PeerCount));
        Assert.Equal(1, scenario.Node.Workers.Sum(worker => worker.Engine.PathCount));
        Assert.Equal(0, scenario.Node.Workers.Sum(worker => worker.Engine.FanOutCount));
    }
}
