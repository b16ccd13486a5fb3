using System.Collections.Immutable;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees;

/// <summary>Who feeds whom for one stream, as planned. Immutable; a change costs a few path copies, about a microsecond each.</summary>
/// <remarks>
/// The single writer of the stream holds one and replaces it by what the planner returns. Sorted by id throughout, so that
/// equal inputs give equal plans in every process.
/// </remarks>
public sealed record StreamTree
{
    private StreamTree()
    {
    }

    /// <summary>Nobody publishes and nobody carries anything.</summary>
    public static StreamTree Empty { get; } = new();

    /// <summary>The publisher's node; null while nobody publishes or the publisher's node is lost.</summary>
    public NodeId? Root { get; init; }

    /// <summary>The publisher session that the tree carries.</summary>
    public StreamEpoch Epoch { get; init; }

    /// <summary>Rises with each plan; commands carry it, and nodes ignore what is older than what they did last.</summary>
    public long Version { get; init; }

    /// <summary>All nodes of the tree.</summary>
    public ImmutableSortedDictionary<NodeId, TreeNode> Nodes { get; init; } = ImmutableSortedDictionary<NodeId, TreeNode>.Empty;

    /// <summary>Per region the nodes that may feed others, by depth and id.</summary>
    internal ImmutableSortedDictionary<string, ImmutableSortedSet<(int Depth, NodeId Id)>> Relays { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableSortedSet<(int, NodeId)>>(StringComparer.Ordinal);

    /// <summary>Nodes whose parent is in another region.</summary>
    internal ImmutableSortedSet<NodeId> Gateways { get; init; } = [];

    /// <summary>Nodes without a parent that are not the root.</summary>
    public ImmutableSortedSet<NodeId> Orphans { get; init; } = [];

    /// <summary>The node; null when it does not carry the stream.</summary>
    public TreeNode? Find(NodeId id) => Nodes.GetValueOrDefault(id);

    /// <summary>Nodes whose parent is in another region, by id.</summary>
    public IReadOnlyCollection<NodeId> Crossings => Gateways;

    /// <summary>Whether the way up from <paramref name="id"/> leads to the root.</summary>
    public bool IsRooted(NodeId id) => Root is { } root && PathLeadsTo(id, root);

    /// <summary>Whether the way up from <paramref name="id"/> (itself included) passes <paramref name="ancestor"/>.</summary>
    public bool PathLeadsTo(NodeId id, NodeId ancestor)
    {
        for (NodeId? at = id; at is { } here; at = Find(here)?.Parent)
        {
            if (here == ancestor) return true;
        }

        return false;
    }

    /// <summary>The node and all below it, parents first.</summary>
    public IEnumerable<NodeId> Subtree(NodeId top)
    {
        var waiting = new Queue<NodeId>([top]);
        while (waiting.TryDequeue(out var id))
        {
            if (Find(id) is not { } node) continue;
            yield return id;
            foreach (var child in node.Children) waiting.Enqueue(child);
        }
    }

    /// <summary>Nodes in the subtree, itself included.</summary>
    public int CountBelow(NodeId top) => Subtree(top).Count();
}
