using System.Collections.Immutable;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees;

/// <summary>One node of a stream's tree with the edge to its parent. Immutable.</summary>
public sealed record TreeNode(NodeId Id, string Region, bool IsRelay)
{
    /// <summary>Who feeds it; null for the root and for an orphan.</summary>
    public NodeId? Parent { get; init; }

    /// <summary>Whom it asks when the parent falls silent; the link is warm and carries no media.</summary>
    public NodeId? Standby { get; init; }

    /// <summary>Hops from the root; kept from before while it is an orphan.</summary>
    public int Depth { get; init; }

    /// <summary>It is being drained: it gives up its link, so a crossing it has does not count. Ends when it gets another parent.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>Why this parent, for operators.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Why this standby, or why none, for operators.</summary>
    public string StandbyReason { get; init; } = "";

    /// <summary>The tree's version that last changed parent or standby.</summary>
    public long Version { get; init; }

    /// <summary>Whom it feeds, by id.</summary>
    public ImmutableSortedSet<NodeId> Children { get; init; } = [];

    /// <summary>Whose standby it is, by id.</summary>
    public ImmutableSortedSet<NodeId> StandbyFor { get; init; } = [];

    /// <summary>Children its measured load may not show yet.</summary>
    public Bookings Booked { get; init; }

    /// <summary>Children that <paramref name="info"/>, of the snapshot of that number, does not show yet.</summary>
    public int Unseen(NodeInfo info, long snapshot) => Booked.Unseen(snapshot, info.Load.Children, Children.Count);
}
