using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Broadcast.Signalling.Auth;

/// <summary>Checks signature, lifetime, issuer and audience of a token and reads what it grants.</summary>
/// <remarks>Safe to call from any thread. Signatures are compared in constant time by the token library.</remarks>
public sealed class TokenVerifier
{
    /// <summary>Longer texts are refused before they are parsed.</summary>
    public const int MaxTokenLength = 4096;

    private const int MaxSubjectLength = 256;

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxTokenLength };
    private readonly TokenValidationParameters _parameters;
    private readonly RemoteKeys? _remote;

    /// <summary>Prepares the checks the options ask for.</summary>
    public TokenVerifier(TokenKeys keys, AuthOptions options, TimeProvider time, RemoteKeys? remote = null)
    {
        _remote = remote;
        _parameters = new TokenValidationParameters
        {
            // Keys that a token brings along or points to (jwk, jku, x5u) are never looked at.
            IssuerSigningKeyResolver = (_, _, keyId, _) => keys.For(keyId),
            ValidAlgorithms = keys.Algorithms,
            RequireSignedTokens = true,
            ValidateIssuer = !string.IsNullOrEmpty(options.Issuer),
            ValidIssuer = options.Issuer,
            ValidateAudience = !string.IsNullOrEmpty(options.Audience),
            ValidAudience = options.Audience,
            LifetimeValidator = (notBefore, expires, _, _) => IsAlive(notBefore, expires, time.GetUtcNow().UtcDateTime, options.ClockSkew),
        };
    }

    /// <summary>What the token grants; null when it is malformed, forged, expired or grants nothing here.</summary>
    public async ValueTask<Grant?> VerifyAsync(Secret token)
    {
        var text = token.Reveal();
        if (text.Length is 0 or > MaxTokenLength)
            return null;
        var result = await _handler.ValidateTokenAsync(text, _parameters);
        if (result.Exception is SecurityTokenInvalidSignatureException)
            _remote?.Want();
        return result.IsValid && result.SecurityToken is JsonWebToken verified ? Read(verified) : null;
    }

    // A token that never expires is a password: exp is required (RFC 7519 §4.1.4 leaves it to the application).
    private static bool IsAlive(DateTime? notBefore, DateTime? expires, DateTime now, TimeSpan skew) =>
        expires is { } end && now < end + skew && (notBefore is not { } start || now >= start - skew);

    private static Grant? Read(JsonWebToken token)
    {
        if (!token.TryGetPayloadValue<string>("stream", out var stream) || !IsStreamClaim(stream))
            return null;
        var scopes = ReadScopes(token);
        return scopes == TokenScope.None
            ? null
            : new Grant(scopes, stream, new DateTimeOffset(DateTime.SpecifyKind(token.ValidTo, DateTimeKind.Utc))) { Subject = Name(token.Subject), TokenId = Name(token.Id) };
    }

    // It goes into records: no longer than a name needs.
    private static string? Name(string? claim) => claim is { Length: > 0 and <= MaxSubjectLength } ? claim : null;

    private static bool IsStreamClaim(string? stream) => stream == Grant.AnyStream || Http.StreamName.IsValid(stream);

    // A list, or one text with spaces (which the library hands out as a list of one). Words of other issuers are passed over.
    private static TokenScope ReadScopes(JsonWebToken token)
    {
        if (!token.TryGetPayloadValue<string[]>("scope", out var claims) || claims is null)
            return TokenScope.None;
        var scopes = TokenScope.None;
        foreach (var claim in claims)
        {
            foreach (var word in claim.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                scopes |= TokenScopes.FromWord(word);
        }

        return scopes;
    }
}
