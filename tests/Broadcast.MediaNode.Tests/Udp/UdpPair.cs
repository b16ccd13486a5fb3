using System.Net;
using System.Net.Sockets;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tests.Udp;

/// <summary>How a socket of the tests is opened.</summary>
public enum SocketKind
{
    DualStack,
    WithoutIPv6,
    Plain, // neither segmentation nor coalescing
    Portable,
}

/// <summary>Two sockets on loopback and the means to see what arrives at the second.</summary>
internal sealed class UdpPair : IDisposable
{
    private readonly Poller _poller;
    private readonly ReceiveBatch _received = new(messages: 8);

    public UdpPair(SocketKind kind, bool ipv6 = false)
    {
        Sender = Open(kind);
        Receiver = Open(kind);
        Loopback = ipv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        _poller = kind == SocketKind.Portable ? new SelectPoller() : Poller.Create();
        _poller.Add(Receiver.PollTarget, 1, PollEvents.Readable);
    }

    public DatagramSocket Sender { get; }

    public DatagramSocket Receiver { get; }

    public IPAddress Loopback { get; }

    public DatagramBatch Batch { get; } = new();

    public TransportPath ToReceiver => new(new TransportAddress(Loopback, Receiver.LocalAddress.Port), default);

    public static DatagramSocket Open(SocketKind kind, int port = 0) => DatagramSocket.Open(
        new DatagramSocketOptions
        {
            Port = port,
            Portable = kind == SocketKind.Portable,
            WithoutIPv6 = kind == SocketKind.WithoutIPv6,
            Segmentation = kind != SocketKind.Plain,
            Coalescing = kind != SocketKind.Plain,
        },
        new MonotonicClock());

    /// <summary>True when this machine has an IPv6 loopback address to test with.</summary>
    public static bool HasIPv6Loopback
    {
        get
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    public static void Write(DatagramBatch batch, in TransportPath path, int length, byte fill)
    {
        Assert.True(batch.TryReserve(length, out var slot));
        slot.Fill(fill);
        batch.Commit(path, length);
    }

    /// <summary>Reads until <paramref name="count"/> datagrams have come, or none comes for two seconds.</summary>
    public List<Arrival> Receive(int count)
    {
        var arrivals = new List<Arrival>();
        Span<Ready> ready = stackalloc Ready[1];
        while (arrivals.Count < count && _poller.Wait(ready, TimeSpan.FromSeconds(2)) > 0)
        {
            var announced = Receiver.Receive(_received);
            var seen = 0;
            foreach (var datagram in _received)
            {
                arrivals.Add(new Arrival(datagram.Data.ToArray(), datagram.Path, datagram.ReceivedAt));
                seen++;
            }

            Assert.Equal(announced, seen);
        }

        return arrivals;
    }

    public void Dispose()
    {
        _poller.Dispose();
        Sender.Dispose();
        Receiver.Dispose();
    }

    internal sealed record Arrival(byte[] Data, TransportPath Path, MonotonicTime ReceivedAt);
}
