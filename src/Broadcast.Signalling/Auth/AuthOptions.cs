using System.ComponentModel.DataAnnotations;

namespace Broadcast.Signalling.Auth;

/// <summary>Who may publish, watch and operate. Configuration section <c>Broadcast:Auth</c>.</summary>
public sealed class AuthOptions : IValidatableObject
{
    /// <summary>Lets everybody do everything. The server refuses it on public addresses unless told twice.</summary>
    public bool Disabled { get; set; }

    /// <summary>Shared HMAC key, at least 32 bytes of UTF-8, used to sign and to verify.</summary>
    /// <remarks>When neither this nor <see cref="SecretFile"/> is set a key is generated into the data directory.</remarks>
    public string? Secret { get; set; }

    /// <summary>File with the shared HMAC key in base64; generated with mode 0600 when it does not exist.</summary>
    public string? SecretFile { get; set; }

    /// <summary>PEM files with public keys (RSA or EC) of other issuers whose tokens are accepted.</summary>
    public IList<string> PublicKeyFiles { get; } = [];

    /// <summary>Addresses of key sets (JWKS, RFC 7517) of other issuers, by HTTPS; fetched every ten minutes, and when a token has a key that is not known.</summary>
    public IList<string> JwksUrls { get; } = [];

    /// <summary>Files with HMAC keys in base64 that only verify: earlier keys whose tokens are still about, or the next one.</summary>
    public IList<string> OtherSecretFiles { get; } = [];

    /// <summary>Required <c>iss</c> claim; not checked when empty.</summary>
    public string? Issuer { get; set; }

    /// <summary>Required <c>aud</c> claim; not checked when empty.</summary>
    public string? Audience { get; set; }

    /// <summary>Tolerated difference between the clocks of issuer and server.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Invalid tokens from one address per minute before it gets 429; 0 switches the limit off.</summary>
    [Range(0, 1_000_000)]
    public int FailuresPerMinute { get; set; } = 30;

    /// <summary>A service that judges tokens that are none of this node's; null for none. HTTPS, unless webhooks may be internal.</summary>
    public string? WebhookUrl { get; set; }

    /// <summary>File with the secret that signs what the service is asked; empty: not signed.</summary>
    public string WebhookSecretFile { get; set; } = "";

    /// <summary>How long the service may take; then the caller gets 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan WebhookTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long what it allowed counts without asking again; 0 to ask each time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan WebhookCacheTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrEmpty(WebhookUrl) && !(Uri.TryCreate(WebhookUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            yield return new ValidationResult($"WebhookUrl: \"{WebhookUrl}\" is no address such as https://example.org/auth.");
    }
}
