using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>Whether a viewer stays where the request landed.</summary>
public enum Landing
{
    /// <summary>Here.</summary>
    Here,

    /// <summary>Rather elsewhere: others in the region are emptier.</summary>
    Rather,

    /// <summary>Not here: full, draining, or no place for viewers.</summary>
    Elsewhere,
}

/// <summary>The part of a join that a node decides alone, from its own count and the last snapshot; it asks nobody.</summary>
public static class Admission
{
    /// <summary>Decides.</summary>
    /// <param name="node">Where the request landed; null when the snapshot does not know it.</param>
    /// <param name="region">The node's region in the snapshot.</param>
    /// <param name="viewers">Viewers that the node has now, which is more than the snapshot knows.</param>
    /// <param name="redirected">The viewer was sent here: it stays if at all possible, so that nobody is sent to and fro.</param>
    public static Landing Decide(NodeInfo? node, RegionIndex? region, StreamDemand demand, int viewers, bool redirected, PlannerLimits limits)
    {
        if (node is null || region is null || !node.IsOpenEdge) return Landing.Elsewhere;
        if (viewers >= node.Capacity.Viewers) return Landing.Elsewhere;
        if (node.UplinkLeft(demand, 1 + Math.Max(0, viewers - node.Load.Viewers)) < 0) return Landing.Elsewhere;
        if (redirected) return Landing.Here;
        var share = (double)viewers / node.Capacity.Viewers;
        return share < limits.ServeBelow || share <= region.MeanViewerShare * RegionIndex.Tolerance ? Landing.Here : Landing.Rather;
    }
}
