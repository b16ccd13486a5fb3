using BenchmarkDotNet.Attributes;

namespace Broadcast.Benchmarks.Dtls;

/// <summary>Whole handshakes, both ends; the server's share is in the quick mode.</summary>
[MemoryDiagnoser]
public class DtlsBenchmarks
{
    private DtlsLoop _loop = null!;

    /// <summary>Creates certificate and context.</summary>
    [GlobalSetup]
    public void Setup() => _loop = new DtlsLoop();

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup() => _loop.Dispose();

    /// <summary>Client and server from nothing to SRTP keys.</summary>
    [Benchmark]
    public void Handshake()
    {
        using var server = _loop.Connect(out var sender, out var receiver);
        server.ReleaseHandshake();
        sender.Dispose();
        receiver.Dispose();
    }
}
