using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>Peers change their address or their ICE credentials in the middle of a broadcast.</summary>
public class MigrationTests
{
    private static Scenario Playing(int seed, int workers, out TestPublisher publisher, out TestViewer viewer)
    {
        var scenario = new Scenario(seed, workers);
        var first = publisher = scenario.Publish(port: 40_000);
        scenario.RunUntil(() => first.Frames > 10, 5, "publishing");
        var second = viewer = scenario.Watch(port: 40_000);
        scenario.RunUntil(() => second.Video?.Decoder.Last is not null, 3, "the first picture");
        scenario.Run(2);
        return scenario;
    }

    [Theory]
    [InlineData(1, 1, 41_000)]
    [InlineData(2, 2, 41_000)]
    [InlineData(3, 2, 41_001)]
    public void Viewer_goes_on_from_a_new_address(int seed, int workers, int port)
    {
        using var scenario = Playing(seed, workers, out var publisher, out var viewer);
        var old = viewer.Host.Address;
        viewer.MoveTo(scenario.Network.NewAddress(port));
        scenario.Run(0.1);
        Assert.Equal(viewer.Host.Address, viewer.MappedAddress);
        var toOld = 0;
        scenario.Network.ServerSends = (to, _) => toOld += to == old ? 1 : 0;
        scenario.Run(5);

        Assert.Equal(0, toOld);
        PlaybackAssert.Gapless(scenario, viewer);
        Assert.True(viewer.Video.Decoder.Last!.Frame >= publisher.Frames - 3, "the picture stands still");
        Assert.Equal(0, viewer.Video.Missing);
        Assert.Equal(1, scenario.Node.Stream("stage").Viewers);
        Assert.Equal(0, viewer.Session.Owner);

        // Its reports must reach the owner as well: NACKs are answered on the new path.
        var resent = viewer.Session.Viewer!.Retransmitted;
        viewer.SendNack(viewer.Video.Track.Ssrc, (ushort)viewer.Video.Highest);
        scenario.Run(0.1);
        Assert.Equal(resent + 1, viewer.Session.Viewer.Retransmitted);
    }

    [Theory]
    [InlineData(11, 1, 41_000)]
    [InlineData(12, 2, 41_001)]
    public void Publisher_goes_on_from_a_new_address(int seed, int workers, int port)
    {
        using var scenario = Playing(seed, workers, out var publisher, out var viewer);
        publisher.MoveTo(scenario.Network.NewAddress(port));
        scenario.Run(5);

        PlaybackAssert.Gapless(scenario, viewer);
        Assert.True(viewer.Video.Decoder.Last!.Frame >= publisher.Frames - 3, "the picture stands still");
        Assert.Equal(0, viewer.Video.Missing);
        Assert.Equal(0, publisher.Session.Owner);
        publisher.Close();
        scenario.Run(0.1);
        Assert.Equal(SessionState.Ended, publisher.Session.State);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Packets_handed_over_end_with_their_peer(int seed)
    {
        using var scenario = Playing(seed, 2, out _, out var viewer);
        viewer.MoveTo(scenario.Network.NewAddress(41_001));
        scenario.Run(1);
        Assert.True(scenario.Node.Workers[1].Engine.PathCount > 0);
        scenario.Node.Close(viewer.Session);
        scenario.Run(2);
        Assert.Equal(0, scenario.Node.Workers[1].Engine.PathCount);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void Restart_works_with_old_and_new_credentials_and_then_only_with_new_ones(int seed)
    {
        using var scenario = Playing(seed, 1, out var publisher, out var viewer);
        var old = viewer.RemoteIce;
        var renewed = scenario.Node.RestartIce(viewer.Session);

        // The PATCH is under way: the peer still checks with the old ones.
        var answered = viewer.ChecksAnswered;
        viewer.Check();
        scenario.Run(0.1);
        Assert.Equal(answered + 1, viewer.ChecksAnswered);

        viewer.RemoteIce = renewed;
        viewer.Check();
        scenario.Run(0.1);
        Assert.Equal(answered + 2, viewer.ChecksAnswered);

        viewer.RemoteIce = old;
        viewer.Check();
        scenario.Run(0.1);
        Assert.Equal(answered + 2, viewer.ChecksAnswered);

        viewer.RemoteIce = renewed;
        viewer.MoveTo(scenario.Network.NewAddress(42_000));
        scenario.Run(5);
        PlaybackAssert.Gapless(scenario, viewer);
        Assert.True(viewer.Video.Decoder.Last!.Frame >= publisher.Frames - 3, "the picture stands still");
        viewer.Close();
        scenario.Run(0.1);
        Assert.Equal(1, scenario.Node.Directory.Count);
    }

    [Fact]
    public void Restart_after_an_hour_of_renomination_begins_its_count_anew()
    {
        using var scenario = Playing(41, 1, out var publisher, out var viewer);
        viewer.Nomination = 500;
        viewer.MoveTo(scenario.Network.NewAddress(41_000));
        scenario.Run(1);
        viewer.RemoteIce = scenario.Node.RestartIce(viewer.Session);
        viewer.Nomination = 1;
        viewer.MoveTo(scenario.Network.NewAddress(41_002));
        scenario.Run(3);
        Assert.Equal(viewer.Host.Address, viewer.Session.Ice.SelectedPath.Remote);
        Assert.True(viewer.Video.Decoder.Last!.Frame >= publisher.Frames - 3, "the picture stands still");
    }

    [Fact]
    public void Peer_that_claims_to_be_controlled_is_told_of_the_conflict()
    {
        using var scenario = Playing(51, 1, out _, out var viewer);
        viewer.Controlling = false;
        viewer.Check();
        scenario.Run(0.1);
        Assert.Equal([487], viewer.ChecksRefused);
        Assert.Equal(1, scenario.Node.Drops(DropReason.StunRoleConflict));
    }

    [Fact]
    public void Peer_may_wander_through_twenty_addresses()
    {
        using var scenario = Playing(61, 2, out var publisher, out var viewer);
        for (var i = 0; i < 20; i++)
        {
            viewer.MoveTo(scenario.Network.NewAddress());
            scenario.Run(6);
        }

        PlaybackAssert.Intact(scenario, viewer);
        Assert.True(viewer.Video.Decoder.Last!.Frame >= publisher.Frames - 3, "the picture stands still");
        var resent = viewer.Session.Viewer!.Retransmitted;
        viewer.SendNack(viewer.Video.Track.Ssrc, (ushort)viewer.Video.Highest);
        scenario.Run(0.1);
        Assert.Equal(resent + 1, viewer.Session.Viewer.Retransmitted);
        viewer.Close();
        scenario.Run(2);
        Assert.Equal(1, scenario.Node.Workers.Sum(worker => worker.Engine.PathCount));
    }
}
