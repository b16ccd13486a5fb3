using System.Net;
using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.MediaNode.Tcp;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Workers;

/// <summary>The workers of a node on one port, and the ways between them.</summary>
public sealed class WorkerGroup : IEngineNeighbours, IDisposable
{
    /// <summary>A stream notes its workers in the bits of one word; one bit is for the relay worker.</summary>
    public const int MaxWorkers = 63;

    private const int PortAttempts = 20;

    private readonly MediaWorker[] _workers;

    /// <summary>Binds one socket per worker to the same port and creates the workers; <see cref="Start"/> starts them.</summary>
    /// <remarks>
    /// The relay worker, which comes last, has a port of its own: two nodes that feed each other have two transports between them, and
    /// datagrams are told apart by addresses only.
    /// </remarks>
    /// <exception cref="IOException">The port is taken.</exception>
    public WorkerGroup(MediaNodeOptions options, PeerDirectory directory, IEngineObserver observer)
    {
        var count = Math.Min(options.Workers > 0 ? options.Workers : Environment.ProcessorCount, MaxWorkers);
        var filter = new LocalAddressFilter([.. options.HostAddresses]);
        var sockets = new List<DatagramSocket>();
        try
        {
            Port = options.Port > 0 ? options.Port : FindPort(options, filter);
            for (var i = 0; i < count; i++) sockets.Add(Open(options, filter, Port, shared: true));
            if (options.Relays) sockets.Add(Open(options, filter, port: 0, shared: false));
            _workers = new MediaWorker[sockets.Count];
            for (var i = 0; i < _workers.Length; i++)
            {
                var tcp = options.Tcp && i < count ? new TcpOptions { BindAddress = filter.BindAddress, LocalAddresses = filter, Port = Port } : null;
                _workers[i] = new MediaWorker(i, this, sockets[i], filter, tcp, directory, observer, _workers.Length);
            }
        }
        catch
        {
            foreach (var socket in sockets) socket.Dispose();
            throw;
        }
    }

    /// <summary>The port in use.</summary>
    public int Port { get; }

    /// <summary>The workers, the relay worker too if there is one.</summary>
    public IReadOnlyList<MediaWorker> Workers => _workers;

    /// <summary>The worker that owns whatever comes from other nodes: the last one.</summary>
    public int RelayWorker => _workers.Length - 1;

    /// <summary>Starts the threads.</summary>
    public void Start()
    {
        foreach (var worker in _workers) worker.Start();
    }

    /// <summary>Ends every session, so that peers notice at once, and the threads.</summary>
    public void Stop(string reason)
    {
        foreach (var worker in _workers) worker.Stop(reason);
    }

    /// <inheritdoc/>
    public bool TryHandOver(int engineIndex, ReadOnlySpan<byte> datagram, in TransportPath path, MonotonicTime arrival) =>
        _workers[engineIndex].TryHandOver(datagram, path, arrival, isOutgoing: false);

    /// <inheritdoc/>
    public void NoteNews(int engineIndex, LiveStream stream) => _workers[engineIndex].Engine.NoteNews(stream);

    /// <inheritdoc/>
    public void Wake(int engineIndex) => _workers[engineIndex].Wake();

    /// <summary>True when a worker holds the connection of a path.</summary>
    public bool IsTcpHome(int engineIndex, in TransportPath path) => TcpConnections.WorkerOf(path.TcpConnectionId, _workers.Length) == engineIndex;

    /// <summary>Has the worker that holds a connection send a datagram on it.</summary>
    public bool TrySendByTcp(ReadOnlySpan<byte> datagram, in TransportPath path) =>
        _workers[TcpConnections.WorkerOf(path.TcpConnectionId, _workers.Length)].TryHandOver(datagram, path, MonotonicTime.Zero, isOutgoing: true);

    /// <summary>
    /// A port that is free for UDP and TCP alike. Left to itself the kernel looks at UDP only, and a socket with SO_REUSEPORT may be given the port
    /// of another node of the same user.
    /// </summary>
    private static int FindPort(MediaNodeOptions options, LocalAddressFilter filter)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var socket = Open(options, filter, port: 0, shared: false);
            var port = socket.LocalAddress.Port;
            try
            {
                if (options.Tcp) new TcpListening(new TcpOptions { BindAddress = filter.BindAddress, LocalAddresses = filter, Port = port, ReusePort = false }).Dispose();
                return port;
            }
            catch (IOException) when (attempt < PortAttempts)
            {
                // Somebody's TCP connection has it.
            }
        }
    }

    private static DatagramSocket Open(MediaNodeOptions options, LocalAddressFilter filter, int port, bool shared) => DatagramSocket.Open(
        new DatagramSocketOptions
        {
            BindAddress = filter.BindAddress,
            Port = port,
            ReusePort = shared,
            Segmentation = options.SegmentationOffload,
            Coalescing = options.SegmentationOffload,
        },
        new MonotonicClock());

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var worker in _workers) worker.Dispose();
    }

    /// <summary>The machine's own addresses that a peer could reach; loopback only when there is nothing else.</summary>
    internal static IReadOnlyList<IPAddress> DiscoverAddresses()
    {
        var found = new List<IPAddress>();
        foreach (var network in System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces())
        {
            if (network.OperationalStatus != System.Net.NetworkInformation.OperationalStatus.Up) continue;
            if (network.NetworkInterfaceType == System.Net.NetworkInformation.NetworkInterfaceType.Loopback) continue;
            foreach (var unicast in network.GetIPProperties().UnicastAddresses)
            {
                if (!unicast.Address.IsIPv6LinkLocal) found.Add(unicast.Address);
            }
        }

        if (found.Count == 0) found.Add(IPAddress.Loopback);
        return found;
    }
}
