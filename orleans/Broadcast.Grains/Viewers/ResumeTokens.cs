using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Broadcast.Grains.Viewers;

/// <summary>Lets a viewer whose node died go on elsewhere as the same viewer.</summary>
/// <remarks>
/// The token carries what it says, signed with the cluster's secret: the node that gave it out is gone when it is needed. It grants no
/// access, only continuity; the new request is authorized like any other. Thread-safe.
/// </remarks>
public sealed class ResumeTokens
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly byte[] _key;
    private readonly TimeProvider _time;

    /// <param name="secret">The cluster's; empty makes a key that only this process knows.</param>
    /// <param name="time">The clock. Tokens of nodes whose clocks are apart by hours still work within their lifetime.</param>
    public ResumeTokens(string secret, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(secret);
        _key = secret.Length > 0 ? HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "broadcast resume"u8) : RandomNumberGenerator.GetBytes(32);
        _time = time;
    }

    /// <summary>A token for a viewer of a stream.</summary>
    public string Issue(string viewerId, string streamId)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(new[] { viewerId, streamId, (_time.GetUtcNow() + Lifetime).ToUnixTimeSeconds().ToString("D", null) });
        return Base64Url.EncodeToString(payload) + "." + Base64Url.EncodeToString(HMACSHA256.HashData(_key, payload));
    }

    /// <summary>Who the viewer was; null when the token is not of this cluster, for another stream, or too old.</summary>
    public string? Redeem(string token, string streamId)
    {
        ArgumentNullException.ThrowIfNull(token);
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || token.Length > 1024) return null;
        try
        {
            var payload = Base64Url.DecodeFromChars(token.AsSpan(0, dot));
            var signature = Base64Url.DecodeFromChars(token.AsSpan(dot + 1));
            if (!CryptographicOperations.FixedTimeEquals(signature, HMACSHA256.HashData(_key, payload))) return null;
            var parts = JsonSerializer.Deserialize<string[]>(payload);
            return parts is [var viewer, var stream, var until] && stream == streamId && long.Parse(until, null) >= _time.GetUtcNow().ToUnixTimeSeconds() ? viewer : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
