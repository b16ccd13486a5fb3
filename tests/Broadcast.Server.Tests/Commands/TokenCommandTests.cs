using Broadcast.Server.Commands;
using Broadcast.Signalling.Auth;

namespace Broadcast.Server.Tests.Commands;

public sealed class TokenCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_token_is_minted_with_the_key_of_the_data_folder()
    {
        var (code, output, _) = Run("--scope", "publish,watch", "--stream", "live", "--ttl", "2h", "--data", _folder);
        Assert.Equal(0, code);
        var auth = new AuthOptions { SecretFile = Path.Combine(_folder, "token.key") };
        var grant = await new TokenVerifier(TokenKeys.Load(auth), auth, TimeProvider.System).VerifyAsync(new Secret(output.Trim()));
        Assert.Equal(TokenScope.Publish | TokenScope.Watch, grant?.Scopes);
        Assert.Equal("live", grant?.Stream);
    }

    [Theory]
    [InlineData("--scope", "--scope", "everything", "--stream", "live")]
    [InlineData("--scope", "--stream", "live")]
    [InlineData("--stream", "--scope", "publish")]
    [InlineData("--stream", "--scope", "publish", "--stream", "a/b")]
    [InlineData("--ttl", "--scope", "publish", "--stream", "live", "--ttl", "soon")]
    [InlineData("--ttl", "--scope", "publish", "--stream", "live", "--ttl", "0h")]
    [InlineData("--sope", "--sope", "publish")]
    public void What_is_wrong_is_named(string named, params string[] args)
    {
        var (code, output, error) = Run([.. args, "--data", _folder]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("24h", 86400)]
    [InlineData("7d", 604800)]
    public void A_lifetime_has_a_unit(string text, int seconds)
    {
        Assert.True(TokenCommand.TryLifetime(text, out var lifetime));
        Assert.Equal(seconds, lifetime.TotalSeconds);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = TokenCommand.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
