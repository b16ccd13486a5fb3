using Broadcast.Rtc.Srtp;

namespace Broadcast.Rtc.Tests.Srtp;

/// <summary>Key derivation with AES-256 (RFC 6188 §7.2), which AEAD_AES_256_GCM uses too.</summary>
public sealed class Rfc6188Tests
{
    [Theory]
    [InlineData(SrtpKeyLabel.RtpEncryption, "5BA1064E30EC51613CAD926C5A28EF731EC7FB397F70A960653CAF06554CD8C4")]
    [InlineData(SrtpKeyLabel.RtpSalt, "FA31791685CA444A9E07C6C64E93")]
    [InlineData(SrtpKeyLabel.RtpAuthentication, "FD9C32D39ED5FBB5A9DC96B30818454D1313DC05")]
    public void KeyDerivation(object label, string expected)
    {
        var key = new byte[expected.Length / 2];
        SrtpKeyDerivation.Derive(
            Convert.FromHexString("F0F04914B513F2763A1B1FA130F10E2998F6F6E43E4309D1E622A0E332B9F1B6"),
            Convert.FromHexString("3B04803DE51EE7C96423AB5B78D2"),
            (SrtpKeyLabel)label,
            key);
        Assert.Equal(expected, Convert.ToHexString(key));
    }
}
