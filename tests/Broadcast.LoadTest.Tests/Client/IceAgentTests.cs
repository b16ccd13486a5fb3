using System.Net;
using Broadcast.Client.Connections;
using Broadcast.Rtc;

namespace Broadcast.LoadTest.Tests.Client;

public class IceAgentTests
{
    private static readonly TransportAddress ViewerAddress = new(IPAddress.Loopback, 1000);
    private static readonly TransportAddress ServerAddress = new(IPAddress.Loopback, 2000);
    private readonly IceParameters _viewer = IceParameters.Create();
    private readonly IceParameters _server = IceParameters.Create();

    [Fact]
    public void Two_full_agents_agree_on_a_pair_and_keep_consent()
    {
        var controlling = new IceAgent(_viewer, _server, [ServerAddress], controlling: true);
        var controlled = new IceAgent(_server, _viewer, [ViewerAddress], controlling: false);
        Assert.True(Exchange(controlling, ViewerAddress, controlled, ServerAddress, At(0)));
        Assert.Equal(ServerAddress, controlling.Selected);
        Assert.Equal(ViewerAddress, controlled.Selected);
        Assert.False(Exchange(controlling, ViewerAddress, controlled, ServerAddress, At(100)));
        Assert.True(Exchange(controlling, ViewerAddress, controlled, ServerAddress, At(2_600)));
        Assert.False(controlling.HasLostConsent(At(32_000)));
        Assert.True(controlling.HasLostConsent(At(33_000)));
    }

    [Fact]
    public void Checks_are_repeated_more_and_more_slowly_until_one_is_answered()
    {
        var agent = new IceAgent(_viewer, _server, [ServerAddress], controlling: true);
        Span<byte> check = stackalloc byte[256];
        var at = new List<double>();
        for (var now = 0.0; now < 1_000; now++)
        {
            if (agent.WriteCheck(check, At(now), out _) > 0) at.Add(now);
        }

        Assert.Equal([0, 50, 150, 350, 750], at);
    }

    [Fact]
    public void A_check_or_answer_with_a_wrong_password_changes_nothing()
    {
        var agent = new IceAgent(_viewer, _server, [ServerAddress], controlling: true);
        var stranger = new IceAgent(IceParameters.Create() with { UsernameFragment = _server.UsernameFragment }, IceParameters.Create(), [ViewerAddress], controlling: true);
        Assert.False(Exchange(agent, ViewerAddress, stranger, ServerAddress, At(0)));
        Assert.False(agent.IsConnected);
        Assert.False(stranger.IsConnected);
    }

    private static MonotonicTime At(double milliseconds) => MonotonicTime.FromMilliseconds(milliseconds);

    /// <summary>One check and its answer; false when there was none of them.</summary>
    private static bool Exchange(IceAgent from, TransportAddress fromAddress, IceAgent to, TransportAddress toAddress, MonotonicTime now)
    {
        Span<byte> check = stackalloc byte[256];
        Span<byte> answer = stackalloc byte[128];
        var length = from.WriteCheck(check, now, out var target);
        if (length == 0) return false;
        Assert.Equal(toAddress, target);
        var answerLength = to.Receive(check[..length], fromAddress, now, answer);
        if (answerLength == 0) return false;
        from.Receive(answer[..answerLength], toAddress, now, check);
        return true;
    }
}
