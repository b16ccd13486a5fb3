namespace Broadcast.Signalling.Http;

/// <summary>The HTTP surface as a whole. Configuration section <c>Broadcast:Http</c>.</summary>
public sealed class SignallingOptions
{
    /// <summary>Origins whose pages may call the API; empty stands for all, which is safe as no cookies are used.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Lets everybody read <c>/metrics</c>; otherwise loopback or the operate scope is needed.</summary>
    public bool PublicMetrics { get; set; }
}
