using System.Net;
using System.Net.Sockets;
using Broadcast.EndToEnd.Tests.Server;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>One address before several nodes, as a name server or a balancer gives: a TCP connection goes to the first node that takes it.</summary>
public sealed class FrontDoor : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int[] _ports;
    private readonly Task _accepting;

    public FrontDoor(params ServerNode[] nodes)
    {
        _ports = [.. nodes.Select(node => new Uri(node.Address).Port)];
        _listener.Start();
        Address = $"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    /// <summary>Without a trailing slash.</summary>
    public string Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true) _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        using (var node = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                await ConnectAsync(node);
                // When either side is done, both are.
                await Task.WhenAny(CopyAsync(client, node), CopyAsync(node, client));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The client sees a closed connection.
            }
        }
    }

    private async Task ConnectAsync(Socket node)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                await node.ConnectAsync(IPAddress.Loopback, _ports[i], _stop.Token);
                return;
            }
            catch (SocketException) when (i < _ports.Length - 1)
            {
                // The next one, then.
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is var count and > 0)
            {
                for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // That was the end.
        }
    }
}
