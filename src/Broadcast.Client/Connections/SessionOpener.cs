using System.Net;
using System.Net.Sockets;
using Broadcast.Client.Signalling;
using Broadcast.MediaNode;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;

namespace Broadcast.Client.Connections;

/// <summary>Opens sessions: socket, signalling, ICE, DTLS, then hands the peer to its loop. Thread-safe.</summary>
internal sealed class SessionOpener : IDisposable
{
    private readonly ConnectionOptions _options;
    private readonly ISignalling _signalling;
    private readonly DtlsCertificate _certificate = DtlsCertificate.CreateSelfSigned();
    private readonly DtlsContext _dtls;
    private readonly IPAddress _localAddress;

    /// <summary>Prepares what all sessions share.</summary>
    public SessionOpener(ConnectionOptions options, ISignalling signalling)
    {
        _options = options;
        _signalling = signalling;
        _dtls = DtlsContexts.Create(_certificate, options.Profile);
        _localAddress = AddressToward(options.Server);
    }

    /// <summary>A session that was opened.</summary>
    internal sealed record Opened(Peer Peer, SignalledSession Signalled, MonotonicTime PostedAt, MonotonicTime AnsweredAt);

    /// <summary>Opens one session.</summary>
    /// <param name="loop">Who serves it.</param>
    /// <param name="stream">What it publishes or watches.</param>
    /// <param name="sources">A publisher's streams; null for a viewer.</param>
    /// <param name="media">Makes the media part from what was negotiated.</param>
    /// <param name="cancellation">Stops the attempt.</param>
    /// <exception cref="SignallingException">The server refused or its answer is of no use.</exception>
    public async Task<Opened> OpenAsync(EventLoop loop, string stream, SourceIds? sources, Func<RemoteDescription, IPeerMedia> media, CancellationToken cancellation)
    {
        var udp = _options.Tcp ? null : OpenUdp(loop, segmentation: false);
        try
        {
            var local = Describe(sources, udp);
            var postedAt = MonotonicClock.Now();
            var signalled = await _signalling.JoinAsync(stream, local, cancellation);
            var answeredAt = MonotonicClock.Now();
            var remote = signalled.Remote;
            var candidates = _options.Tcp ? remote.TcpCandidates : remote.UdpCandidates;
            if (candidates.Count == 0) throw new SignallingException($"The server has no {(_options.Tcp ? "TCP" : "UDP")} candidate.");
            var socket = udp ?? await TcpLink.ConnectAsync(candidates[0], cancellation);
            var ice = new IceAgent(local.Ice, remote.Ice, candidates, controlling: signalled.ThisEndOffered || remote.IsIceLite);
            var peer = new Peer(loop, socket, ice, new DtlsTransport(_dtls, remote.Role, remote.Fingerprints), media(remote));
            udp = null;
            loop.Post(owner => owner.Add(peer, MonotonicClock.Now()));
            return new Opened(peer, signalled, postedAt, answeredAt);
        }
        finally
        {
            udp?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dtls.Dispose();
        _certificate.Dispose();
    }

    private LocalDescription Describe(SourceIds? sources, DatagramSocket? socket) => new()
    {
        Ice = IceParameters.Create(),
        Fingerprint = _certificate.Fingerprint,
        Candidate = socket is null ? null : new IPEndPoint(_localAddress, socket.LocalAddress.Port),
        Sends = sources is not null,
        Codec = sources is null ? null : _options.Codec,
        WithAudio = _options.Audio,
        Sources = sources ?? default,
    };

    // A browser's receive buffer is of this order; the send side carries one stream at most.
    private DatagramSocket OpenUdp(EventLoop loop, bool segmentation) => DatagramSocket.Open(
        new DatagramSocketOptions
        {
            BindAddress = _localAddress.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : null,
            ReusePort = false,
            ReceiveBufferBytes = 1024 * 1024,
            SendBufferBytes = 512 * 1024,
            Segmentation = segmentation,
            LocalAddresses = false,
        },
        loop.Clock);

    /// <summary>The local address from which the server's host is reached; nothing is sent.</summary>
    private static IPAddress AddressToward(Uri server)
    {
        var host = Dns.GetHostAddresses(server.DnsSafeHost).OrderBy(address => address.AddressFamily != AddressFamily.InterNetwork).First();
        using var probe = new Socket(host.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        probe.Connect(host, 9);
        return ((IPEndPoint)probe.LocalEndPoint!).Address;
    }
}
