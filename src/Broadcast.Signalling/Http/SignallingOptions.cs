namespace Broadcast.Signalling.Http;

/// <summary>The HTTP surface as a whole. Configuration section <c>Broadcast:Http</c>.</summary>
public sealed class SignallingOptions
{
    /// <summary>Origins whose pages may call the API; empty stands for all, which is safe as no cookies are used.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Names that the node answers to, as in the Host header without port; empty stands for all.</summary>
    /// <remarks>Of a node without tokens empty stands for "localhost" and addresses.</remarks>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Lets everybody read <c>/metrics</c>; otherwise loopback or the operate scope is needed.</summary>
    public bool PublicMetrics { get; set; }
}
