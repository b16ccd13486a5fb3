using System.Net;
using System.Net.Sockets;
using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.MediaNode.Udp;
using Broadcast.MediaNode.Workers;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tests.Workers;

/// <summary>Which of the machine's addresses a node answers on: 127.0.0.1 to 127.0.0.3 are all its own on Linux.</summary>
public class ListeningTests
{
    private static readonly IPAddress First = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress Second = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Third = IPAddress.Parse("127.0.0.3");

    [Fact]
    public void One_address_is_the_only_one_bound_by_udp_and_tcp()
    {
        if (!Libc.IsSupported) return;
        using var group = Open(First);

        // Who else binds the same port there gets it: the node holds nothing but its address.
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        udp.Bind(new IPEndPoint(Second, group.Port));
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        tcp.Bind(new IPEndPoint(Second, group.Port));
        Assert.Equal(SocketError.AddressAlreadyInUse, Assert.Throws<SocketException>(() => BindUdp(First, group.Port)).SocketErrorCode);

        Send(First, group.Port);
        Connect(First, group.Port);
        Assert.Throws<SocketException>(() => Connect(Third, group.Port));
        group.Start();
        WaitFor(() => group.Workers.Sum(worker => worker.Counters.ReceivedDatagrams) == 1);
        group.Stop("");
    }

    [Fact]
    public void Of_several_addresses_others_are_dropped_and_counted()
    {
        if (!Libc.IsSupported) return;
        using var group = Open(First, Second);
        group.Start();
        Connect(Third, group.Port);
        WaitFor(() => Drops(group, DropReason.UnlistedLocalAddress) == 1);
        Send(Third, group.Port);
        WaitFor(() => Drops(group, DropReason.UnlistedLocalAddress) == 2);
        Assert.Equal(0, Drops(group, DropReason.UnknownFirstByte));

        Send(First, group.Port);
        Send(Second, group.Port);
        WaitFor(() => Drops(group, DropReason.UnknownFirstByte) == 2);
        Connect(Second, group.Port);
        WaitFor(() => group.Workers.Sum(worker => worker.TcpCounters!.Accepted) == 1);
        Assert.Equal(2, Drops(group, DropReason.UnlistedLocalAddress));
        group.Stop("");
    }

    [Fact]
    public void An_address_of_another_machine_is_refused_with_its_cause()
    {
        var cause = Assert.Throws<IOException>(() => Open(IPAddress.Parse("192.0.2.1"))).InnerException;
        Assert.Equal(SocketError.AddressNotAvailable, Assert.IsType<SocketException>(cause).SocketErrorCode);
    }

    [Fact]
    public void Node_in_a_cluster_has_one_more_worker_with_a_port_of_its_own_and_without_tcp()
    {
        var options = new MediaNodeOptions { Port = 0, Workers = 1, Relays = true, HostAddresses = { First } };
        using var group = new WorkerGroup(options, new PeerDirectory(), new Silent());
        Assert.Equal((2, 1), (group.Workers.Count, group.RelayWorker));
        Assert.NotNull(group.Workers[0].TcpCounters);
        Assert.Null(group.Workers[1].TcpCounters);

        // What comes to the media port is not the relay worker's.
        Send(First, group.Port);
        Send(First, group.Port);
        group.Start();
        WaitFor(() => group.Workers[0].Counters.ReceivedDatagrams == 2);
        Assert.Equal(0, group.Workers[1].Counters.ReceivedDatagrams);
        group.Stop("");
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1,10.0.0.1", "10.0.0.1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("10.0.0.1,2001:db8::1", null)]
    [InlineData("0.0.0.0", null)]
    [InlineData("10.0.0.1,::", null)]
    public void BindAddress_is_the_single_address(string listed, string? bound)
    {
        var filter = new LocalAddressFilter([.. listed.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)]);
        Assert.Equal(bound, filter.BindAddress?.ToString());
    }

    [Theory]
    [InlineData("10.0.0.1,2001:db8::1", "10.0.0.1", true)]
    [InlineData("10.0.0.1,2001:db8::1", "2001:db8::1", true)]
    [InlineData("10.0.0.1,2001:db8::1", "10.0.0.2", false)]
    [InlineData("10.0.0.1,2001:db8::1", "2001:db8::2", false)]
    [InlineData("0.0.0.0,10.0.0.1", "10.0.0.2", true)]
    public void Accepts_what_came_to_a_listed_address(string listed, string local, bool accepted)
    {
        var filter = new LocalAddressFilter([.. listed.Split(',').Select(IPAddress.Parse)]);
        Assert.Equal(accepted, filter.Accepts(new TransportAddress(IPAddress.Parse(local), 8181)));
        Assert.True(filter.Accepts(default));
    }

    private static WorkerGroup Open(params IPAddress[] addresses)
    {
        var options = new MediaNodeOptions { Port = 0, Workers = 1 };
        foreach (var address in addresses) options.HostAddresses.Add(address);
        return new WorkerGroup(options, new PeerDirectory(), new Silent());
    }

    private static long Drops(WorkerGroup group, DropReason reason) => group.Workers.Sum(worker => worker.Engine.Drops[reason]);

    private static void BindUdp(IPAddress address, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, port));
    }

    private static void Send(IPAddress address, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SendTo([0xFF], new IPEndPoint(address, port));
    }

    private static void Connect(IPAddress address, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(address, port);
    }

    private static void WaitFor(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20)));

    private sealed class Silent : IEngineObserver
    {
        public void OnConnected(Peer peer)
        {
        }

        public void OnEnded(Peer peer)
        {
        }

        public void OnMedia(Peer publisher)
        {
        }
    }
}
