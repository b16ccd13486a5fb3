using System.Net;
using System.Net.Sockets;
using System.Text;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Webhooks;

namespace Broadcast.Signalling.Tests.Webhooks;

/// <summary>A webhook is no way into the network that the node stands in.</summary>
public class WebhookGuardTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("ff02::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:7f00:1::")]
    [InlineData("2001:db8::1")]
    public void Addresses_that_are_not_of_the_Internet_are_refused(string address) => Assert.False(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    public void Addresses_of_the_Internet_are_not(string address) => Assert.True(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://localhost/hook")]
    [InlineData("http://hook.localhost./x")]
    [InlineData("https://127.0.0.1:8443/hook")]
    [InlineData("http://[::1]/hook")]
    [InlineData("http://2130706433/hook")]
    [InlineData("http://0x7f.1/hook")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    public void One_that_is_written_as_such_is_refused_at_start(string url)
    {
        var target = new WebhookTarget(new Uri(url), default, []);
        Assert.Contains("AllowInternal", Assert.Throws<InvalidDataException>(() => target.Check(allowInternal: false)).Message, StringComparison.Ordinal);
        target.Check(allowInternal: true);
    }

    [Fact]
    public async Task A_name_that_means_this_machine_is_refused_when_it_is_connected_to_and_nothing_arrives()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/hook"); // a name for the resolver, as any other
        using var client = WebhookClient.Create(allowInternal: false);
        var answer = await SendAsync(client, url);
        Assert.Equal(0, answer.Status);
        Assert.Contains("private network", answer.Fault, StringComparison.Ordinal);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_is_not_followed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = WebhookClient.Create(allowInternal: true);
        var sending = SendAsync(client, new Uri($"http://127.0.0.1:{port}/hook"));
        using var connection = await listener.AcceptTcpClientAsync();
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{port}/other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        Assert.Equal((307, "it answered 307"), ((await sending).Status, (await sending).Fault));
        Assert.False(listener.Pending());
    }

    private static Task<WebhookAnswer> SendAsync(HttpClient client, Uri url) => WebhookPost.SendAsync(
        client, new WebhookTarget(url, new Secret("s"), []), new WebhookDelivery("id", "webhook.test", DateTimeOffset.UnixEpoch, "{}"u8.ToArray()), DateTimeOffset.UnixEpoch, CancellationToken.None);
}
