using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Broadcast.Signalling.Auth;

/// <summary>Mints tokens (RFC 7519) with this node's own key. Safe to call from any thread.</summary>
public sealed class TokenIssuer(TokenKeys keys, AuthOptions options, TimeProvider time)
{
    /// <summary>How long a token lives when nobody says otherwise.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(24);

    /// <summary>Longest lifetime that can be asked for.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(3660);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>A signed token with the grant's scopes and stream.</summary>
    /// <param name="scopes">At least one scope.</param>
    /// <param name="stream">A valid stream name or <see cref="Grant.AnyStream"/>.</param>
    /// <param name="lifetime">From now; more than zero, at most <see cref="MaxLifetime"/>.</param>
    public IssuedToken Issue(TokenScope scopes, string stream, TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(scopes, TokenScope.None);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, MaxLifetime);

        var now = time.GetUtcNow();
        var expires = now + lifetime;
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = options.Issuer,
            Audience = options.Audience,
            IssuedAt = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            SigningCredentials = keys.Signing,
            Claims = new Dictionary<string, object>
            {
                ["scope"] = TokenScopes.Format(scopes),
                ["stream"] = stream,
                // Two tokens minted in one second differ, so that each can be told apart in records.
                ["jti"] = Guid.NewGuid().ToString("N"),
            },
        });
        return new IssuedToken(new Secret(token), DateTimeOffset.FromUnixTimeSeconds(expires.ToUnixTimeSeconds()));
    }
}

/// <summary>A freshly minted token.</summary>
/// <param name="Token">The compact serialisation.</param>
/// <param name="ExpiresAt">Its <c>exp</c> claim.</param>
public readonly record struct IssuedToken(Secret Token, DateTimeOffset ExpiresAt);
