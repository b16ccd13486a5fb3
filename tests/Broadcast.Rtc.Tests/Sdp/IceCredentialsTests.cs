using Broadcast.Rtc.Sdp;

namespace Broadcast.Rtc.Tests.Sdp;

public class IceCredentialsTests
{
    [Fact]
    public void Create_IsLongEnoughAndOfIceCharacters()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 1000; i++)
        {
            var credentials = IceCredentials.Create();
            Assert.Matches("^[A-Za-z0-9+/]{16}$", credentials.UsernameFragment);
            Assert.Matches("^[A-Za-z0-9+/]{32}$", credentials.Password);
            Assert.True(IceCredentials.AreUsable(credentials.UsernameFragment, credentials.Password));
            Assert.True(seen.Add(credentials.UsernameFragment));
            Assert.True(seen.Add(credentials.Password));
        }
    }

    [Theory]
    [InlineData("abcd", "0123456789012345678901", true)]
    [InlineData("abc", "0123456789012345678901", false)]
    [InlineData("abcd", "012345678901234567890", false)]
    [InlineData("ab d", "0123456789012345678901", false)]
    [InlineData("abcd", "01234567890123456789é1", false)]
    public void AreUsable_ChecksLengthAndCharacters(string fragment, string password, bool expected) =>
        Assert.Equal(expected, IceCredentials.AreUsable(fragment, password));

    [Fact]
    public void ToString_KeepsThePasswordSecret()
    {
        var credentials = IceCredentials.Create();
        Assert.DoesNotContain(credentials.Password, credentials.ToString(), StringComparison.Ordinal);
    }
}
