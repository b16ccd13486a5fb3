using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Broadcast.EndToEnd.Tests.Network;

/// <summary>With real sockets and the real clock.</summary>
public class UdpImpairmentProxyTests
{
    /// <summary>10,000 bits, with its headers: 10 ms at 1 Mbit/s.</summary>
    private const int Length = 1222;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Datagrams_keep_their_order_and_come_no_faster_than_the_bottleneck_and_the_delay_let_them()
    {
        const int count = 50;
        var delay = TimeSpan.FromMilliseconds(40);
        using var server = Bind();
        using var client = Bind();
        await using var proxy = new UdpImpairmentProxy(
            (IPEndPoint)server.LocalEndPoint!, loss: 0, delay, seed: 1, new Bottleneck(TimeSpan.FromSeconds(2)) { BitsPerSecond = 1_000_000 }, new Bottleneck());

        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
            await client.SendToAsync(new byte[Length - 1].Prepend((byte)i).ToArray(), new IPEndPoint(IPAddress.Loopback, proxy.Port));
        var (buffer, numbers) = (new byte[2048], new List<int>());
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(Length, await ReceiveAsync(server, buffer));
            Assert.True(Stopwatch.GetElapsedTime(begun) >= delay + TimeSpan.FromMilliseconds(10 * (i + 1)), $"{i} after {Stopwatch.GetElapsedTime(begun)}");
            numbers.Add(buffer[0]);
        }

        Assert.Equal(Enumerable.Range(0, count), numbers);
        Assert.InRange(Stopwatch.GetElapsedTime(begun), delay + TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1.5)); // late ones do not add up
        Assert.Equal($"datagrams to the server: {count} passed, 0 lost, 0 overflowed, to the client: 0 passed, 0 lost, 0 overflowed", proxy.ToString());
    }

    [Fact]
    public async Task The_direction_back_has_a_bottleneck_of_its_own()
    {
        using var server = Bind();
        using var client = Bind();
        await using var proxy = new UdpImpairmentProxy(
            (IPEndPoint)server.LocalEndPoint!, loss: 0, TimeSpan.Zero, seed: 1, new Bottleneck(), new Bottleneck(TimeSpan.Zero) { BitsPerSecond = 8_000 });
        var buffer = new byte[2048];
        await client.SendToAsync("hello"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, proxy.Port));
        var from = (await server.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0)).WaitAsync(Limit)).RemoteEndPoint;

        // The first takes a second on its way, and there is no queue for the others to wait in.
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < 5; i++)
            await server.SendToAsync(new byte[1000 - 28], from);
        Assert.Equal(1000 - 28, await ReceiveAsync(client, buffer));
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.FromSeconds(1), Limit);
        Assert.EndsWith("to the client: 1 passed, 0 lost, 4 overflowed", proxy.ToString(), StringComparison.Ordinal);
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static Task<int> ReceiveAsync(Socket socket, byte[] buffer) => socket.ReceiveAsync(buffer, SocketFlags.None).WaitAsync(Limit);
}
