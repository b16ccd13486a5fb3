using Broadcast.Rtc.Sdp;

namespace Broadcast.Rtc.Tests.Sdp;

public class SessionDescriptionTests
{
    private const string Minimal = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

    [Fact]
    public void TryParse_ChromeSimulcast_ReadsEverything()
    {
        var offer = Offers.Read("chrome-publish-simulcast");

        Assert.Equal(["0", "1"], offer.BundledMids);
        Assert.True(offer.ExtensionMapAllowMixed);
        Assert.False(offer.IsIceLite);
        Assert.Equal(2, offer.Media.Count);

        var audio = offer.Media[0];
        Assert.Equal("audio", audio.Kind);
        Assert.Equal("UDP/TLS/RTP/SAVPF", audio.Protocol);
        Assert.Equal(MediaDirection.SendOnly, audio.Direction);
        Assert.Equal("0", audio.Mid);
        Assert.Equal("1Q50", audio.IceUsernameFragment);
        Assert.Equal("XayVECND5PTt+jygSPhrDZPj", audio.IcePassword);
        Assert.StartsWith("sha-256 46:01:12", Assert.Single(audio.Fingerprints), StringComparison.Ordinal);
        Assert.Equal("actpass", audio.Setup);
        Assert.Equal([279299204u], audio.Ssrcs);
        Assert.Equal("kRFt1AnfKzWedooa", audio.CanonicalName);
        Assert.True(audio.RtcpMux);
        Assert.True(audio.ReducedSizeRtcp);
        Assert.Equal(4, audio.Candidates.Count);
        Assert.Equal("active", audio.Candidates[2].TcpType);
        var opus = audio.Formats[0];
        Assert.Equal((111, "opus", 48000, 2), (opus.PayloadType, opus.EncodingName, opus.ClockRateHz, opus.Channels));
        Assert.Equal("minptime=10;useinbandfec=1", opus.FormatParameters);
        Assert.True(opus.HasFeedback("transport-cc"));

        var video = offer.Media[1];
        Assert.Equal(["l", "m", "h"], video.SimulcastSend);
        Assert.Equal(["l", "m", "h"], video.Rids.Select(r => r.Id));
        Assert.All(video.Rids, r => Assert.True(r.IsSend));
        Assert.Equal(23, video.Formats.Count);
        Assert.Equal(["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"], video.Formats[0].Feedback);
        Assert.Contains(new ExtensionMapping(10, null, "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"), video.Extensions);
    }

    [Fact]
    public void TryParse_Firefox_InheritsFromTheSessionAndReadsDirections()
    {
        var offer = Offers.Read("firefox-publish");
        Assert.All(offer.Media, m => Assert.StartsWith("sha-256 9C:12", Assert.Single(m.Fingerprints), StringComparison.Ordinal));
        Assert.Contains(offer.Media[1].Extensions, e => e is { Id: 6, Direction: MediaDirection.ReceiveOnly });
        Assert.Equal([new SsrcGroup("FID", [3958671014, 1078463921])], offer.Media[1].SsrcGroups, (a, b) => a.Semantics == b.Semantics && a.Ssrcs.SequenceEqual(b.Ssrcs));
        Assert.True(Offers.Read("firefox-watch").Media[1].BundleOnly);
    }

    [Theory]
    [MemberData(nameof(Offers.All), MemberType = typeof(Offers))]
    public void TryParse_AnyLineEnding_GivesTheSame(string name)
    {
        var crlf = Offers.Read(name);
        foreach (var ending in new[] { "\n", "\r" })
        {
            var other = Offers.Parse(Offers.Text(name).Replace("\r\n", ending, StringComparison.Ordinal));
            Assert.Equal(crlf.Media.Count, other.Media.Count);
            Assert.Equal(crlf.BundledMids, other.BundledMids);
            Assert.Equal(crlf.Media.SelectMany(m => m.Formats).Select(f => f.FormatParameters), other.Media.SelectMany(m => m.Formats).Select(f => f.FormatParameters));
        }
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("   \r\n", "empty")]
    [InlineData("hello", "letter=value")]
    [InlineData("{\"sdp\":\"v=0\"}", "letter=value")]
    [InlineData("s=-\r\nv=0\r\n", "must begin with \"v=0\"")]
    [InlineData("v=1\r\n", "must begin with \"v=0\"")]
    [InlineData("v=0\r\nnonsense\r\n", "Line 2")]
    [InlineData("v=0\r\na=mid:\u0001\r\n", "control character")]
    [InlineData("v=0\r\nm=audio\r\n", "Line 2")]
    [InlineData("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF\r\n", "not a usable m-line")]
    [InlineData("v=0\r\nm=audio 70000 UDP/TLS/RTP/SAVPF 0\r\n", "not a usable m-line")]
    public void TryParse_NotSdp_SaysWhatIsWrong(string text, string expected)
    {
        Assert.False(SessionDescription.TryParse(text, out var description, out var error));
        Assert.Null(description);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_Limits_AreKept()
    {
        var lines = string.Concat(Enumerable.Repeat("a=x\r\n", SessionDescription.MaxLines));
        var media = string.Concat(Enumerable.Repeat("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", SessionDescription.MaxMediaDescriptions));

        Assert.False(SessionDescription.TryParse(Minimal + lines, out _, out var error));
        Assert.Contains("4096 lines", error, StringComparison.Ordinal);
        Assert.True(SessionDescription.TryParse(Minimal + lines[..(5 * (SessionDescription.MaxLines - 4))], out _, out _));
        Assert.True(SessionDescription.TryParse(Minimal + media, out _, out _));
        Assert.False(SessionDescription.TryParse(Minimal + media + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", out _, out error));
        Assert.Contains("64 m-lines", error, StringComparison.Ordinal);
        Assert.False(SessionDescription.TryParse(Minimal + "s=" + new string('x', SessionDescription.MaxLength), out _, out error));
        Assert.Contains("256 KB", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_SenselessAttributes_AreSkipped()
    {
        var media = Offers.Parse(
            Minimal + "m=video 9 UDP/TLS/RTP/SAVPF 96 97 300 abc 98\r\n"
            + "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 VP8\r\na=rtpmap:300 VP9/90000\r\na=rtpmap:x y\r\na=rtpmap:98 H264/0\r\n"
            + "a=extmap:0 urn:a\r\na=extmap:300 urn:b\r\na=extmap:3/sideways urn:c\r\na=extmap:4\r\na=extmap:5 urn:d\r\n"
            + "a=ssrc:abc cname:x\r\na=ssrc-group:FID\r\na=rid:1\r\na=rid:2 up\r\na=candidate:nonsense\r\n"
            + "b=AS:fast\r\nb=AS:500\r\na=rtcp-fb:* nack\r\na=simulcast:send ~a,b;c\r\n").Media[0];

        Assert.Equal(96, Assert.Single(media.Formats).PayloadType);
        Assert.True(media.Formats[0].HasFeedback("nack"));
        Assert.Equal([new ExtensionMapping(5, null, "urn:d")], media.Extensions);
        Assert.Empty(media.Ssrcs);
        Assert.Empty(media.SsrcGroups);
        Assert.Empty(media.Rids);
        Assert.Empty(media.Candidates);
        Assert.Equal([new Bandwidth("AS", 500)], media.Bandwidths);
        Assert.Equal(["a", "c"], media.SimulcastSend);
        Assert.Equal(MediaDirection.SendReceive, media.Direction);
    }
}
