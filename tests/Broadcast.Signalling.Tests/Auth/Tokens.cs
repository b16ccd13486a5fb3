using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Broadcast.Signalling.Tests.Auth;

/// <summary>Tokens with claims that the node's own issuer does not write.</summary>
internal static class Tokens
{
    /// <summary>For <c>Auth:Secret</c>.</summary>
    public const string Secret = "0123456789abcdef0123456789abcdef";

    /// <summary>A token that may do everything for an hour, of somebody.</summary>
    public static string Sign(TimeProvider time, string? subject, params (string Name, object Value)[] more)
    {
        var claims = new Dictionary<string, object>
        {
            ["scope"] = "publish watch operate",
            ["stream"] = "*",
            ["exp"] = time.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
        };
        if (subject is not null) claims["sub"] = subject;
        foreach (var (name, value) in more) claims[name] = value;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Secret)), SecurityAlgorithms.HmacSha256),
        });
    }
}
