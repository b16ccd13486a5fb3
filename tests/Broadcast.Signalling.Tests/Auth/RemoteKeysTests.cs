using System.Net;
using System.Security.Cryptography;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Broadcast.Signalling.Tests.Auth;

/// <summary>Tokens of issuers whose keys are fetched, and keys of our own that come and go.</summary>
public sealed class RemoteKeysTests : IDisposable
{
    private const string Url = "https://issuer.example/keys";
    private readonly ManualTime _time = new();
    private readonly IssuerHandler _network = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;
    private readonly AuthOptions _options = new() { Secret = "0123456789abcdef0123456789abcdef", JwksUrls = { Url } };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task A_fetched_key_verifies_and_one_that_is_withdrawn_does_not(string algorithm)
    {
        var (first, second, stranger) = (Key(algorithm, "1"), Key(algorithm, "2"), Key(algorithm, "1"));
        var (verifier, remote) = Make();
        _network.Answer = Set(first);
        Assert.Null(await VerifyAsync(verifier, first, algorithm));
        await remote.StepAsync(default);
        Assert.NotNull(await VerifyAsync(verifier, first, algorithm));
        Assert.Null(await VerifyAsync(verifier, stranger, algorithm));

        // A key that is not known has the set fetched again, but not at every token.
        _network.Answer = Set(second);
        Assert.Null(await VerifyAsync(verifier, second, algorithm));
        await remote.StepAsync(default);
        Assert.Equal(1, _network.Requests);
        _time.Advance(RemoteKeys.LeastPeriod);
        await remote.StepAsync(default);
        Assert.Equal(2, _network.Requests);
        Assert.NotNull(await VerifyAsync(verifier, second, algorithm));
        Assert.Null(await VerifyAsync(verifier, first, algorithm));
    }

    [Fact]
    public async Task An_issuer_that_is_away_or_sends_nonsense_keeps_its_keys()
    {
        var key = Key("ES256", "1");
        var (verifier, remote) = Make();
        _network.Answer = Set(key);
        await remote.StepAsync(default);
        foreach (var answer in new string?[] { null, "", "<html>", "[]", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}" })
        {
            _network.Answer = answer;
            _time.Advance(RemoteKeys.Period);
            await remote.StepAsync(default);
            Assert.NotNull(await VerifyAsync(verifier, key, "ES256"));
        }
    }

    [Fact]
    public async Task A_key_of_the_set_is_never_taken_for_an_hmac_secret()
    {
        var key = (RsaSecurityKey)Key("RS256", "1");
        var (verifier, remote) = Make();
        _network.Answer = Set(key);
        await remote.StepAsync(default);
        foreach (var secret in new[] { key.Rsa.ExportSubjectPublicKeyInfo(), key.Rsa.ExportParameters(false).Modulus! })
            Assert.Null(await VerifyAsync(verifier, new SymmetricSecurityKey(secret) { KeyId = "1" }, SecurityAlgorithms.HmacSha256));
    }

    [Theory]
    [InlineData("http://issuer.example/keys")]
    [InlineData("file:///etc/passwd")]
    [InlineData("keys")]
    public void Only_https_is_asked(string url)
    {
        var options = new AuthOptions { JwksUrls = { url } };
        var exception = Assert.Throws<InvalidDataException>(() => new RemoteKeys(options, TokenKeys.Load(options), _time, NullLogger<RemoteKeys>.Instance));
        Assert.Contains(url, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_of_an_earlier_key_are_good_while_it_is_listed()
    {
        var (earlier, present) = (Path.Combine(_folder, "earlier.key"), Path.Combine(_folder, "present.key"));
        var before = new AuthOptions { SecretFile = earlier };
        var token = new TokenIssuer(TokenKeys.Load(before), before, _time).Issue(TokenScope.Watch, "live", TimeSpan.FromHours(1)).Token;
        var between = new AuthOptions { SecretFile = present, OtherSecretFiles = { earlier } };
        Assert.NotNull(await new TokenVerifier(TokenKeys.Load(between), between, _time).VerifyAsync(token));
        var fresh = new TokenIssuer(TokenKeys.Load(between), between, _time).Issue(TokenScope.Watch, "live", TimeSpan.FromHours(1)).Token;
        var after = new AuthOptions { SecretFile = present };
        Assert.NotNull(await new TokenVerifier(TokenKeys.Load(after), after, _time).VerifyAsync(fresh));
        Assert.Null(await new TokenVerifier(TokenKeys.Load(after), after, _time).VerifyAsync(token));
        Assert.Throws<InvalidDataException>(() => TokenKeys.Load(new AuthOptions { SecretFile = present, OtherSecretFiles = { Path.Combine(_folder, "none.key") } }));
    }

    private static SecurityKey Key(string algorithm, string id) => algorithm == "ES256"
        ? new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = id }
        : new RsaSecurityKey(RSA.Create(2048)) { KeyId = id };

    /// <summary>Public parts only, as an issuer shows them.</summary>
    private static string Set(SecurityKey key)
    {
        var text = key switch
        {
            RsaSecurityKey rsa when rsa.Rsa.ExportParameters(false) is var p =>
                $$"""{"kty":"RSA","use":"sig","kid":"{{key.KeyId}}","n":"{{Base64UrlEncoder.Encode(p.Modulus)}}","e":"{{Base64UrlEncoder.Encode(p.Exponent)}}"}""",
            ECDsaSecurityKey ec when ec.ECDsa.ExportParameters(false) is var p =>
                $$"""{"kty":"EC","use":"sig","crv":"P-256","kid":"{{key.KeyId}}","x":"{{Base64UrlEncoder.Encode(p.Q.X)}}","y":"{{Base64UrlEncoder.Encode(p.Q.Y)}}"}""",
            _ => throw new ArgumentException("Neither RSA nor EC.", nameof(key)),
        };
        return $$"""{"keys":[{{text}}]}""";
    }

    private (TokenVerifier Verifier, RemoteKeys Remote) Make()
    {
        var keys = TokenKeys.Load(_options);
        var remote = new RemoteKeys(_options, keys, _network, _time, NullLogger<RemoteKeys>.Instance);
        return (new TokenVerifier(keys, _options, _time, remote), remote);
    }

    private ValueTask<Grant?> VerifyAsync(TokenVerifier verifier, SecurityKey key, string algorithm)
    {
        var claims = new Dictionary<string, object> { ["scope"] = "publish", ["stream"] = "live", ["exp"] = _time.GetUtcNow().AddHours(1).ToUnixTimeSeconds() };
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }
            .CreateToken(new SecurityTokenDescriptor { Claims = claims, SigningCredentials = new SigningCredentials(key, algorithm) });
        return verifier.VerifyAsync(new Secret(token));
    }

    private sealed class IssuerHandler : HttpMessageHandler
    {
        /// <summary>Null for one that is away.</summary>
        public string? Answer { get; set; }

        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal(Url, request.RequestUri!.AbsoluteUri);
            Requests++;
            return Answer is null
                ? throw new HttpRequestException("away")
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Answer) });
        }
    }
}
