using System.Net;
using Broadcast.Media.Peers;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Peers;

public class TransportPathTests
{
    private static readonly TransportAddress A = new(IPEndPoint.Parse("192.0.2.1:5000"));
    private static readonly TransportAddress B = new(IPEndPoint.Parse("[2001:db8::1]:5000"));

    [Fact]
    public void Equals_EveryPartCounts()
    {
        var path = new TransportPath(A, B, 3);
        Assert.True(path == new TransportPath(A, B, 3));
        Assert.Equal(path.GetHashCode(), new TransportPath(A, B, 3).GetHashCode());
        Assert.True(path != new TransportPath(B, B, 3));
        Assert.True(path != new TransportPath(A, A, 3));
        Assert.True(path != new TransportPath(A, B, 4));
    }

    [Fact]
    public void IsTcp_OnlyWithConnectionId()
    {
        Assert.False(new TransportPath(A, default).IsTcp);
        Assert.True(new TransportPath(A, default, 1).IsTcp);
    }
}
