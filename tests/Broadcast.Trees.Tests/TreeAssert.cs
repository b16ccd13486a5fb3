using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Tests;

/// <summary>What must be true of every planned tree, whatever happened.</summary>
internal static class TreeAssert
{
    /// <summary>Null, or which rule is broken.</summary>
    public static string? Broken(StreamTree tree, ClusterSnapshot cluster) =>
        Lists(tree) ?? Cycles(tree) ?? FanOut(tree, cluster) ?? Standbys(tree) ?? Crossings(tree);

    public static void Sound(StreamTree tree, ClusterSnapshot cluster) => Assert.Null(Broken(tree, cluster));

    private static string? Lists(StreamTree tree)
    {
        foreach (var (id, node) in tree.Nodes)
        {
            if (node.Parent is { } parent && tree.Find(parent)?.Children.Contains(id) != true) return $"{parent} does not list its child {id}";
            if (node.Standby is { } standby && tree.Find(standby)?.StandbyFor.Contains(id) != true) return $"{standby} does not list {id}, whose standby it is";
            foreach (var child in node.Children)
            {
                if (tree.Find(child)?.Parent != id) return $"{id} lists {child}, which has another parent";
            }

            foreach (var child in node.StandbyFor)
            {
                if (tree.Find(child)?.Standby != id) return $"{id} lists {child}, which has another standby";
            }

            var isOrphan = node.Parent is null && id != tree.Root;
            if (isOrphan != tree.Orphans.Contains(id)) return $"{id} is wrongly listed as an orphan or not";
            if (tree.IsRooted(id) && node.Depth != Depth(tree, id)) return $"{id} has depth {Depth(tree, id)}, not {node.Depth}";
            var crosses = node.Parent is { } above && tree.Nodes[above].Region != node.Region;
            if (crosses != tree.Crossings.Contains(id)) return $"{id} is wrongly listed as a gateway or not";
        }

        return null;
    }

    private static string? Cycles(StreamTree tree)
    {
        foreach (var id in tree.Nodes.Keys)
        {
            var seen = new HashSet<NodeId>();
            for (NodeId? at = id; at is { } here; at = tree.Nodes[here].Parent)
            {
                if (!seen.Add(here)) return $"{here} is above itself";
            }
        }

        return null;
    }

    private static string? FanOut(StreamTree tree, ClusterSnapshot cluster)
    {
        foreach (var (id, node) in tree.Nodes)
        {
            if (node.Children.IsEmpty || cluster.Find(id) is not { } info) continue;
            if (node.Children.Count > info.Capacity.MaxChildren) return $"{id} feeds {node.Children.Count} of {info.Capacity.MaxChildren}";
            if (!info.IsRelay && id != tree.Root) return $"{id} feeds others and is no relay";
        }

        return null;
    }

    private static string? Standbys(StreamTree tree)
    {
        foreach (var (id, node) in tree.Nodes)
        {
            if (node.Standby is not { } standby) continue;
            if (standby == node.Parent) return $"{id} has its parent as standby";
            if (standby == id) return $"{id} is its own standby";
            if (tree.IsRooted(id) && tree.PathLeadsTo(standby, id)) return $"{standby} is below {id}, whose standby it is";
        }

        return tree.Root is null ? null : SimultaneousTakeovers(tree);
    }

    /// <summary>Whoever dies: all its children take their standbys at once, and nobody is above itself then.</summary>
    private static string? SimultaneousTakeovers(StreamTree tree)
    {
        foreach (var (lost, node) in tree.Nodes)
        {
            if (node.Children.IsEmpty || !tree.IsRooted(lost)) continue;
            NodeId? Above(NodeId id) => tree.Nodes[id].Parent == lost ? tree.Nodes[id].Standby : tree.Nodes[id].Parent;
            foreach (var child in node.Children)
            {
                var seen = new HashSet<NodeId>();
                for (NodeId? at = child; at is { } here; at = Above(here))
                {
                    if (!seen.Add(here)) return $"when {lost} dies, {here} would be above itself";
                }
            }
        }

        return null;
    }

    private static string? Crossings(StreamTree tree)
    {
        var pairs = new HashSet<(string, string)>();
        foreach (var id in tree.Crossings)
        {
            var (near, far) = (tree.Nodes[id].Region, tree.Nodes[tree.Nodes[id].Parent!.Value].Region);
            if (tree.Nodes[id].IsLeaving) continue;
            var pair = string.CompareOrdinal(near, far) < 0 ? (near, far) : (far, near);
            if (!pairs.Add(pair)) return $"{near} and {far} are linked twice";
        }

        return null;
    }

    private static int Depth(StreamTree tree, NodeId id)
    {
        var depth = 0;
        for (var at = tree.Nodes[id].Parent; at is { } here; at = tree.Nodes[here].Parent) depth++;
        return depth;
    }
}
