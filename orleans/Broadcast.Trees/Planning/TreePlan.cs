using System.Collections.Immutable;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>What happens to one node.</summary>
public enum ChangeKind
{
    /// <summary>It begins to carry the stream.</summary>
    Attach,

    /// <summary>It gets another parent: first the new link, then the old one goes.</summary>
    Switch,

    /// <summary>It keeps its parent and gets another standby.</summary>
    Standby,

    /// <summary>It stops carrying the stream.</summary>
    Detach,

    /// <summary>It becomes the root.</summary>
    Root,

    /// <summary>It lost its parent and nobody can take it now.</summary>
    Orphan,
}

/// <summary>One change of a plan with its reason, which operators read.</summary>
public sealed record TreeChange(ChangeKind Kind, NodeId Node, NodeId? Parent, NodeId? OldParent, NodeId? Standby, string Reason);

/// <summary>A tree as it shall be and the steps to it. No steps: nothing is to be done.</summary>
public sealed record TreePlan(StreamTree Tree, ImmutableArray<TreeChange> Changes)
{
    /// <summary>Leaves everything as it is.</summary>
    public static TreePlan Nothing(StreamTree tree) => new(tree, []);

    /// <summary>Whether anything is to be done.</summary>
    public bool IsEmpty => Changes.IsEmpty;
}
