using Broadcast.Rtc.Srtp;

namespace Broadcast.Rtc.Tests.Srtp;

/// <summary>Packets of RFC 7714 §16 (SRTP) and §17 (SRTCP); they are given in session keys.</summary>
public sealed class Rfc7714Tests
{
    private const string Key128 = "000102030405060708090A0B0C0D0E0F";
    private const string Key256 = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
    private const string Rtp =
        "8040F17B8041F8D35501A0B247616C6C696120657374206F6D6E69732064697669736120696E207061727465732074726573";
    private const string Rtcp =
        "81C8000D4D6172734E5450314E545032525450200000042A0000E9304C756E61DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF";

    [Theory]
    [InlineData(Key128, "8040F17B8041F8D35501A0B2F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B36DE3ADF8833899D7F27BEB16A9152CF765EE4390CCE")]
    [InlineData(Key256, "8040F17B8041F8D35501A0B232B1DE78A822FE12EF9F78FA332E33AAB18012389A58E2F3B50B2A0276FFAE0F1BA63799B87B7AA3DB36DFFFD6B0F9BB7878D7A76C13")]
    public void Section16_Srtp(string key, string expected)
    {
        using var transform = Transform(key, keepContext: true);
        var packet = new byte[expected.Length / 2];
        Convert.FromHexString(Rtp).CopyTo(packet, 0);
        Assert.Equal(packet.Length, transform.ProtectRtp(packet, headerLength: 12, Rtp.Length / 2, rolloverCounter: 0));
        Assert.Equal(expected, Convert.ToHexString(packet));

        Assert.True(transform.UnprotectRtp(packet, headerLength: 12, rolloverCounter: 0, out var length));
        Assert.Equal(Rtp, Convert.ToHexString(packet.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(Key128, "81C8000D4D61727363E94885DCDAB67CA727D7662F6B7E997FF5C0F76C06F32DC676A5F1730D6FDA4CE09B4686303DED0BB9275BC84AA45896CF4D2FC5ABF87245D9EADE800005D4")]
    [InlineData(Key256, "81C8000D4D617273D50AE4D1F5CE5D304BA297E47D470C282C3ECE5DBFFE0A50A2EAA5C1110555BE8415F658C61DE0476F1B6FAD1D1EB30C4446839F57FF6F6CB26AC3BE800005D4")]
    public void Section17_Srtcp(string key, string expected)
    {
        using var transform = Transform(key, keepContext: false);
        var packet = new byte[expected.Length / 2];
        Convert.FromHexString(Rtcp).CopyTo(packet, 0);
        Assert.Equal(packet.Length, transform.ProtectRtcp(packet, Rtcp.Length / 2, index: 0x5D4));
        Assert.Equal(expected, Convert.ToHexString(packet));

        Assert.True(transform.UnprotectRtcp(packet, out var length));
        Assert.Equal(Rtcp, Convert.ToHexString(packet.AsSpan(0, length)));
    }

    private static GcmTransform Transform(string key, bool keepContext) =>
        new(Convert.FromHexString(key), "Quid pro quo"u8, keepContext);
}
