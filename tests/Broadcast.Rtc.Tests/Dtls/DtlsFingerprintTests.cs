using Broadcast.Rtc.Dtls;
using CsCheck;

namespace Broadcast.Rtc.Tests.Dtls;

public sealed class DtlsFingerprintTests
{
    [Theory]
    [InlineData("sha-256", 32)]
    [InlineData("SHA-384", 48)]
    [InlineData("Sha-512", 64)]
    public void TryParse_AnyCase_IsAccepted(string algorithm, int length)
    {
        var hash = Enumerable.Range(0, length).Select(i => (byte)(i * 37)).ToArray();
        var text = $"{algorithm} {string.Join(':', hash.Select((b, i) => i % 2 == 0 ? b.ToString("x2", null) : b.ToString("X2", null)))}";
        Assert.True(DtlsFingerprint.TryParse(text, out var fingerprint));
        Assert.Equal(algorithm.ToLowerInvariant(), fingerprint.Algorithm);
        Assert.Equal(hash, fingerprint.Hash);
        Assert.True(DtlsFingerprint.TryParse(fingerprint.ToString(), out var again));
        Assert.Equal(hash, again.Hash);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha-256")]
    [InlineData("sha-256 ")]
    [InlineData("sha-256 AB:CD")]
    [InlineData("sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33")]
    [InlineData("sha-256 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF")]
    [InlineData("sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:GG")]
    [InlineData("sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF-00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(DtlsFingerprint.TryParse(text, out _));

    [Fact]
    public void TryParse_RandomText_NeverThrows() =>
        Gen.String.Sample(text => Assert.False(DtlsFingerprint.TryParse("sha-256 " + text, out _)));

    [Fact]
    public void Certificates_of_two_processes_differ_and_print_32_bytes()
    {
        using var one = DtlsCertificate.CreateSelfSigned();
        using var two = DtlsCertificate.CreateSelfSigned();
        Assert.NotEqual(one.Fingerprint, two.Fingerprint);
        Assert.Equal(95, one.Fingerprint.Length);
    }
}
