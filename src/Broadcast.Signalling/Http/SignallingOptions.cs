using System.ComponentModel.DataAnnotations;

namespace Broadcast.Signalling.Http;

/// <summary>The HTTP surface as a whole. Configuration section <c>Broadcast:Http</c>.</summary>
public sealed class SignallingOptions
{
    /// <summary>Origins whose pages may call the API; empty stands for all, which is safe as no cookies are used.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Names that the node answers to, as in the Host header without port; empty stands for all.</summary>
    /// <remarks>Of a node without tokens empty stands for "localhost" and addresses.</remarks>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>For how long browsers that came by HTTPS come by nothing else; 0 does not tell them. Only with a configured certificate.</summary>
    /// <remarks>Defaults to 30 days. It holds for the name of the node, whatever the port.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "730.00:00:00")]
    public TimeSpan StrictTransportMaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Lets everybody read <c>/metrics</c>; otherwise loopback or the operate scope is needed.</summary>
    public bool PublicMetrics { get; set; }
}
