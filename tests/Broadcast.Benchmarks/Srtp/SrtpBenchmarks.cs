using BenchmarkDotNet.Attributes;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Benchmarks.Srtp;

/// <summary>Cost of protecting what viewers get, per burst of 9 packets and viewer.</summary>
[MemoryDiagnoser]
public class SrtpBenchmarks
{
    private SrtpBurst _burst = null!;

    /// <summary>Protection profile.</summary>
    [Params(SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmSha1_80)]
    public SrtpProfile Profile { get; set; }

    /// <summary>Contexts used in turn.</summary>
    [Params(1, 200)]
    public int Viewers { get; set; }

    /// <summary>Creates the contexts.</summary>
    [GlobalSetup]
    public void Setup() => _burst = new SrtpBurst(Profile, Viewers);

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup() => _burst.Dispose();

    /// <summary>A burst for each viewer.</summary>
    [Benchmark]
    public int ProtectBursts() => _burst.Protect();
}
