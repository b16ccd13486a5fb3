namespace Broadcast.Grains.Cluster;

/// <summary>What becomes of a viewer's request.</summary>
public abstract record JoinDecision
{
    private JoinDecision()
    {
    }

    /// <summary>This node serves it, now.</summary>
    public sealed record Serve : JoinDecision
    {
        internal static readonly Serve Here = new();
    }

    /// <summary>307 to another node.</summary>
    /// <param name="NodeId">The other node.</param>
    /// <param name="Url">Its address for viewers.</param>
    /// <param name="Reason">For people.</param>
    public sealed record Redirect(string NodeId, string Url, string Reason) : JoinDecision;

    /// <summary>Not now.</summary>
    /// <param name="RetryAfter">When to come again.</param>
    /// <param name="Reason">For people.</param>
    /// <param name="IsLive">Somebody publishes the stream (503), or nobody (404).</param>
    public sealed record Refuse(TimeSpan RetryAfter, string Reason, bool IsLive) : JoinDecision;
}

/// <summary>What becomes of a publisher's request.</summary>
public abstract record ClaimDecision
{
    private ClaimDecision()
    {
    }

    /// <summary>The stream is this publisher's; the media plane knows.</summary>
    public sealed record Granted(long Epoch) : ClaimDecision;

    /// <summary>Not now.</summary>
    /// <param name="HeldBy">The node of the publisher who has the stream (409); null for other reasons (503).</param>
    /// <param name="RetryAfter">When to come again.</param>
    /// <param name="Reason">For people.</param>
    public sealed record Refused(string? HeldBy, TimeSpan RetryAfter, string Reason) : ClaimDecision;
}
