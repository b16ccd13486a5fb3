using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Benchmarks.Dtls;

/// <summary>Handshakes between two ends in one thread, over a perfect network.</summary>
internal sealed class DtlsLoop : IDisposable
{
    private static readonly MonotonicTime Now = MonotonicTime.FromMilliseconds(1);

    private readonly DtlsCertificate _certificate = DtlsCertificate.CreateSelfSigned();
    private readonly DtlsContext _context;
    private readonly DtlsFingerprint[] _fingerprints;
    private readonly byte[] _datagram = new byte[DtlsTransport.MaxDatagramLength];

    public DtlsLoop()
    {
        _context = new DtlsContext(_certificate);
        if (!DtlsFingerprint.TryParse("sha-256 " + _certificate.Fingerprint, out var fingerprint)) throw new InvalidOperationException();
        _fingerprints = [fingerprint];
    }

    /// <summary>CPU time spent on the server's end since the last reset, in nanoseconds.</summary>
    public long ServerNanoseconds { get; set; }

    /// <summary>A whole handshake, keys taken on the server's end.</summary>
    public DtlsTransport Connect(out SrtpSender sender, out SrtpReceiver receiver)
    {
        using var client = new DtlsTransport(_context, DtlsRole.Client, _fingerprints);
        var start = Quick.CpuNanoseconds;
        var server = new DtlsTransport(_context, DtlsRole.Server, _fingerprints);
        ServerNanoseconds += Quick.CpuNanoseconds - start;

        client.Start(Now);
        while (client.State != DtlsState.Connected)
        {
            while (client.TryTakeDatagram(_datagram, out var length)) Serve(server, length);
            while (server.TryTakeDatagram(_datagram, out var length)) client.Receive(_datagram.AsSpan(0, length), Now);
        }

        start = Quick.CpuNanoseconds;
        server.TakeKeyingMaterial(out sender, out receiver);
        ServerNanoseconds += Quick.CpuNanoseconds - start;
        return server;
    }

    public void Release(DtlsTransport server)
    {
        var start = Quick.CpuNanoseconds;
        server.ReleaseHandshake();
        ServerNanoseconds += Quick.CpuNanoseconds - start;
    }

    public void Dispose()
    {
        _context.Dispose();
        _certificate.Dispose();
    }

    private void Serve(DtlsTransport server, int length)
    {
        var start = Quick.CpuNanoseconds;
        server.Receive(_datagram.AsSpan(0, length), Now);
        ServerNanoseconds += Quick.CpuNanoseconds - start;
    }
}
