using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Broadcast.Signalling.Http;

/// <summary>Ephemeral TURN credentials (draft-uberti-behave-turn-rest-00 §2.2, as in coturn's REST API).</summary>
/// <param name="Username">Expiry in Unix seconds, a colon, and who.</param>
/// <param name="Credential">Base64 of HMAC-SHA1 over the username.</param>
public readonly record struct TurnCredentials(string Username, string Credential)
{
    /// <summary>Credentials for one user until a moment.</summary>
    public static TurnCredentials Create(string secret, string user, DateTimeOffset expires)
    {
        var username = string.Create(CultureInfo.InvariantCulture, $"{expires.ToUnixTimeSeconds()}:{user}");
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username), mac);
        return new TurnCredentials(username, Convert.ToBase64String(mac));
    }

    /// <summary>Credentials for a session that do not give its id away: TURN usernames travel in clear text.</summary>
    public static TurnCredentials ForSession(string secret, string sessionId, DateTimeOffset expires)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(sessionId), hash);
        return Create(secret, Convert.ToHexStringLower(hash[..8]), expires);
    }
}
