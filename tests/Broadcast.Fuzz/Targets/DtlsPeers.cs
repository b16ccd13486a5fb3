using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;

namespace Broadcast.Fuzz.Targets;

/// <summary>Both ends of DTLS associations, to make datagrams and connected servers from. One certificate for the process.</summary>
internal static class DtlsPeers
{
    public static readonly MonotonicTime Now = MonotonicTime.FromMilliseconds(1);

    private static readonly DtlsCertificate Certificate = DtlsCertificate.CreateSelfSigned();
    private static readonly DtlsContext Context = new(Certificate);
    private static readonly DtlsFingerprint[] Fingerprints = DtlsFingerprint.TryParse("sha-256 " + Certificate.Fingerprint, out var own) ? [own] : [];

    public static DtlsTransport Create(DtlsRole role) => new(Context, role, Fingerprints);

    /// <summary>A handshake; <paramref name="toServer"/> receives what the server got.</summary>
    public static DtlsTransport Connect(ICollection<byte[]> toServer)
    {
        using var client = Create(DtlsRole.Client);
        var server = Create(DtlsRole.Server);
        client.Start(Now);
        while (client.State != DtlsState.Connected || server.State != DtlsState.Connected)
        {
            foreach (var datagram in Take(client))
            {
                toServer.Add(datagram);
                server.Receive(datagram, Now);
            }

            foreach (var datagram in Take(server)) client.Receive(datagram, Now);
        }

        client.Close();
        foreach (var datagram in Take(client)) toServer.Add(datagram);
        return server;
    }

    public static List<byte[]> Take(DtlsTransport transport)
    {
        var datagrams = new List<byte[]>();
        var buffer = new byte[DtlsTransport.MaxDatagramLength];
        while (transport.TryTakeDatagram(buffer, out var length)) datagrams.Add(buffer[..length]);
        return datagrams;
    }
}
