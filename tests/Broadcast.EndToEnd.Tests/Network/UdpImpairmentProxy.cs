using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Broadcast.EndToEnd.Tests.Network;

/// <summary>A bad network on one leg: each datagram, in both directions, is lost by chance or arrives late.</summary>
/// <remarks>
/// It stands in the place of the server's UDP candidate. Each address of a client gets a socket of its own toward the
/// server, so the server sees as many peers as there are. The delay is the same for all, so the order stays.
/// </remarks>
public sealed class UdpImpairmentProxy : IAsyncDisposable
{
    private const int LargestDatagram = 2048;

    private readonly Socket _front = NewSocket();
    private readonly ConcurrentDictionary<EndPoint, Socket> _backs = new();
    private readonly BlockingCollection<Delayed> _queue = [];
    private readonly ConcurrentBag<Task> _receivers = [];
    private readonly Thread _sender;
    private readonly IPEndPoint _server;
    private readonly double _loss;
    private readonly TimeSpan _delay;
    private readonly Lock _gate = new();
    private readonly long[] _passedOf = new long[128];
    private readonly Random _chance;
    private long _passed;
    private long _lost;

    /// <param name="server">Where datagrams of clients go.</param>
    /// <param name="loss">Share of datagrams lost in each direction, 0 to 1.</param>
    /// <param name="delay">One way, in each direction.</param>
    /// <param name="seed">Makes the losses repeatable, as far as the order of datagrams is.</param>
    public UdpImpairmentProxy(IPEndPoint server, double loss, TimeSpan delay, int seed)
    {
        (_server, _loss, _delay, _chance) = (server, loss, delay, new Random(seed));
        Port = ((IPEndPoint)_front.LocalEndPoint!).Port;
        _receivers.Add(ReceiveAsync(_front, (client, datagram) => Pass(_backs.GetOrAdd(client, OpenBack), _server, datagram)));
        _sender = new Thread(Send) { IsBackground = true, Name = "impairment" };
        _sender.Start();
    }

    /// <summary>Where clients send to, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>RTP packets of a payload type, which is not encrypted, that have passed in either direction.</summary>
    public long PassedOf(byte payloadType)
    {
        lock (_gate)
            return _passedOf[payloadType];
    }

    public override string ToString()
    {
        lock (_gate)
            return $"{_passed} datagrams passed, {_lost} lost";
    }

    public async ValueTask DisposeAsync()
    {
        _front.Dispose();
        foreach (var back in _backs.Values)
            back.Dispose();
        await Task.WhenAll(_receivers);
        _queue.CompleteAdding();
        _sender.Join();
        _queue.Dispose();
    }

    private static Socket NewSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private Socket OpenBack(EndPoint client)
    {
        var back = NewSocket();
        _receivers.Add(ReceiveAsync(back, (_, datagram) => Pass(_front, client, datagram)));
        return back;
    }

    private async Task ReceiveAsync(Socket socket, Action<EndPoint, byte[]> pass)
    {
        var buffer = new byte[LargestDatagram];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, _server);
                pass(received.RemoteEndPoint, buffer[..received.ReceivedBytes]);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The proxy is being closed.
        }
    }

    private void Pass(Socket from, EndPoint to, byte[] datagram)
    {
        lock (_gate)
        {
            if (_chance.NextDouble() < _loss)
            {
                _lost++;
                return;
            }

            _passed++;
            if (datagram is [>= 128 and < 192, var second, ..]) // RFC 7983 §7
                _passedOf[second & 0x7F]++;
            _queue.Add(new Delayed(Stopwatch.GetTimestamp(), from, to, datagram));
        }
    }

    private void Send()
    {
        foreach (var (arrived, from, to, datagram) in _queue.GetConsumingEnumerable())
        {
            var left = _delay - Stopwatch.GetElapsedTime(arrived);
            if (left > TimeSpan.Zero)
                Thread.Sleep(left);
            try
            {
                from.SendTo(datagram, to);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The client has closed its port, or this is the end: a network would not tell either.
            }
        }
    }

    private sealed record Delayed(long Arrived, Socket From, EndPoint To, byte[] Datagram);
}
