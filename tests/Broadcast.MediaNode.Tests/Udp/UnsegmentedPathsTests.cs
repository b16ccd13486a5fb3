using System.Net;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tests.Udp;

public class UnsegmentedPathsTests
{
    private static TransportAddress Address(int port) => new(IPAddress.Loopback, (ushort)port);

    [Fact]
    public void Contains_OnlyWhatWasAdded()
    {
        var paths = new UnsegmentedPaths();
        Assert.False(paths.Contains(Address(1)));
        paths.Add(Address(1));
        Assert.True(paths.Contains(Address(1)));
        Assert.False(paths.Contains(Address(2)));
    }

    [Fact]
    public void Contains_AfterManyRuns_LetsSegmentationBeTriedAgain()
    {
        var paths = new UnsegmentedPaths();
        paths.Add(Address(1));
        var runs = 0;
        while (paths.Contains(Address(1))) runs++;
        Assert.Equal(UnsegmentedPaths.RunsUntilRetry - 1, runs);
        Assert.False(paths.Contains(Address(1)));
        paths.Add(Address(1));
        Assert.True(paths.Contains(Address(1)));
    }

    [Fact]
    public void Add_MorePeersThanRoom_KeepsTheLatest()
    {
        var paths = new UnsegmentedPaths();
        for (var port = 1; port <= 5000; port++)
        {
            paths.Add(Address(port));
            Assert.True(paths.Contains(Address(port)));
        }
    }
}
