using System.Net;
using System.Net.Sockets;
using Broadcast.Media.Peers;
using Broadcast.MediaNode.Tcp;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tests.Tcp;

/// <summary>A worker's TCP side on loopback, driven by the test, with a log of what its handler was told.</summary>
internal sealed class TcpHost : ITcpFrames, IDisposable
{
    private readonly Poller _poller;
    private readonly Ready[] _ready = new Ready[16];

    public TcpHost(TcpOptions? options = null, bool portable = false, int worker = 0, int workers = 1)
    {
        _poller = portable ? new SelectPoller() : Poller.Create();
        Connections = new TcpConnections(options ?? new TcpOptions(), _poller, worker, workers);
    }

    public TcpConnections Connections { get; }

    public MonotonicTime Now { get; set; } = MonotonicTime.FromMilliseconds(1_000_000);

    public List<(TransportPath Path, byte[] Data)> Frames { get; } = [];

    public List<(TransportPath Path, DropReason Reason)> Closed { get; } = [];

    public List<DropReason> Refused { get; } = [];

    /// <summary>What the peer layer makes of a frame.</summary>
    public Func<TransportPath, byte[], DropReason> Verdict { get; set; } = (_, _) => DropReason.None;

    public static byte[] Stun(byte mark = 0) =>
        [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, mark, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static byte[] Framed(params byte[][] datagrams)
    {
        var bytes = new List<byte>();
        foreach (var datagram in datagrams)
        {
            var frame = new byte[datagram.Length + 2];
            Rfc4571Framer.Write(datagram, frame);
            bytes.AddRange(frame);
        }

        return [.. bytes];
    }

    /// <summary>Connects a blocking client; calls that would wait for ever fail after five seconds.</summary>
    public Socket Connect(bool ipv6 = false)
    {
        var socket = new Socket(ipv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = 5000,
            SendTimeout = 5000,
        };
        socket.Connect(ipv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, Connections.LocalAddress.Port);
        return socket;
    }

    /// <summary>Connects a client and lets it say its first frame.</summary>
    public (Socket Client, TransportPath Path) ConnectWithStun()
    {
        var before = Frames.Count;
        var client = Connect();
        client.Send(Framed(Stun()));
        RunUntil(() => Frames.Count > before);
        return (client, Frames[^1].Path);
    }

    /// <summary>Serves the poller until the condition holds; fails when nothing happens for five seconds.</summary>
    public void RunUntil(Func<bool> condition)
    {
        while (!condition())
        {
            var count = _poller.Wait(_ready, TimeSpan.FromSeconds(5));
            Assert.True(count > 0, "nothing more happened");
            Serve(count);
        }
    }

    /// <summary>Serves what is ready now.</summary>
    public void RunOnce() => Serve(_poller.Wait(_ready, TimeSpan.Zero));

    /// <summary>Reads one frame from a client.</summary>
    public static byte[] ReadFrame(Socket client)
    {
        var header = ReadExactly(client, 2);
        return ReadExactly(client, (header[0] << 8) | header[1]);
    }

    public DropReason OnFrame(in TransportPath path, Span<byte> frame, MonotonicTime now)
    {
        Assert.Equal(Now, now);
        var data = frame.ToArray();
        Frames.Add((path, data));
        return Verdict(path, data);
    }

    public void OnClosed(in TransportPath path, DropReason reason) => Closed.Add((path, reason));

    public void OnRefused(DropReason reason) => Refused.Add(reason);

    public void Dispose()
    {
        Connections.Dispose();
        _poller.Dispose();
    }

    private static byte[] ReadExactly(Socket client, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var read = client.Receive(bytes, at, length - at, SocketFlags.None);
            Assert.NotEqual(0, read);
            at += read;
        }

        return bytes;
    }

    private void Serve(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(TcpConnections.Owns(_ready[i]));
            Connections.OnReady(_ready[i], Now, this);
        }
    }
}
