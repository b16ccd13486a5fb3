using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Rtc.Tests.Dtls;

public sealed class DtlsHandshakeTests
{
    private const string AllCiphers = DtlsContext.DefaultCiphers;

    internal static readonly string[] CipherSuites =
        ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"];

    [Theory]
    [InlineData("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm)]
    [InlineData("SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM", SrtpProfile.AeadAes256Gcm)]
    [InlineData("SRTP_AES128_CM_SHA1_32:SRTP_AES128_CM_SHA1_80", SrtpProfile.Aes128CmSha1_80)]
    public void The_servers_preferred_profile_of_those_offered_is_taken(string offered, SrtpProfile expected)
    {
        using var pair = new DtlsPair(AllCiphers, offered);
        pair.Run().AssertConnected(expected);
    }

    public static TheoryData<string> CipherSuiteData => [.. CipherSuites];

    [Theory]
    [MemberData(nameof(CipherSuiteData))]
    public void Every_cipher_suite_connects(string cipher)
    {
        using var pair = new DtlsPair(cipher);
        pair.Run().AssertConnected();
    }

    [Fact]
    public void A_peer_without_a_profile_of_ours_fails()
    {
        using var pair = new DtlsPair(AllCiphers, "SRTP_AES128_CM_SHA1_32");
        pair.Run();
        Assert.Equal(DtlsState.Failed, pair.Server.State);
        Assert.NotEqual(DtlsState.Connected, pair.Client.State);
        Assert.Throws<InvalidOperationException>(() => pair.Server.TakeKeyingMaterial(out _, out _));
    }

    [Fact]
    public void A_handshake_without_loss_takes_four_flights_of_at_most_1200_bytes()
    {
        using var pair = new DtlsPair();
        pair.Run().AssertConnected();
        Assert.Equal([true, false, true, false], pair.Sent.Select(datagram => datagram.ToServer));
        Assert.All(pair.Sent, datagram => Assert.InRange(datagram.Bytes.Length, 1, 1200));
    }

    [Theory]
    [InlineData("sha-256", true)]
    [InlineData("sha-384", false)]
    public void A_client_whose_certificate_differs_from_its_fingerprint_fails(string algorithm, bool alsoEmpty)
    {
        var wrong = new DtlsFingerprint(algorithm, new byte[algorithm == "sha-256" ? 32 : 48]);
        using var pair = new DtlsPair(expectedClient: alsoEmpty ? [] : [wrong, wrong]);
        pair.Run();
        Assert.Equal(DtlsState.Failed, pair.Server.State);
        Assert.Contains("fingerprint", pair.Server.FailureReason, StringComparison.Ordinal);
        Assert.Equal(DtlsState.Failed, pair.Client.State); // by our bad_certificate alert
        Assert.Throws<InvalidOperationException>(() => pair.Server.TakeKeyingMaterial(out _, out _));
    }

    [Fact]
    public void A_server_whose_certificate_differs_from_its_fingerprint_fails()
    {
        using var pair = new DtlsPair(expectedServer: [DtlsPair.ClientFingerprint]);
        pair.Run();
        Assert.Equal(DtlsState.Failed, pair.Client.State);
        Assert.Contains("fingerprint", pair.Client.FailureReason, StringComparison.Ordinal);
        Assert.Equal(DtlsState.Failed, pair.Server.State);
    }

    [Fact]
    public void One_matching_fingerprint_of_several_suffices()
    {
        using var pair = new DtlsPair(expectedClient: [DtlsPair.ServerFingerprint, DtlsPair.ClientFingerprint]);
        pair.Run().AssertConnected();
    }

    [Fact]
    public void Keying_material_is_handed_over_once()
    {
        using var pair = new DtlsPair();
        pair.Run();
        pair.Server.TakeKeyingMaterial(out var sender, out var receiver);
        sender.Dispose();
        receiver.Dispose();
        Assert.Throws<InvalidOperationException>(() => pair.Server.TakeKeyingMaterial(out _, out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_silent_peer_is_given_up_after_30_seconds(bool serverIsSilent)
    {
        using var pair = new DtlsPair { Network = (_, datagram) => datagram.ToServer != serverIsSilent ? [TimeSpan.Zero] : [] };
        if (!serverIsSilent) pair.Network = (n, datagram) => n == 0 ? [TimeSpan.Zero] : [];
        var start = pair.Now;
        pair.Run();
        var waiting = serverIsSilent ? pair.Client : pair.Server;
        Assert.Equal(DtlsState.Failed, waiting.State);
        Assert.Equal(TimeSpan.FromSeconds(30), pair.Now - start);
        Assert.Equal(MonotonicTime.Never, waiting.NextTimeout);
    }

    [Fact]
    public void Retransmissions_start_at_100_ms_double_and_stop_growing_at_3_seconds()
    {
        using var pair = new DtlsPair { Network = (_, _) => [] };
        var times = new List<double>();
        pair.Network = (_, _) =>
        {
            times.Add(pair.Now.Milliseconds);
            return [];
        };
        pair.Run();
        var gaps = times.Zip(times.Skip(1), (a, b) => b - a).ToArray();
        Assert.Equal([100, 200, 400, 800, 1600, 3000, 3000], gaps.Take(7));
        Assert.All(gaps.Skip(7), gap => Assert.Equal(3000, gap));
    }
}
