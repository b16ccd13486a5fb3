using System.ComponentModel.DataAnnotations;

namespace Broadcast.Signalling.Http;

/// <summary>STUN and TURN servers told to clients. Configuration section <c>Broadcast:IceServers</c>.</summary>
/// <remarks>A client of this server needs neither on most networks; TURN over TLS helps behind strict firewalls.</remarks>
public sealed class IceServerOptions
{
    /// <summary>For example <c>stun:stun.example.net:3478</c>.</summary>
    public IList<string> StunUrls { get; } = [];

    /// <summary>For example <c>turns:turn.example.net:443?transport=tcp</c>. Told only when <see cref="TurnSecret"/> is set.</summary>
    public IList<string> TurnUrls { get; } = [];

    /// <summary>The <c>static-auth-secret</c> of coturn, from which credentials are derived for each session.</summary>
    public string? TurnSecret { get; set; }

    /// <summary>How long a credential may be used to allocate. Defaults to 12 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan TurnLifetime { get; set; } = TimeSpan.FromHours(12);
}
