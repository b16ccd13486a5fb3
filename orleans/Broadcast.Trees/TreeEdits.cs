using System.Collections.Immutable;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees;

/// <summary>The only ways in which a tree changes. Each keeps parent and child lists, depths and indexes in step.</summary>
internal static class TreeEdits
{
    /// <summary>Adds a node without a parent; one that is there already stays as it is.</summary>
    public static StreamTree Add(this StreamTree tree, NodeInfo info)
    {
        if (tree.Nodes.ContainsKey(info.Id)) return tree;
        var node = new TreeNode(info.Id, info.Region, info.IsRelay) { Version = tree.Version };
        return tree.Put(node).Index(node) with { Orphans = tree.Orphans.Add(info.Id) };
    }

    /// <summary>Hangs <paramref name="child"/> below <paramref name="parent"/>; both are in the tree, and no cycle arises.</summary>
    /// <param name="snapshot">Number of the snapshot under which this was planned.</param>
    public static StreamTree Attach(this StreamTree tree, NodeId child, NodeId parent, string reason, long snapshot)
    {
        if (tree.PathLeadsTo(parent, child)) throw new ArgumentException($"{child} below {parent} would be a cycle.");
        tree = tree.Detach(child);
        var above = tree.Nodes[parent];
        tree = tree.Put(above with { Children = above.Children.Add(child), Booked = above.Booked.Add(snapshot) });
        var node = tree.Nodes[child];
        var standby = node.Standby == parent ? null : node.Standby;
        if (standby != node.Standby) tree = tree.SetStandby(child, null, "");
        node = tree.Nodes[child] with { Parent = parent, Reason = reason, Version = tree.Version, IsLeaving = false };
        tree = tree.Put(node) with
        {
            Orphans = tree.Orphans.Remove(child),
            Gateways = above.Region != node.Region ? tree.Gateways.Add(child) : tree.Gateways,
        };
        return node.Depth == above.Depth + 1 ? tree : tree.Deepen(child, above.Depth + 1);
    }

    /// <summary>Cuts the edge to the parent; what hangs below stays below.</summary>
    public static StreamTree Detach(this StreamTree tree, NodeId child)
    {
        var node = tree.Nodes[child];
        if (node.Parent is not { } parent) return tree;
        var above = tree.Nodes[parent];
        return tree.Put(above with { Children = above.Children.Remove(child) }).Put(node with { Parent = null, Version = tree.Version }) with
        {
            Orphans = child == tree.Root ? tree.Orphans : tree.Orphans.Add(child),
            Gateways = tree.Gateways.Remove(child),
        };
    }

    /// <summary>Sets or, with null, takes away a standby.</summary>
    public static StreamTree SetStandby(this StreamTree tree, NodeId child, NodeId? standby, string reason)
    {
        var node = tree.Nodes[child];
        if (node.Standby == standby && node.StandbyReason == reason) return tree;
        if (node.Standby is { } old && tree.Find(old) is { } before) tree = tree.Put(before with { StandbyFor = before.StandbyFor.Remove(child) });
        if (standby is { } now)
        {
            var after = tree.Nodes[now];
            tree = tree.Put(after with { StandbyFor = after.StandbyFor.Add(child) });
        }

        // Only the reason changed: no command, so no new version.
        var version = node.Standby == standby ? node.Version : tree.Version;
        return tree.Put(node with { Standby = standby, StandbyReason = reason, Version = version });
    }

    /// <summary>Takes a node out; its children become orphans, and whose standby it was has none.</summary>
    public static StreamTree Remove(this StreamTree tree, NodeId id)
    {
        if (tree.Find(id) is not { } node) return tree;
        foreach (var child in node.Children) tree = tree.Detach(child);
        foreach (var child in node.StandbyFor) tree = tree.SetStandby(child, null, "its standby left");
        tree = tree.SetStandby(id, null, "").Detach(id);
        return tree.Unindex(tree.Nodes[id]) with
        {
            Nodes = tree.Nodes.Remove(id),
            Orphans = tree.Orphans.Remove(id),
            Root = tree.Root == id ? null : tree.Root,
        };
    }

    /// <summary>Makes a node of the tree its root; the old root becomes an orphan.</summary>
    public static StreamTree SetRoot(this StreamTree tree, NodeId root)
    {
        if (tree.Root == root) return tree;
        var orphans = tree.Root is { } old ? tree.Orphans.Add(old) : tree.Orphans;
        tree = tree with { Orphans = orphans };
        tree = tree.Detach(root).SetStandby(root, null, "the root has no parent");
        var node = tree.Nodes[root] with { Reason = "publishes", Version = tree.Version };
        tree = tree.Put(node) with { Root = root, Orphans = tree.Orphans.Remove(root) };
        return tree.Deepen(root, 0);
    }

    /// <summary>Marks a node that is being drained.</summary>
    public static StreamTree SetLeaving(this StreamTree tree, NodeId id) => tree.Put(tree.Nodes[id] with { IsLeaving = true });

    /// <summary>Gives the node's place a new version without changing it.</summary>
    public static StreamTree Touch(this StreamTree tree, NodeId id) => tree.Put(tree.Nodes[id] with { Version = tree.Version });

    private static StreamTree Put(this StreamTree tree, TreeNode node) => tree with { Nodes = tree.Nodes.SetItem(node.Id, node) };

    private static StreamTree Deepen(this StreamTree tree, NodeId top, int depth)
    {
        var waiting = new Queue<(NodeId, int)>([(top, depth)]);
        while (waiting.TryDequeue(out var next))
        {
            var node = tree.Nodes[next.Item1];
            if (node.Depth != next.Item2)
            {
                var moved = node with { Depth = next.Item2 };
                tree = tree.Unindex(node).Put(moved).Index(moved);
            }

            foreach (var child in node.Children) waiting.Enqueue((child, next.Item2 + 1));
        }

        return tree;
    }

    private static StreamTree Index(this StreamTree tree, TreeNode node)
    {
        if (!node.IsRelay) return tree;
        var members = tree.Relays.GetValueOrDefault(node.Region, []);
        return tree with { Relays = tree.Relays.SetItem(node.Region, members.Add((node.Depth, node.Id))) };
    }

    private static StreamTree Unindex(this StreamTree tree, TreeNode node)
    {
        if (!node.IsRelay || !tree.Relays.TryGetValue(node.Region, out var members)) return tree;
        members = members.Remove((node.Depth, node.Id));
        return tree with { Relays = members.IsEmpty ? tree.Relays.Remove(node.Region) : tree.Relays.SetItem(node.Region, members) };
    }
}
