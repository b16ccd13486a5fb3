using System.Net;
using Broadcast.Rtc.Sdp;

namespace Broadcast.Rtc.Tests.Sdp;

public class IceCandidateTests
{
    [Theory]
    [InlineData("candidate:1 1 udp 2130706431 198.51.100.1 39132 typ host")]
    [InlineData("a=candidate:1 1 udp 2130706431 198.51.100.1 39132 typ host")]
    [InlineData("1 1 UDP 2130706431 198.51.100.1 39132 typ host generation 0 network-id 1")]
    public void TryParse_Udp(string text)
    {
        Assert.True(IceCandidate.TryParse(text, out var candidate));
        Assert.Equal(new IceCandidate("1", 1, "udp", 2130706431, "198.51.100.1", 39132, "host", ""), candidate);
        Assert.Equal("candidate:1 1 udp 2130706431 198.51.100.1 39132 typ host", candidate.ToString());
    }

    [Theory]
    [InlineData("candidate:3 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active", "active")]
    [InlineData("candidate:3 1 tcp 1518214911 fd00::2 9 typ srflx raddr fd00::3 rport 9 tcptype passive", "passive")]
    public void TryParse_Tcp(string text, string tcpType)
    {
        Assert.True(IceCandidate.TryParse(text, out var candidate));
        Assert.Equal(tcpType, candidate.TcpType);
    }

    [Theory]
    [InlineData("")]
    [InlineData("candidate:")]
    [InlineData("candidate:1 0 udp 1 192.0.2.1 1 typ host")]
    [InlineData("candidate:1 1 udp -1 192.0.2.1 1 typ host")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 65536 typ host")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 1 host")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 1 typ")]
    public void TryParse_Broken_IsRefused(string text) => Assert.False(IceCandidate.TryParse(text, out _));

    [Fact]
    public void HostCandidates_ForBothFamilies()
    {
        var candidates = HostCandidates.For([Address("203.0.113.7"), Address("2001:db8::7"), Address("10.0.0.7")]);

        Assert.Equal(
            [
                "candidate:1 1 udp 2130706431 203.0.113.7 8181 typ host",
                "candidate:2 1 udp 2130706175 2001:db8::7 8181 typ host",
                "candidate:3 1 udp 2130705919 10.0.0.7 8181 typ host",
                "candidate:4 1 tcp 1520435199 203.0.113.7 8181 typ host tcptype passive",
                "candidate:5 1 tcp 1520434943 2001:db8::7 8181 typ host tcptype passive",
                "candidate:6 1 tcp 1520434687 10.0.0.7 8181 typ host tcptype passive",
            ],
            candidates);
    }

    [Fact]
    public void HostCandidates_RankEveryUdpAboveEveryTcp()
    {
        var addresses = Enumerable.Range(1, 200).Select(i => Address($"10.0.0.{i}")).ToList();
        var candidates = HostCandidates.For(addresses).Select(text =>
        {
            Assert.True(IceCandidate.TryParse(text, out var candidate));
            return candidate;
        }).ToList();

        Assert.Equal(400, candidates.Count);
        Assert.True(candidates.Where(c => c.Transport == "udp").Min(c => c.Priority) > candidates.Where(c => c.Transport == "tcp").Max(c => c.Priority));
        Assert.Equal(400, candidates.Select(c => c.Foundation).Distinct().Count());
        Assert.Equal(400, candidates.Select(c => c.Priority).Distinct().Count());
    }

    [Fact]
    public void HostCandidates_LeaveOutWhatNobodyCanReach()
    {
        var candidates = HostCandidates.For(
            [Address("0.0.0.0"), Address("::"), Address("fe80::1%2"), Address("::ffff:192.0.2.1"), Address("192.0.2.1"), new TransportAddress(IPAddress.Loopback, 0)],
            withTcp: false);
        Assert.Equal(["candidate:1 1 udp 2130706431 192.0.2.1 8181 typ host"], candidates);
    }

    private static TransportAddress Address(string ip) => new(IPAddress.Parse(ip), 8181);
}
