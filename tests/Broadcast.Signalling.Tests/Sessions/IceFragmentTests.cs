using Broadcast.Signalling.Sessions;
using CsCheck;

namespace Broadcast.Signalling.Tests.Sessions;

public class IceFragmentTests
{
    private const string Complete =
        "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n" +
        "a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0\r\n" +
        "a=candidate:2 1 udp 1 3f2c8a7e-1111-4222-8333-444455556666.local 61765 typ host\r\na=end-of-candidates\r\n";

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void TryParse_reads_credentials_and_bundle_tag(string lineEnd)
    {
        Assert.True(IceFragment.TryParse(Complete.Replace("\r\n", lineEnd, StringComparison.Ordinal), out var fragment));
        Assert.Equal(new IceFragment("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "0"), fragment);
    }

    [Fact]
    public void TryParse_of_every_truncation_never_throws_and_never_invents()
    {
        for (var length = 0; length < Complete.Length; length++)
        {
            if (!IceFragment.TryParse(Complete[..length], out var fragment))
                continue;
            Assert.True(fragment.UsernameFragment is null or "EsAw");
            Assert.True(fragment.Password is null || Complete.Contains(fragment.Password, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void TryParse_of_any_text_never_throws() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["a=\r\nm:ice-ufrgpwdcndt 0123456789"], 0, 300])
            .Sample(text => IceFragment.TryParse(text, out _) || true);
}
