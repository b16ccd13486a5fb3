using System.Globalization;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

public static partial class TreePlanner
{
    private const int TriedMoves = 64;

    /// <summary>
    /// Moves what is clearly badly placed, at most <paramref name="moves"/> nodes: orphans; who hangs on an overloaded parent;
    /// who could hang at least <see cref="PlannerLimits.WorthwhileHops"/> nearer to the root. Everything else stays.
    /// </summary>
    public static TreePlan Rebalance(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, int moves = 4, PlannerLimits? limits = null)
    {
        if (tree.Root is null) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        Healing.HealOrphans(draft);
        Rebalancing.Move(draft, moves, TriedMoves);
        Healing.MendStandbys(draft);
        return draft.Finish();
    }

    /// <summary>Attaches up to <paramref name="count"/> more nodes of a region before their viewers come; for hot streams.</summary>
    public static TreePlan PreWarm(
        ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, string region, int count, PlannerLimits? limits = null)
    {
        if (tree.Root is null || cluster.FindRegion(region) is not { } index) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        foreach (var node in index.Nodes.Where(node => node.IsOpenEdge && tree.Find(node.Id) is null).OrderBy(node => node.ViewerShare).ThenBy(node => node.Id))
        {
            if (count-- <= 0) break;
            if (!NodeAttachment.TryAttach(draft, node, "the stream is hot: ahead of its viewers")) break;
            StandbySearch.Assign(draft, node.Id);
        }

        return draft.Finish();
    }

    /// <summary>How many nodes a region should have, for autoscalers.</summary>
    public static ScaleSignal WantedNodes(ClusterSnapshot cluster, string region, PlannerLimits? limits = null)
    {
        limits ??= PlannerLimits.Default;
        if (cluster.FindRegion(region) is not { } index) return new ScaleSignal(region, 0, 0, "no node is there");
        var edges = index.Nodes.Where(node => node.IsOpenEdge).ToArray();
        if (edges.Length == 0) return new ScaleSignal(region, 0, 1, "no node there takes viewers");

        // Viewers on nodes that are leaving need a place as well.
        var viewers = Share(index.Nodes.Sum(node => (double)node.Load.Viewers), edges.Sum(node => (double)node.Capacity.Viewers));
        var bits = Share(index.Nodes.Sum(node => node.Load.BitsPerSecond), edges.Sum(node => node.Capacity.BitsPerSecond));
        var cpu = edges.Average(node => node.Load.CpuBusy);
        var (busiest, name) = viewers >= bits && viewers >= cpu ? (viewers, "viewer places") : bits >= cpu ? (bits, "uplink") : (cpu, "processors");
        var wanted = Math.Clamp((int)Math.Ceiling(edges.Length * busiest / limits.WantedShare), 1, edges.Length * 4);
        return new ScaleSignal(region, edges.Length, wanted, string.Create(CultureInfo.InvariantCulture, $"{busiest * 100:F0} % of the {name} used, {limits.WantedShare * 100:F0} % wanted"));
    }

    private static double Share(double used, double capacity) => capacity > 0 ? used / capacity : 1;
}
