using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Broadcast.EndToEnd.Tests.Network;

/// <summary>A bad network on one leg: datagrams are lost by chance, queue before a bottleneck, arrive late. Each direction is a <see cref="OneWay"/>.</summary>
/// <remarks>
/// It stands in the place of the server's UDP candidate. Each address of a client gets a socket of its own toward the
/// server, so the server sees as many peers as there are; they share the two bottlenecks.
/// </remarks>
public sealed class UdpImpairmentProxy : IAsyncDisposable
{
    private const int LargestDatagram = 2048;

    private readonly Socket _front = NewSocket(IPAddress.Loopback);
    private readonly ConcurrentDictionary<EndPoint, Socket> _backs = new();
    private readonly ConcurrentBag<Thread> _receivers = [];
    private readonly OneWay _toServer;
    private readonly OneWay _toClients;
    private readonly IPEndPoint _server;

    /// <param name="server">Where datagrams of clients go.</param>
    /// <param name="loss">Share of datagrams lost in each direction, 0 to 1.</param>
    /// <param name="delay">One way, in each direction.</param>
    /// <param name="seed">Makes the losses repeatable, as far as the order of datagrams is.</param>
    /// <param name="toServer">What the direction from the clients carries.</param>
    /// <param name="toClients">What the other one does.</param>
    public UdpImpairmentProxy(IPEndPoint server, double loss, TimeSpan delay, int seed, Bottleneck toServer, Bottleneck toClients)
    {
        _server = server;
        _toServer = new OneWay(loss, delay, toServer, seed);
        _toClients = new OneWay(loss, delay, toClients, ~seed);
        Port = ((IPEndPoint)_front.LocalEndPoint!).Port;
        BeginReceiving(_front, (client, datagram) => _toServer.Pass(_backs.GetOrAdd(client, OpenBack), _server, datagram));
    }

    /// <summary>Where clients send to, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>RTP packets of a payload type, which is not encrypted, that have passed in either direction.</summary>
    public long PassedOf(byte payloadType) => _toServer.PassedOf(payloadType) + _toClients.PassedOf(payloadType);

    public override string ToString() => $"datagrams to the server: {_toServer}, to the client: {_toClients}";

    public ValueTask DisposeAsync()
    {
        _front.Dispose();
        foreach (var back in _backs.Values)
            back.Dispose();
        foreach (var receiver in _receivers)
            receiver.Join();
        _toServer.Dispose();
        _toClients.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Socket NewSocket(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private Socket OpenBack(EndPoint client)
    {
        var back = NewSocket(_server.Address); // of this machine, as the server's is
        BeginReceiving(back, (_, datagram) => _toClients.Pass(_front, client, datagram));
        return back;
    }

    /// <summary>On a thread of its own: the pool's may all be taken for half a second, in which a network would not stand still.</summary>
    private void BeginReceiving(Socket socket, Action<EndPoint, byte[]> pass)
    {
        var receiver = new Thread(() => Receive(socket, pass)) { IsBackground = true, Name = "impairment, receiving" };
        _receivers.Add(receiver);
        receiver.Start();
    }

    private static void Receive(Socket socket, Action<EndPoint, byte[]> pass)
    {
        var buffer = new byte[LargestDatagram];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                var length = socket.ReceiveFrom(buffer, ref from);
                pass(from, buffer[..length]);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The proxy is being closed.
        }
    }
}
