using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Control;

/// <summary>The answer to a publisher's node that wants to be the root.</summary>
public abstract record ClaimAnswer
{
    private ClaimAnswer()
    {
    }

    /// <summary>It is. Asking again with the same claim gives the same epoch.</summary>
    public sealed record Granted(StreamEpoch Epoch, long Version) : ClaimAnswer;

    /// <summary>It is not: another publisher is there (409), or the node may not take one (503).</summary>
    public sealed record Refused(NodeId? HeldBy, TimeSpan RetryAfter, string Reason) : ClaimAnswer;
}

/// <summary>The answer to a node at which a viewer asked for a stream that it does not carry.</summary>
public abstract record JoinAnswer
{
    private JoinAnswer()
    {
    }

    /// <summary>Serve it here. <paramref name="Place"/> is the node's place in the tree; null for the root, which needs none.</summary>
    public sealed record Serve(RelayCommand? Place) : JoinAnswer;

    /// <summary>307 to that node.</summary>
    public sealed record Redirect(NodeId Node, string Reason) : JoinAnswer;

    /// <summary>404 or 503 with <c>Retry-After</c>.</summary>
    public sealed record Refuse(TimeSpan RetryAfter, string Reason) : JoinAnswer;
}

/// <summary>What must survive the death of a stream's writer; all else comes back with the nodes' reports.</summary>
/// <param name="Epoch">The epoch given out last.</param>
/// <param name="Root">The publisher's node; null when there is none or it is lost.</param>
/// <param name="Session">The publisher's session; null when nobody publishes or it is not known.</param>
/// <param name="IsReleased">The publisher of this epoch has ended; a late word from its node does not bring it back.</param>
public sealed record StreamState(StreamEpoch Epoch, NodeId? Root, string? Session, bool IsReleased)
{
    /// <summary>Of a stream that never was.</summary>
    public static StreamState New { get; } = new(StreamEpoch.None, null, null, false);
}
