using System.Net;
using System.Net.Sockets;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.MediaNode.Tcp;
using Broadcast.MediaNode.Tests.Udp;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tests.Tcp;

public class TcpConnectionsTests
{
    public static TheoryData<bool, bool> PollersAndFamilies()
    {
        var data = new TheoryData<bool, bool> { { false, false }, { true, false } };
        if (UdpPair.HasIPv6Loopback) data.Add(false, true);
        return data;
    }

    [Theory]
    [MemberData(nameof(PollersAndFamilies))]
    public void Frames_BothWays(bool portable, bool ipv6)
    {
        using var host = new TcpHost(portable: portable);
        using var client = host.Connect(ipv6);
        client.Send(TcpHost.Framed(TcpHost.Stun(), [20, 1, 2], [128, 3]));
        host.RunUntil(() => host.Frames.Count == 3);

        var path = host.Frames[0].Path;
        Assert.True(path.IsTcp);
        Assert.Equal(new TransportAddress((IPEndPoint)client.LocalEndPoint!), path.Remote);
        Assert.Equal(new TransportAddress((IPEndPoint)client.RemoteEndPoint!), path.Local);
        Assert.Equal([20, 1, 2], host.Frames[1].Data);
        Assert.Equal([128, 3], host.Frames[2].Data);

        var batch = new DatagramBatch();
        for (var i = 0; i < 3; i++) UdpPair.Write(batch, path, i == 2 ? 7 : 900, (byte)i);
        UdpPair.Write(batch, new TransportPath(path.Remote, path.Local), 5, 9); // by UDP: not ours
        Assert.Equal(new SendResult(3, 0), host.Connections.Send(batch));
        for (var i = 0; i < 3; i++) Assert.Equal(i == 2 ? 7 : 900, TcpHost.ReadFrame(client).Count(b => b == i));
        Assert.Equal((3, 1807), (host.Connections.Counters.SentFrames, host.Connections.Counters.SentBytes));
    }

    [Fact]
    public void Frames_ByteByByte_AreWhole()
    {
        using var host = new TcpHost();
        using var client = host.Connect();
        foreach (var b in TcpHost.Framed(TcpHost.Stun(), [1, 2, 3]))
        {
            client.Send([b]);
            host.RunOnce();
        }

        host.RunUntil(() => host.Frames.Count == 2);
        Assert.Equal([1, 2, 3], host.Frames[1].Data);
    }

    public static TheoryData<byte[], DropReason> BadStarts => new()
    {
        { TcpHost.Framed([128, 1, 2, 3]), DropReason.TcpNotIce },
        { TcpHost.Framed(TcpHost.Stun()[..19]), DropReason.TcpNotIce },
        { TcpHost.Framed([0, 1, 0, 0, 1, 2, 3, 4, .. new byte[12]]), DropReason.TcpNotIce }, // another cookie
        { "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), DropReason.TcpFrameTooLarge },
        { [0, 0], DropReason.TcpFrameEmpty },
        { [.. TcpHost.Framed(TcpHost.Stun()), 8, 1], DropReason.TcpFrameTooLarge },
    };

    [Theory]
    [MemberData(nameof(BadStarts))]
    public void Peer_BreakingTheRules_IsClosedWithAReason(byte[] bytes, DropReason reason)
    {
        using var host = new TcpHost();
        using var client = host.Connect();
        client.Send(bytes);
        host.RunUntil(() => host.Closed.Count == 1);
        Assert.Equal(reason, host.Closed[0].Reason);
        Assert.Equal(0, host.Connections.Count);
        Assert.Equal(1, host.Connections.Counters.ClosedForProtocol);
        Assert.Equal(0, client.Receive(new byte[1]));
    }

    [Fact]
    public void Peer_ThatHangsUp_IsForgotten()
    {
        using var host = new TcpHost();
        var (client, path) = host.ConnectWithStun();
        client.Dispose();
        host.RunUntil(() => host.Closed.Count == 1);
        Assert.Equal((path, DropReason.None), host.Closed[0]);
        Assert.False(host.Connections.Send(path.TcpConnectionId, [1]));
        Assert.Equal(1, host.Connections.Counters.DroppedClosed);
    }

    [Fact]
    public void SlowPeer_LosesWholeDatagramsOnly()
    {
        using var host = new TcpHost(new TcpOptions { SendBufferBytes = 16 * 1024, WriteQueueBytes = 100_000 });
        var (client, path) = host.ConnectWithStun();
        using var _ = client;

        // Odd lengths, so that the kernel's cuts fall inside frames.
        var batch = new DatagramBatch();
        var expected = new List<(int Mark, int Length)>();
        for (var i = 0; host.Connections.Counters.DroppedQueueFull == 0; i++)
        {
            batch.Clear();
            var length = 777 + (i % 400);
            for (var j = 0; j < 5; j++) UdpPair.Write(batch, path, length, (byte)i);
            var result = host.Connections.Send(batch);
            Assert.Equal(5, result.Sent + result.Dropped);
            for (var j = 0; j < result.Sent; j++) expected.Add(((byte)i, length));
        }

        Assert.Equal(expected.Count, host.Connections.Counters.SentFrames);
        Assert.Equal(expected.Sum(e => e.Length), host.Connections.Counters.SentBytes);

        // The peer wakes up: all that was not dropped comes, and the queue takes new datagrams again.
        var failure = default(Exception);
        var reader = new Thread(() => failure = Record.Exception(() =>
        {
            foreach (var (mark, length) in expected)
            {
                var frame = TcpHost.ReadFrame(client);
                Assert.Equal(length, frame.Length);
                Assert.Equal(length, frame.Count(b => b == mark));
            }

            client.Send(TcpHost.Framed([0xAA]));
        }));
        reader.Start();
        host.RunUntil(() => host.Frames.Count == 2);
        reader.Join();
        Assert.Null(failure);
        Assert.True(host.Connections.Send(path.TcpConnectionId, [1, 2, 3]));
        Assert.Equal([1, 2, 3], TcpHost.ReadFrame(client));
    }

    [Fact]
    public void CloseIdle_OnlyFramesThatAPeerTook_KeepItOpen()
    {
        using var host = new TcpHost();
        var (client, _) = host.ConnectWithStun();
        using var __ = client;
        host.Now += TimeSpan.FromSeconds(6);
        host.Verdict = (_, _) => DropReason.StunUnknownUser;
        client.Send(TcpHost.Framed(TcpHost.Stun()));
        host.RunUntil(() => host.Frames.Count == 2);

        host.Now += TimeSpan.FromSeconds(3.9);
        host.Connections.CloseIdle(host.Now, host);
        Assert.Empty(host.Closed);
        host.Now += TimeSpan.FromSeconds(0.1);
        host.Connections.CloseIdle(host.Now, host);
        Assert.Equal(DropReason.TcpIdle, Assert.Single(host.Closed).Reason);
        Assert.Equal(1, host.Connections.Counters.ClosedIdle);
        Assert.Equal(0, client.Receive(new byte[1]));
    }

    [Fact]
    public void CloseIdle_ConnectionThatNeverSpoke_IsClosedToo()
    {
        using var host = new TcpHost();
        using var client = host.Connect();
        host.RunUntil(() => host.Connections.Count == 1);
        host.Connections.CloseIdle(host.Now + TimeSpan.FromSeconds(10), host);
        Assert.Equal(0, host.Connections.Count);
    }

    [Theory]
    [InlineData(3, 100)]
    [InlineData(100, 3)]
    public void Accept_BeyondALimit_ClosesAtOnce(int total, int perSource)
    {
        using var host = new TcpHost(new TcpOptions { MaxConnections = total, MaxConnectionsPerSource = perSource });
        var clients = Enumerable.Range(0, 4).Select(_ => host.Connect()).ToList();
        host.RunUntil(() => host.Connections.Counters.Refused == 1);
        Assert.Equal([DropReason.TcpTooManyConnections], host.Refused);
        Assert.Equal(3, host.Connections.Count);
        Assert.Equal(0, clients[3].Receive(new byte[1]));

        // A place that is given back can be taken again.
        clients[0].Dispose();
        host.RunUntil(() => host.Closed.Count == 1);
        using var again = host.Connect();
        host.RunUntil(() => host.Connections.Count == 3);
        clients.ForEach(c => c.Dispose());
    }

    [Fact]
    public void Handler_MaySendAndClose()
    {
        using var host = new TcpHost();
        host.Verdict = (path, data) =>
        {
            Assert.True(host.Connections.Send(path.TcpConnectionId, data));
            host.Connections.Close(path.TcpConnectionId);
            Assert.False(host.Connections.Send(path.TcpConnectionId, data));
            return DropReason.None;
        };
        using var client = host.Connect();
        client.Send(TcpHost.Framed(TcpHost.Stun(5), [1, 2, 3]));
        host.RunUntil(() => host.Closed.Count == 1);
        Assert.Single(host.Frames); // what came after the close is not handed over
        Assert.Equal(DropReason.None, host.Closed[0].Reason);
        Assert.Equal(TcpHost.Stun(5), TcpHost.ReadFrame(client));
    }

    [Fact]
    public void ConnectionIds_TellTheWorker()
    {
        using var host = new TcpHost(worker: 2, workers: 3);
        var ids = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            var (client, path) = host.ConnectWithStun();
            client.Dispose();
            ids.Add(path.TcpConnectionId);
        }

        Assert.Equal(3, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(2, TcpConnections.WorkerOf(id, 3)));
    }

    [Fact]
    public void Workers_ShareThePort()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var first = new TcpHost();
        using var second = new TcpHost(new TcpOptions { Port = first.Connections.LocalAddress.Port }, worker: 1, workers: 2);
        Assert.Equal(first.Connections.LocalAddress.Port, second.Connections.LocalAddress.Port);
        Assert.Throws<IOException>(() => new TcpHost(new TcpOptions { Port = first.Connections.LocalAddress.Port, ReusePort = false }));
    }

    [Fact]
    public void SourceLimit_CountsAnIPv6NetworkAsOne()
    {
        static TransportAddress Address(string text) => new(IPEndPoint.Parse(text));
        var limit = new SourceLimit(2);
        Assert.True(limit.TryEnter(Address("[2001:db8::1]:1")));
        Assert.True(limit.TryEnter(Address("[2001:db8::ffff]:2")));
        Assert.False(limit.TryEnter(Address("[2001:db8::2]:3")));
        Assert.True(limit.TryEnter(Address("[2001:db8:0:1::1]:1")));
        Assert.True(limit.TryEnter(Address("192.0.2.1:1")));
        Assert.True(limit.TryEnter(Address("192.0.2.2:1")));
        limit.Leave(Address("[2001:db8::9]:9"));
        Assert.True(limit.TryEnter(Address("[2001:db8::2]:3")));
    }

    [Fact]
    public void SendAndReceive_AllocateNothing()
    {
        using var poller = Poller.Create();
        using var connections = new TcpConnections(new TcpOptions(), poller);
        var quiet = new Quiet();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(IPAddress.Loopback, connections.LocalAddress.Port);
        var stun = TcpHost.Framed(TcpHost.Stun());
        var ready = new Ready[4];
        var batch = new DatagramBatch();
        var scratch = new byte[4096];
        while (quiet.Frames == 0) Round();
        Assert.Equal(0, Allocated.Least(Round));

        void Round()
        {
            client.Send(stun, SocketFlags.None, out _);
            var count = poller.Wait(ready, TimeSpan.FromSeconds(1));
            for (var i = 0; i < count; i++) connections.OnReady(ready[i], default, quiet);
            if (quiet.Frames == 0) return;
            batch.Clear();
            batch.TryReserve(500, out _);
            batch.Commit(quiet.Path, 500);
            connections.Send(batch);
            client.Receive(scratch, SocketFlags.None, out _);
        }
    }

    private sealed class Quiet : ITcpFrames
    {
        public int Frames { get; private set; }

        public TransportPath Path { get; private set; }

        public DropReason OnFrame(in TransportPath path, Span<byte> frame, MonotonicTime now)
        {
            Frames++;
            Path = path;
            return DropReason.None;
        }

        public void OnClosed(in TransportPath path, DropReason reason)
        {
        }

        public void OnRefused(DropReason reason)
        {
        }
    }
}
