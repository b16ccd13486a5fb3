using Broadcast.Rtc.OpenSsl;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Rtc.Tests.Srtp;

/// <summary>Test vectors of RFC 3711 Appendix B.</summary>
public sealed class Rfc3711Tests
{
    [Fact]
    public void B2_KeystreamOfAesCounterMode()
    {
        var keystream = Keystream("2B7E151628AED2A6ABF7158809CF4F3C", 0xFF02 * 16);
        Assert.Equal(
            "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0",
            Convert.ToHexString(keystream.AsSpan(0, 48)));
        Assert.Equal(
            "EC8CDF7398607CB0F2D21675EA9EA1E4362B7C3C6773516318A077D7FC5073AE6A2CC3787889374FBEB4C81B17BA6C44",
            Convert.ToHexString(keystream.AsSpan(0xFEFF * 16, 48)));
    }

    [Theory]
    [InlineData(SrtpKeyLabel.RtpEncryption, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(SrtpKeyLabel.RtpSalt, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(
        SrtpKeyLabel.RtpAuthentication,
        "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25"
        + "6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2")]
    public void B3_KeyDerivation(object label, string expected)
    {
        var key = new byte[expected.Length / 2];
        SrtpKeyDerivation.Derive(
            Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139"), Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6"), (SrtpKeyLabel)label, key);
        Assert.Equal(expected, Convert.ToHexString(key));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void HmacSha1_OfRfc2202(bool useFallback)
    {
        // RFC 2202 §3, cases 1 and 2; both ways of computing it.
        Assert.Equal("B617318655057264E28BC0B6FB378C8EF146BE00", Hmac(Enumerable.Repeat((byte)0x0B, 20).ToArray(), "Hi There"u8));
        Assert.Equal("EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79", Hmac("Jefe"u8, "what do ya want for nothing?"u8));

        string Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message)
        {
            var digest = new byte[20];
            fixed (byte* m = message)
            fixed (byte* d = digest) new HmacSha1(key, useFallback).Compute(m, message.Length, d);
            return Convert.ToHexString(digest);
        }
    }

    private static unsafe byte[] Keystream(string key, int length)
    {
        var salt = Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
        using var transform = new CounterModeTransform(Convert.FromHexString(key), salt, new byte[20], keepContext: true);
        var data = new byte[length];
        fixed (byte* d = data) Assert.True(transform.ApplyKeystream(ssrc: 0, index: 0, d, length));
        return data;
    }
}
