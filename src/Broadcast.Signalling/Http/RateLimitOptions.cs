using System.ComponentModel.DataAnnotations;

namespace Broadcast.Signalling.Http;

/// <summary>How many API requests are taken. Configuration section <c>Broadcast:RateLimit</c>.</summary>
/// <remarks>
/// A join costs three to five requests (POST, PATCH, events, DELETE). A player whose media pause asks for its session, at most once
/// a second; a 429 tells it as well as a 204 that the server is there. One whose statistics are being looked at asks every two
/// seconds. Pages, preflights and health are not counted.
/// </remarks>
public sealed class RateLimitOptions
{
    /// <summary>Steady requests per second of one source address (IPv6: of one /64); 0 switches the limit off.</summary>
    [Range(0, 10_000_000)]
    public int PerAddress { get; set; } = 100;

    /// <summary>Steady requests per second made with one token; 0 switches the limit off.</summary>
    [Range(0, 10_000_000)]
    public int PerToken { get; set; } = 500;

    /// <summary>Seconds' worth of requests that may come at once after a pause: an audience behind one address joins together.</summary>
    [Range(1, 60)]
    public int BurstSeconds { get; set; } = 5;
}
