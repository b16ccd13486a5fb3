using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>Finds the node of a 307: in the region by its room, else any that carries the stream, else another region.</summary>
internal static class JoinRedirect
{
    private const int Tries = 4;

    public static NodeInfo? Find(
        ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, RegionIndex? home, NodeId landing, ulong seed, PlannerLimits limits)
    {
        if (home is not null && InRegion(cluster, tree, demand, home, landing, seed, limits) is { } near) return near;
        if (tree.Root is not { } root) return null;

        // The publisher's region first: it carries the stream for certain.
        var first = cluster.Find(root)?.Region;
        foreach (var region in cluster.Regions.Where(region => region != home).OrderBy(region => region.Name != first).ThenBy(region => region.Name, StringComparer.Ordinal))
        {
            if (InRegion(cluster, tree, demand, region, landing, seed, limits) is { } far) return far;
        }

        return null;
    }

    private static NodeInfo? InRegion(
        ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, RegionIndex region, NodeId landing, ulong seed, PlannerLimits limits)
    {
        for (var i = 0; i < Tries; i++)
        {
            if (region.PickEdge(seed + (ulong)i) is not { } node) break;
            if (node.Id != landing && CanServe(cluster, tree, demand, region, node, limits)) return node;
        }

        // Nearly full: one after the other, from a place that differs from viewer to viewer.
        var count = region.Nodes.Count;
        for (var i = 0; i < count; i++)
        {
            var node = region.Nodes[(int)((seed + (ulong)i) % (ulong)count)];
            if (node.Id != landing && tree.IsRooted(node.Id) && CanServe(cluster, tree, demand, region, node, limits)) return node;
        }

        return null;
    }

    private static bool CanServe(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, RegionIndex region, NodeInfo node, PlannerLimits limits) =>
        Admission.Decide(node, region, demand, node.Load.Viewers, redirected: true, limits) == Landing.Here
        && (tree.IsRooted(node.Id) || NodeAttachment.IsPossible(new PlanDraft(cluster, tree, demand, limits), node));
}
