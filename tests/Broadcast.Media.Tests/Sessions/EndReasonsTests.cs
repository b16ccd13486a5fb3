using System.Reflection;
using Broadcast.Media.Sessions;

namespace Broadcast.Media.Tests.Sessions;

/// <summary>The words that metrics are labelled with.</summary>
public class EndReasonsTests
{
    [Fact]
    public void Every_reason_has_a_word()
    {
        var reasons = typeof(EndReasons).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!).ToList();
        Assert.True(reasons.Count > 8);
        Assert.All(reasons, reason => Assert.Matches("^(?!other$)[a-z_]+$", EndReasons.WordOf(reason)));
        Assert.Equal("handshake_failed", EndReasons.WordOf(EndReasons.HandshakeFailed + "no common suite"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("whatever somebody wrote")]
    public void Anything_else_is_one_word(string? reason) => Assert.Equal("other", EndReasons.WordOf(reason));
}
