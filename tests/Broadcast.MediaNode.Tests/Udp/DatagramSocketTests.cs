using System.Net;
using System.Net.Sockets;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tests.Udp;

public class DatagramSocketTests
{
    public static TheoryData<SocketKind, bool> KindsAndFamilies()
    {
        var data = new TheoryData<SocketKind, bool>();
        foreach (var kind in Enum.GetValues<SocketKind>())
        {
            data.Add(kind, false);
            if (kind != SocketKind.WithoutIPv6 && UdpPair.HasIPv6Loopback) data.Add(kind, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(KindsAndFamilies))]
    public void Send_OneDatagram_ArrivesWithTheSendersAddress(SocketKind kind, bool ipv6)
    {
        using var pair = new UdpPair(kind, ipv6);
        UdpPair.Write(pair.Batch, pair.ToReceiver, 1200, 7);
        Assert.Equal(new SendResult(1, 0), pair.Sender.Send(pair.Batch));

        var arrival = Assert.Single(pair.Receive(1));
        Assert.Equal(1200, arrival.Data.Count(b => b == 7));
        Assert.Equal(new TransportAddress(pair.Loopback, pair.Sender.LocalAddress.Port), arrival.Path.Remote);
        Assert.Equal(!ipv6, arrival.Path.Remote.IsIPv4);
        Assert.False(arrival.Path.IsTcp);
    }

    [Theory]
    [MemberData(nameof(KindsAndFamilies))]
    public void Send_BurstsToTwoPeers_ArriveWholeAndInOrder(SocketKind kind, bool ipv6)
    {
        using var pair = new UdpPair(kind, ipv6);
        using var other = new UdpPair(kind, ipv6);
        for (var burst = 0; burst < 30; burst++)
        {
            for (var i = 0; i < 5; i++) UdpPair.Write(pair.Batch, pair.ToReceiver, i == 4 ? 333 : 1100, (byte)((burst * 5) + i));
            UdpPair.Write(pair.Batch, other.ToReceiver, 40 + burst, (byte)burst);
        }

        Assert.Equal(new SendResult(180, 0), pair.Sender.Send(pair.Batch));
        var arrivals = pair.Receive(150);
        Assert.Equal(150, arrivals.Count);
        for (var i = 0; i < 150; i++)
        {
            Assert.Equal(i % 5 == 4 ? 333 : 1100, arrivals[i].Data.Length);
            Assert.Equal(arrivals[i].Data.Length, arrivals[i].Data.Count(b => b == i));
        }

        var others = other.Receive(30);
        Assert.Equal(Enumerable.Range(40, 30), others.Select(a => a.Data.Length));
    }

    [Theory]
    [MemberData(nameof(KindsAndFamilies))]
    public void Send_Counters_AddUp(SocketKind kind, bool ipv6)
    {
        using var pair = new UdpPair(kind, ipv6);
        for (var i = 0; i < 9; i++) UdpPair.Write(pair.Batch, pair.ToReceiver, 1000, 1);
        pair.Sender.Send(pair.Batch);
        pair.Receive(9);

        var sent = pair.Sender.Counters;
        Assert.Equal((9, 9000), (sent.SentDatagrams, sent.SentBytes));
        Assert.Equal(pair.Sender.Segments ? 1 : 0, sent.SegmentedRuns);
        Assert.Equal(kind == SocketKind.Portable ? 9 : 1, sent.SendCalls);
        var received = pair.Receiver.Counters;
        Assert.Equal((9, 9000), (received.ReceivedDatagrams, received.ReceivedBytes));

        // Over loopback a segmented message stays whole, so coalescing is certain there.
        Assert.Equal(pair.Sender.Segments && pair.Receiver.Coalesces ? 1 : 0, received.CoalescedMessages);
    }

    [Theory]
    [MemberData(nameof(KindsAndFamilies))]
    public void Receive_StampsArrivalBetweenSendAndRead(SocketKind kind, bool ipv6)
    {
        using var pair = new UdpPair(kind, ipv6);
        var slack = TimeSpan.FromMilliseconds(1); // the mapping between the two clocks is good to microseconds
        var before = MonotonicClock.Now();
        UdpPair.Write(pair.Batch, pair.ToReceiver, 100, 1);
        pair.Sender.Send(pair.Batch);
        var arrival = Assert.Single(pair.Receive(1));
        Assert.InRange(arrival.ReceivedAt.Nanoseconds, (before - slack).Nanoseconds, MonotonicClock.Now().Nanoseconds);
    }

    [Theory]
    [InlineData(SocketKind.DualStack)]
    [InlineData(SocketKind.WithoutIPv6)]
    public void Send_FromTheLocalAddressThatWasAsked_AnswersFromIt(SocketKind kind)
    {
        if (!OperatingSystem.IsLinux()) return; // elsewhere 127.0.0.2 is not an address
        using var pair = new UdpPair(kind);
        var second = new TransportAddress(IPAddress.Parse("127.0.0.2"), pair.Receiver.LocalAddress.Port);
        UdpPair.Write(pair.Batch, new TransportPath(second, default), 50, 1);
        pair.Sender.Send(pair.Batch);
        var question = Assert.Single(pair.Receive(1));
        Assert.Equal(second, question.Path.Local);

        // The receiver now answers on that path; the run makes sure that address and segment length go together.
        using var asker = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
        asker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var answerTo = new TransportPath(new TransportAddress((IPEndPoint)asker.LocalEndPoint!), question.Path.Local);
        pair.Batch.Clear();
        for (var i = 0; i < 3; i++) UdpPair.Write(pair.Batch, answerTo, 60, 2);
        Assert.Equal(3, pair.Receiver.Send(pair.Batch).Sent);
        for (var i = 0; i < 3; i++)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            Assert.Equal(60, asker.ReceiveFrom(new byte[100], ref from));
            Assert.Equal(second.ToEndPoint(), from);
        }
    }

    [Fact]
    public void Receive_OverIPv6_TellsTheLocalAddress()
    {
        if (!UdpPair.HasIPv6Loopback || !OperatingSystem.IsLinux()) return;
        using var pair = new UdpPair(SocketKind.DualStack, ipv6: true);
        for (var i = 0; i < 2; i++) UdpPair.Write(pair.Batch, new TransportPath(pair.ToReceiver.Remote, new TransportAddress(IPAddress.IPv6Loopback, 1)), 50, 1);
        pair.Sender.Send(pair.Batch);
        var arrivals = pair.Receive(2);
        Assert.Equal(2, arrivals.Count);
        Assert.Equal(pair.ToReceiver.Remote, arrivals[0].Path.Local);
    }

    [Theory]
    [InlineData(SocketKind.DualStack)]
    [InlineData(SocketKind.WithoutIPv6)]
    public void Send_MoreSegmentsThanTheKernelTakes_GoesOneByOne(SocketKind kind)
    {
        using var pair = new UdpPair(kind);
        var batch = new DatagramBatch(maxSegments: 1000);
        for (var i = 0; i < 200; i++) UdpPair.Write(batch, pair.ToReceiver, 20, (byte)i);
        Assert.Equal(new SendResult(200, 0), pair.Sender.Send(batch));
        var arrivals = pair.Receive(200);
        Assert.Equal(Enumerable.Range(0, 200), arrivals.Select(a => (int)a.Data[0]));
        if (pair.Sender.Segments) Assert.Equal(1, pair.Sender.Counters.SegmentationRefused);
    }

    [Theory]
    [MemberData(nameof(KindsAndFamilies))]
    public void Send_ToAnImpossibleAddress_DoesNotStopTheOthers(SocketKind kind, bool ipv6)
    {
        using var pair = new UdpPair(kind, ipv6);
        var nowhere = new TransportPath(new TransportAddress(pair.Loopback, 0), default);
        UdpPair.Write(pair.Batch, nowhere, 10, 1);
        UdpPair.Write(pair.Batch, pair.ToReceiver, 10, 2);
        UdpPair.Write(pair.Batch, nowhere, 10, 3);
        UdpPair.Write(pair.Batch, nowhere, 10, 3);
        UdpPair.Write(pair.Batch, pair.ToReceiver, 10, 4);
        Assert.Equal(new SendResult(2, 3), pair.Sender.Send(pair.Batch));
        Assert.Equal([2, 4], pair.Receive(2).Select(a => (int)a.Data[0]));
        Assert.Equal(3, pair.Sender.Counters.DroppedFailed + pair.Sender.Counters.DroppedUnreachable);
    }

    [Fact]
    public void Send_ToAClosedPort_DoesNotDisturbTheSocket()
    {
        using var pair = new UdpPair(SocketKind.DualStack);
        TransportPath closed;
        using (var gone = UdpPair.Open(SocketKind.DualStack)) closed = new TransportPath(new TransportAddress(IPAddress.Loopback, gone.LocalAddress.Port), default);
        for (var i = 0; i < 10; i++)
        {
            UdpPair.Write(pair.Batch, closed, 10, 1);
            UdpPair.Write(pair.Batch, pair.ToReceiver, 10, 2);
        }

        pair.Sender.Send(pair.Batch);
        Assert.Equal(10, pair.Receive(10).Count);
        Assert.Equal(0, pair.Sender.Receive(new ReceiveBatch(messages: 1)));
    }

    [Theory]
    [MemberData(nameof(KindsAndFamilies))]
    public void Receive_EmptyAndHugeDatagrams_AreKeptApart(SocketKind kind, bool ipv6)
    {
        using var pair = new UdpPair(kind, ipv6);
        using var stranger = new Socket(pair.Loopback.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var to = pair.ToReceiver.Remote.ToEndPoint();
        int[] lengths = [0, 60_000, 1, 0, 1500];
        foreach (var length in lengths) stranger.SendTo(new byte[length], to);
        Assert.Equal(lengths, pair.Receive(5).Select(a => a.Data.Length));
    }

    [Theory]
    [MemberData(nameof(KindsAndFamilies))]
    public void Receive_NothingWaiting_IsZero(SocketKind kind, bool ipv6)
    {
        using var pair = new UdpPair(kind, ipv6);
        Assert.Equal(0, pair.Receiver.Receive(new ReceiveBatch(messages: 1)));
    }

    [Fact]
    public void Send_RunsForTcp_AreLeftAlone()
    {
        using var pair = new UdpPair(SocketKind.DualStack);
        UdpPair.Write(pair.Batch, new TransportPath(pair.ToReceiver.Remote, default, tcpConnectionId: 5), 10, 1);
        Assert.Equal(default, pair.Sender.Send(pair.Batch));
        UdpPair.Write(pair.Batch, pair.ToReceiver, 10, 2);
        Assert.Equal(new SendResult(1, 0), pair.Sender.Send(pair.Batch));
        Assert.Equal(2, Assert.Single(pair.Receive(1)).Data[0]);
    }

    [Fact]
    public void ReadKernelDrops_FullReceiveBuffer_CountsWhatIsMissing()
    {
        if (!OperatingSystem.IsLinux()) return;
        var options = new DatagramSocketOptions { ReceiveBufferBytes = 16 * 1024, Coalescing = false, Segmentation = false };
        using var receiver = DatagramSocket.Open(options, new MonotonicClock());
        using var sender = DatagramSocket.Open(options, new MonotonicClock());
        var batch = new DatagramBatch();
        var path = new TransportPath(new TransportAddress(IPAddress.Loopback, receiver.LocalAddress.Port), default);
        for (var i = 0; i < 200; i++) UdpPair.Write(batch, path, 1000, 1);
        Assert.Equal(200, sender.Send(batch).Sent);

        var received = new ReceiveBatch();
        while (receiver.Receive(received) != 0) { }
        Assert.InRange(receiver.ReadKernelDrops(), 1, 199);
        Assert.Equal(200, receiver.Counters.ReceivedDatagrams + receiver.Counters.KernelReceiveDrops);
    }

    [Fact]
    public void Open_WorkersShareThePortOnlyWhenAsked()
    {
        using var first = UdpPair.Open(SocketKind.DualStack);
        using var second = UdpPair.Open(SocketKind.DualStack, first.LocalAddress.Port);
        Assert.Equal(first.LocalAddress.Port, second.LocalAddress.Port);
        Assert.Throws<IOException>(() => DatagramSocket.Open(new DatagramSocketOptions { Port = first.LocalAddress.Port, ReusePort = false }, new MonotonicClock()));
    }

    [Fact]
    public void Open_WithoutIPv6_FallsBackToIPv4()
    {
        using var socket = UdpPair.Open(SocketKind.WithoutIPv6);
        Assert.False(socket.HasIPv6);
        Assert.True(socket.LocalAddress.IsIPv4);
        Assert.NotEqual(0, socket.LocalAddress.Port);
    }

    [Theory]
    [InlineData(SocketKind.DualStack)]
    [InlineData(SocketKind.Plain)]
    [InlineData(SocketKind.WithoutIPv6)]
    public void SendAndReceive_AllocateNothing(SocketKind kind)
    {
        if (!OperatingSystem.IsLinux()) return;
        using var pair = new UdpPair(kind);
        var received = new ReceiveBatch();
        var path = new TransportPath(pair.ToReceiver.Remote, pair.ToReceiver.Remote);
        var bytes = 0L;
        Assert.Equal(0, Allocated.Least(Round));
        Assert.NotEqual(0, bytes);

        void Round()
        {
            pair.Batch.Clear();
            for (var i = 0; i < 9; i++)
            {
                pair.Batch.TryReserve(1200, out _);
                pair.Batch.Commit(path, 1200);
            }

            pair.Sender.Send(pair.Batch);
            while (pair.Receiver.Receive(received) != 0)
            {
                foreach (var datagram in received) bytes += datagram.Data.Length + datagram.Remote.Port;
            }
        }
    }
}
