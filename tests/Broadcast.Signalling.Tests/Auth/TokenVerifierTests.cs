using System.Security.Cryptography;
using System.Text;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;
using CsCheck;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Broadcast.Signalling.Tests.Auth;

public sealed class TokenVerifierTests : IDisposable
{
    private const string SharedSecret = "0123456789abcdef0123456789abcdef";
    private readonly ManualTime _time = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(TokenScope.Publish, "live")]
    [InlineData(TokenScopes.All, "*")]
    public async Task A_minted_token_grants_what_was_asked(TokenScope scopes, string stream)
    {
        var options = new AuthOptions { Secret = SharedSecret };
        var issued = new TokenIssuer(TokenKeys.Load(options), options, _time).Issue(scopes, stream, TimeSpan.FromHours(1));
        var grant = await VerifyAsync(options, issued.Token.Reveal());
        Assert.NotEmpty(grant!.TokenId!);
        Assert.Equal(new Grant(scopes, stream, issued.ExpiresAt) { TokenId = grant.TokenId }, grant);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromHours(1), issued.ExpiresAt);
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    [InlineData("PS256")]
    public async Task A_token_of_another_issuer_is_accepted_by_its_public_key(string algorithm)
    {
        var (key, pem) = KeyPair(algorithm);
        var options = OptionsWithPublicKey(pem);
        Assert.Equal(TokenScope.Publish, (await VerifyAsync(options, Sign(key, algorithm, Claims())))?.Scopes);
        var (stranger, _) = KeyPair(algorithm);
        Assert.Null(await VerifyAsync(options, Sign(stranger, algorithm, Claims())));
    }

    [Fact]
    public async Task A_public_key_is_never_taken_for_an_hmac_secret()
    {
        var (key, pem) = KeyPair("RS256");
        var options = OptionsWithPublicKey(pem);
        var rsa = ((RsaSecurityKey)key).Rsa;
        foreach (var secret in new[] { Encoding.UTF8.GetBytes(pem), Encoding.UTF8.GetBytes(pem + "\n"), rsa.ExportSubjectPublicKeyInfo(), rsa.ExportRSAPublicKey(), rsa.ExportParameters(false).Modulus! })
            Assert.Null(await VerifyAsync(options, Sign(new SymmetricSecurityKey(secret), SecurityAlgorithms.HmacSha256, Claims())));
    }

    [Theory]
    [InlineData("none", "")]
    [InlineData("None", "")]
    [InlineData("NONE", "AAAA")]
    [InlineData("nOnE", "")]
    [InlineData("", "")]
    [InlineData("HS1", "AAAA")]
    public async Task An_unsigned_token_is_refused(string algorithm, string signature)
    {
        static string Part(string json) => Base64UrlEncoder.Encode(json);
        var expires = _time.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        var token = $"{Part($"{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}")}.{Part($"{{\"scope\":\"publish\",\"stream\":\"*\",\"exp\":{expires}}}")}.{signature}";
        Assert.Null(await VerifyAsync(new AuthOptions { Secret = SharedSecret }, token));
    }

    [Fact]
    public async Task A_token_ends_when_it_says_but_for_the_difference_of_clocks()
    {
        var options = new AuthOptions { Secret = SharedSecret };
        var token = Sign(Shared, SecurityAlgorithms.HmacSha256, Claims());
        _time.Advance(TimeSpan.FromHours(1) + options.ClockSkew - TimeSpan.FromSeconds(1));
        Assert.NotNull(await VerifyAsync(options, token));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await VerifyAsync(options, token));
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task A_key_of_somebody_else_and_an_algorithm_that_is_not_the_keys_are_refused(string algorithm)
    {
        var options = new AuthOptions { Secret = SharedSecret };
        var stranger = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(new string('x', 64)));
        Assert.Null(await VerifyAsync(options, Sign(stranger, algorithm, Claims())));
        stranger.KeyId = TokenKeys.Load(options).Signing.Kid;
        Assert.Null(await VerifyAsync(options, Sign(stranger, algorithm, Claims())));
    }

    [Fact]
    public async Task A_key_that_the_token_brings_along_is_not_looked_at()
    {
        var rsa = RSA.Create(2048);
        var parameters = rsa.ExportParameters(false);
        var key = new RsaSecurityKey(rsa);
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = Claims(),
            SigningCredentials = new SigningCredentials(key, "RS256"),
            AdditionalHeaderClaims = new Dictionary<string, object>
            {
                ["jwk"] = new Dictionary<string, string> { ["kty"] = "RSA", ["n"] = Base64UrlEncoder.Encode(parameters.Modulus!), ["e"] = Base64UrlEncoder.Encode(parameters.Exponent!) },
                ["jku"] = "https://attacker.example/keys",
                ["x5u"] = "file:///etc/passwd",
            },
        });
        var (_, pem) = KeyPair("RS256");
        Assert.Null(await VerifyAsync(OptionsWithPublicKey(pem), token));
    }

    [Theory]
    [InlineData("alice", "t-1", "alice", "t-1")]
    [InlineData(null, "t-1", null, "t-1")]
    [InlineData("alice", null, "alice", null)]
    [InlineData("", "", null, null)]
    public async Task Whose_a_token_is_and_which_it_is_are_two_things(string? sub, string? jti, string? subject, string? tokenId)
    {
        var claims = Claims();
        if (sub is not null) claims["sub"] = sub;
        if (jti is not null) claims["jti"] = jti;
        var grant = await VerifyAsync(new AuthOptions { Secret = SharedSecret }, Sign(Shared, SecurityAlgorithms.HmacSha256, claims));
        Assert.Equal((subject, tokenId), (grant!.Subject, grant.TokenId));
    }

    [Theory]
    [InlineData("stream", null)]
    [InlineData("stream", "a.b")]
    [InlineData("scope", null)]
    [InlineData("scope", "read write")]
    [InlineData("exp", null)]
    public async Task A_token_without_what_it_needs_is_refused(string claim, string? value)
    {
        var claims = Claims();
        if (value is null)
            claims.Remove(claim);
        else
            claims[claim] = value;
        Assert.Null(await VerifyAsync(new AuthOptions { Secret = SharedSecret }, Sign(Shared, SecurityAlgorithms.HmacSha256, claims)));
    }

    [Fact]
    public async Task Scopes_may_come_as_a_list_and_beside_words_of_others()
    {
        var claims = Claims();
        claims["scope"] = new[] { "openid", "publish", "watch" };
        var grant = await VerifyAsync(new AuthOptions { Secret = SharedSecret }, Sign(Shared, SecurityAlgorithms.HmacSha256, claims));
        Assert.Equal(TokenScope.Publish | TokenScope.Watch, grant?.Scopes);
    }

    [Theory]
    [InlineData("one", "one", true)]
    [InlineData("one", "two", false)]
    public async Task Issuer_and_audience_are_checked_when_configured(string configured, string claimed, bool accepted)
    {
        var claims = Claims();
        claims["iss"] = claimed;
        claims["aud"] = claimed;
        var options = new AuthOptions { Secret = SharedSecret, Issuer = configured, Audience = configured };
        Assert.Equal(accepted, await VerifyAsync(options, Sign(Shared, SecurityAlgorithms.HmacSha256, claims)) is not null);
    }

    [Fact]
    public async Task A_token_is_not_valid_before_its_time()
    {
        var claims = Claims();
        claims["nbf"] = _time.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds();
        var token = Sign(Shared, SecurityAlgorithms.HmacSha256, claims);
        Assert.Null(await VerifyAsync(new AuthOptions { Secret = SharedSecret }, token));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull(await VerifyAsync(new AuthOptions { Secret = SharedSecret }, token));
    }

    [Fact]
    public async Task Every_truncation_and_every_flipped_character_is_refused()
    {
        var options = new AuthOptions { Secret = SharedSecret };
        var token = Sign(Shared, SecurityAlgorithms.HmacSha256, Claims());
        var verifier = new TokenVerifier(TokenKeys.Load(options), options, _time);
        for (var length = 0; length < token.Length; length++)
            Assert.Null(await verifier.VerifyAsync(new Secret(token[..length])));
        // The last character of base64 carries spare bits, so it may change without changing the signature.
        for (var index = 0; index < token.Length - 1; index++)
            Assert.Null(await verifier.VerifyAsync(new Secret(token[..index] + (token[index] == 'A' ? 'B' : 'A') + token[(index + 1)..])));
    }

    [Fact]
    public void Any_text_is_refused_without_throwing()
    {
        var options = new AuthOptions { Secret = SharedSecret };
        var verifier = new TokenVerifier(TokenKeys.Load(options), options, _time);
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["eyJ.-_09azAZ="], 0, 5000])
            .Sample(text => verifier.VerifyAsync(new Secret(text)).AsTask().GetAwaiter().GetResult() is null, iter: 300);
    }

    [Fact]
    public void A_missing_key_file_is_generated_for_its_owner_alone_and_kept()
    {
        var options = new AuthOptions { SecretFile = Path.Combine(_folder, "keys", "token.key") };
        TokenKeys.Load(options);
        var first = File.ReadAllText(options.SecretFile);
        TokenKeys.Load(options);
        Assert.Equal(first, File.ReadAllText(options.SecretFile));
        Assert.Equal(32, Convert.FromBase64String(first.Trim()).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(options.SecretFile));
    }

    [Theory]
    [InlineData("c2hvcnQ=")]
    [InlineData("no base64!")]
    public void A_bad_key_file_is_named(string content)
    {
        var file = Path.Combine(_folder, "token.key");
        File.WriteAllText(file, content);
        var exception = Assert.Throws<InvalidDataException>(() => TokenKeys.Load(new AuthOptions { SecretFile = file }));
        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_does_not_print()
    {
        Assert.DoesNotContain("hunter2", $"{new Secret("hunter2")}", StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", new IssuedToken(new Secret("hunter2"), default).ToString(), StringComparison.Ordinal);
    }

    private static SymmetricSecurityKey Shared => new(Encoding.UTF8.GetBytes(SharedSecret));

    private static (SecurityKey Key, string Pem) KeyPair(string algorithm)
    {
        if (algorithm.StartsWith("ES", StringComparison.Ordinal))
        {
            var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return (new ECDsaSecurityKey(ecdsa), ecdsa.ExportSubjectPublicKeyInfoPem());
        }

        var rsa = RSA.Create(2048);
        return (new RsaSecurityKey(rsa), rsa.ExportSubjectPublicKeyInfoPem());
    }

    private static string Sign(SecurityKey key, string algorithm, Dictionary<string, object> claims) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            SigningCredentials = new SigningCredentials(key, algorithm),
        });

    private Dictionary<string, object> Claims() => new()
    {
        ["scope"] = "publish",
        ["stream"] = "live",
        ["exp"] = _time.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
    };

    private AuthOptions OptionsWithPublicKey(string pem)
    {
        var file = Path.Combine(_folder, "other.pem");
        File.WriteAllText(file, pem);
        var options = new AuthOptions { Secret = SharedSecret };
        options.PublicKeyFiles.Add(file);
        return options;
    }

    private ValueTask<Grant?> VerifyAsync(AuthOptions options, string token) =>
        new TokenVerifier(TokenKeys.Load(options), options, _time).VerifyAsync(new Secret(token));
}
