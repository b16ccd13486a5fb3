using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Server.Cluster;

/// <summary>How many nodes each region should have.</summary>
internal static class Scale
{
    /// <summary>By the name of the region. A node of which nothing is known yet has none.</summary>
    public static IEnumerable<ScaleSignal> Signals(ClusterSnapshot cluster) =>
        cluster.Regions.Where(region => region.Name.Length > 0).Select(region => TreePlanner.WantedNodes(cluster, region.Name));
}
