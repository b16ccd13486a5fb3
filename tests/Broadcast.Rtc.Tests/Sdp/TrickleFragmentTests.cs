using Broadcast.Rtc.Sdp;
using CsCheck;

namespace Broadcast.Rtc.Tests.Sdp;

public class TrickleFragmentTests
{
    private const string Candidates =
        "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
        + "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n"
        + "a=candidate:3471623853 1 udp 2122194687 1f0b7a52-44d1-4c0e-8a43-1f0b6f4d1c11.local 61765 typ host generation 0 ufrag EsAw network-id 2\r\n"
        + "a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0 ufrag EsAw network-id 1\r\n"
        + "a=end-of-candidates\r\n";

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void TryParse_Candidates(string lineEnd)
    {
        Assert.True(TrickleFragment.TryParse(Candidates.Replace("\r\n", lineEnd, StringComparison.Ordinal), out var fragment, out var error), error);
        Assert.Equal("EsAw", fragment.UsernameFragment);
        Assert.Equal("P2uYro0UCOQ4zxjKXaWCBui1", fragment.Password);
        Assert.Equal(["0", "1"], fragment.BundledMids);
        var media = Assert.Single(fragment.Media);
        Assert.Equal("audio 9 UDP/TLS/RTP/SAVPF 111", media.MediaLine);
        Assert.Equal("0", media.Mid);
        Assert.Equal(3, fragment.Candidates.Count());
        Assert.True(fragment.EndOfCandidates);
    }

    [Fact]
    public void TryParse_CredentialsAtSessionLevelOnly()
    {
        Assert.True(TrickleFragment.TryParse("a=ice-ufrag:ysXw\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\n", out var fragment, out _));
        Assert.Equal("ysXw", fragment.UsernameFragment);
        Assert.Empty(fragment.Media);
        Assert.False(fragment.EndOfCandidates);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("[]", "letter=value")]
    [InlineData("a=ice-ufrag:ab\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n", "a=ice-ufrag needs")]
    [InlineData("a=ice-ufrag:abcd\r\na=ice-pwd:short\r\n", "a=ice-ufrag needs")]
    [InlineData("a=ice-ufrag:abc\r\n", "a=ice-ufrag needs")]
    [InlineData("a=ice-ufrag:abcd\r\na=ice-ufrag:abce\r\n", "the same a=ice-ufrag")]
    [InlineData("a=candidate:1 1 udp nonsense 192.0.2.1 61764 typ host\r\n", "a=candidate")]
    [InlineData("m=text 9 UDP/TLS/RTP/SAVPF 0\r\na=end-of-candidates\r\n", "m-line")]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:\r\n", "a=mid")]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n", "neither candidates nor credentials")]
    public void TryParse_Broken_SaysWhatIsWrong(string text, string expected)
    {
        Assert.False(TrickleFragment.TryParse(text, out var fragment, out var error));
        Assert.Null(fragment);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_TooMuch_IsRefused()
    {
        var media = string.Concat(Enumerable.Repeat("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", SessionDescription.MaxMediaDescriptions + 1));
        Assert.False(TrickleFragment.TryParse(media, out _, out var error));
        Assert.Contains("m-lines", error, StringComparison.Ordinal);
        Assert.False(TrickleFragment.TryParse("a=" + new string('x', TrickleFragment.MaxLength), out _, out _));
    }

    [Fact]
    public void TryParse_EveryTruncation_NeverThrowsAndNeverInvents()
    {
        for (var length = 0; length <= Candidates.Length; length++)
        {
            if (!TrickleFragment.TryParse(Candidates[..length], out var fragment, out var error))
            {
                Assert.NotEmpty(error);
                continue;
            }

            Assert.True(fragment.UsernameFragment is "" or "EsAw");
            Assert.Contains(fragment.Password, Candidates, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TryParse_AnyText_NeverThrows() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["a=\r\nm:ice-ufrgpwdcndt 0123456789"], 0, 300])
            .Sample(text => TrickleFragment.TryParse(text, out _, out var error) || error.Length > 0);

    [Fact]
    public void WriteRestart_AnswersInKind()
    {
        Assert.True(TrickleFragment.TryParse(Candidates, out var request, out _));
        var local = IceCredentials.Create();
        var text = TrickleFragment.WriteRestart(request, local, ["candidate:1 1 udp 2130706431 198.51.100.1 8181 typ host"]);

        Assert.Contains("a=ice-lite\r\n", text, StringComparison.Ordinal);
        Assert.True(TrickleFragment.TryParse(text, out var answer, out _));
        Assert.Equal(local.UsernameFragment, answer.UsernameFragment);
        Assert.Equal(local.Password, answer.Password);
        Assert.Equal(request.BundledMids, answer.BundledMids);
        Assert.Equal("0", Assert.Single(answer.Media).Mid);
        Assert.Equal("198.51.100.1", Assert.Single(answer.Candidates).Address);
        Assert.True(answer.EndOfCandidates);
    }

    [Fact]
    public void WriteRestart_WithoutMediaLine_UsesThatOfTheOffer()
    {
        Assert.True(TrickleFragment.TryParse("a=ice-ufrag:ysXw\r\n", out var request, out _));
        var text = TrickleFragment.WriteRestart(request, IceCredentials.Create(), [], "video 9 UDP/TLS/RTP/SAVPF 96", "v");
        Assert.Contains("m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\n", text, StringComparison.Ordinal);
    }
}
