using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Srtp;
using Broadcast.Rtc.Tests.Srtp;

namespace Broadcast.Rtc.Tests.Dtls;

/// <summary>Two ends of a handshake in virtual time, with a say over every datagram between them.</summary>
internal sealed class DtlsPair : IDisposable
{
    private static readonly DtlsCertificate ServerCertificate = DtlsCertificate.CreateSelfSigned();
    private static readonly DtlsCertificate ClientCertificate = DtlsCertificate.CreateSelfSigned();
    private static readonly DtlsContext ServerContext = new(ServerCertificate);
    private static readonly TimeSpan OneWayDelay = TimeSpan.FromMilliseconds(10);

    private readonly PriorityQueue<Datagram, (long, int)> _network = new();
    private int _sent;

    public DtlsPair(
        string ciphers = DtlsContext.DefaultCiphers,
        string profiles = DtlsContext.DefaultProfiles,
        int mtu = DtlsTransport.MaxDatagramLength,
        IReadOnlyList<DtlsFingerprint>? expectedClient = null,
        IReadOnlyList<DtlsFingerprint>? expectedServer = null)
    {
        using var clientContext = new DtlsContext(ClientCertificate, ciphers, profiles);
        Server = new DtlsTransport(ServerContext, DtlsRole.Server, expectedClient ?? [Fingerprint(ClientCertificate)], mtu);
        Client = new DtlsTransport(clientContext, DtlsRole.Client, expectedServer ?? [Fingerprint(ServerCertificate)], mtu);
    }

    public DtlsTransport Server { get; }

    public DtlsTransport Client { get; }

    public MonotonicTime Now { get; private set; } = MonotonicTime.FromMilliseconds(1_000_000);

    /// <summary>All datagrams sent so far, in order.</summary>
    public List<Datagram> Sent { get; } = [];

    /// <summary>Decides what becomes of the n-th datagram (from 0): the delays after which copies of it arrive.</summary>
    public Func<int, Datagram, IEnumerable<TimeSpan>> Network { get; set; } = (_, _) => [OneWayDelay];

    public static DtlsFingerprint Fingerprint(DtlsCertificate certificate)
    {
        Assert.True(DtlsFingerprint.TryParse("sha-256 " + certificate.Fingerprint, out var fingerprint));
        return fingerprint;
    }

    public static DtlsFingerprint ServerFingerprint => Fingerprint(ServerCertificate);

    public static DtlsFingerprint ClientFingerprint => Fingerprint(ClientCertificate);

    /// <summary>Starts the client and runs until nothing more happens or the time is over.</summary>
    public DtlsPair Run(TimeSpan? limit = null)
    {
        Client.Start(Now);
        return Continue(limit);
    }

    /// <summary>Delivers datagrams and timeouts in order of time.</summary>
    public DtlsPair Continue(TimeSpan? limit = null)
    {
        var end = Now + (limit ?? TimeSpan.FromSeconds(40));
        while (true)
        {
            Collect(Client, toServer: true);
            Collect(Server, toServer: false);
            var timeout = MonotonicTime.Min(Client.NextTimeout, Server.NextTimeout);
            var arrival = _network.TryPeek(out _, out var key) ? new MonotonicTime(key.Item1) : MonotonicTime.Never;
            var next = MonotonicTime.Min(timeout, arrival);
            if (next == MonotonicTime.Never || next > end) return this;
            Now = MonotonicTime.Max(Now, next);
            if (arrival <= timeout)
            {
                var datagram = _network.Dequeue();
                (datagram.ToServer ? Server : Client).Receive(datagram.Bytes, Now);
            }
            else
            {
                if (Client.NextTimeout <= Now) Client.HandleTimeout(Now);
                if (Server.NextTimeout <= Now) Server.HandleTimeout(Now);
            }
        }
    }

    /// <summary>Takes what one end has queued, without delivering it.</summary>
    public static List<byte[]> Take(DtlsTransport transport)
    {
        var datagrams = new List<byte[]>();
        var buffer = new byte[2000];
        while (transport.TryTakeDatagram(buffer, out var length)) datagrams.Add(buffer[..length]);
        return datagrams;
    }

    /// <summary>Checks that both ends agree on profile and keys by sending RTP and RTCP both ways.</summary>
    public void AssertConnected(SrtpProfile? profile = null)
    {
        Assert.Equal((DtlsState.Connected, null), (Server.State, Server.FailureReason));
        Assert.Equal((DtlsState.Connected, null), (Client.State, Client.FailureReason));
        Assert.Equal(Server.SelectedProfile, Client.SelectedProfile);
        if (profile is not null) Assert.Equal(profile, Server.SelectedProfile);
        Assert.Equal(MonotonicTime.Never, Server.NextTimeout);
        Assert.Equal(MonotonicTime.Never, Client.NextTimeout);

        Server.TakeKeyingMaterial(out var serverSender, out var serverReceiver);
        Client.TakeKeyingMaterial(out var clientSender, out var clientReceiver);
        using (serverSender)
        using (serverReceiver)
        using (clientSender)
        using (clientReceiver)
        {
            AssertFlows(serverSender, clientReceiver);
            AssertFlows(clientSender, serverReceiver);
        }

        static void AssertFlows(SrtpSender sender, SrtpReceiver receiver)
        {
            var packet = new byte[200];
            SrtpFixture.Rtp(1).CopyTo(packet, 0);
            var length = sender.ProtectRtp(packet, 12, 112, 0);
            Assert.Equal(DropReason.None, receiver.UnprotectRtp(packet.AsSpan(0, length), out _, out _));
        }
    }

    public void Dispose()
    {
        Server.Dispose();
        Client.Dispose();
    }

    private void Collect(DtlsTransport from, bool toServer)
    {
        foreach (var bytes in Take(from))
        {
            var datagram = new Datagram(bytes, toServer);
            Sent.Add(datagram);
            foreach (var delay in Network(Sent.Count - 1, datagram)) _network.Enqueue(datagram, ((Now + delay).Nanoseconds, _sent++));
        }
    }

    public sealed record Datagram(byte[] Bytes, bool ToServer);
}
