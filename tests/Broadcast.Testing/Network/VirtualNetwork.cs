using System.Net;
using Broadcast.Rtc;

namespace Broadcast.Testing.Network;

/// <summary>One server and any number of hosts, each on links of its own. Everything that happens follows from the seed.</summary>
public sealed class VirtualNetwork(VirtualClock clock, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<TransportAddress, VirtualHost> _hosts = [];
    private int _nextHost = 1;

    /// <summary>The server's address.</summary>
    public static TransportAddress ServerAddress { get; } = new(IPAddress.Parse("203.0.113.1"), 8181);

    /// <summary>Takes what arrives at the server: sender and datagram, which may be changed in place.</summary>
    public Action<TransportAddress, byte[]>? ServerReceived { get; set; }

    /// <summary>Sees every datagram that the server sends, before the link loses it.</summary>
    public Action<TransportAddress, ReadOnlyMemory<byte>>? ServerSends { get; set; }

    /// <summary>Takes what the server sends to where no host is, if it is for another node; from its relay worker or not. Null when there are none.</summary>
    public Func<TransportAddress, bool, byte[], bool>? Elsewhere { get; set; }

    /// <summary>True from when the server's machine is gone: nothing comes and nothing goes.</summary>
    public bool IsServerDown { get; set; }

    /// <summary>Datagrams that the server sent to addresses where nobody is.</summary>
    public long SentToNobody { get; private set; }

    /// <summary>A new address; the port decides on which worker it lands.</summary>
    public TransportAddress NewAddress(int? port = null)
    {
        var host = _nextHost++;
        return new TransportAddress(new IPAddress([198, 51, (byte)(100 + (host / 250)), (byte)(1 + (host % 250))]), (ushort)(port ?? 40_000 + host));
    }

    /// <summary>Adds a host.</summary>
    /// <param name="up">Conditions toward the server.</param>
    /// <param name="down">Conditions from the server; like <paramref name="up"/> when null.</param>
    /// <param name="address">A new one when null.</param>
    public VirtualHost Join(LinkConditions up, LinkConditions? down = null, TransportAddress? address = null)
    {
        var at = address ?? NewAddress();
        var host = new VirtualHost(
            this,
            at,
            new VirtualLink(clock, new Random(_random.Next())) { Conditions = up },
            new VirtualLink(clock, new Random(_random.Next())) { Conditions = down ?? up });
        _hosts[at] = host;
        return host;
    }

    /// <summary>Sends from the server.</summary>
    public void ToPeer(TransportAddress address, ReadOnlySpan<byte> datagram, bool byRelayWorker = false)
    {
        if (IsServerDown) return;
        var bytes = datagram.ToArray();
        ServerSends?.Invoke(address, bytes);
        if (!_hosts.TryGetValue(address, out var host))
        {
            if (Elsewhere?.Invoke(address, byRelayWorker, bytes) != true) SentToNobody++;
            return;
        }

        host.Down.Send(bytes, arrived =>
        {
            if (host.Address == address) host.Received?.Invoke(arrived);
        });
    }

    internal void ToServer(VirtualHost host, TransportAddress from, byte[] datagram) =>
        host.Up.Send(datagram, arrived =>
        {
            if (!IsServerDown) ServerReceived?.Invoke(from, arrived);
        });

    internal void Move(VirtualHost host, TransportAddress to)
    {
        _hosts.Remove(host.Address);
        _hosts[to] = host;
    }
}
