using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>
/// Plans trees: snapshots in, plans out. Bounded fan-out by real capacity, least depth, stay in the region, one link per
/// pair of regions, never a cycle, a standby in another failure domain, and rather move nothing.
/// </summary>
/// <remarks>Pure and without state: equal arguments give equal plans in every process.</remarks>
public static partial class TreePlanner
{
    /// <summary>
    /// Finds a place for a viewer: (1) where the request landed if that node carries the stream and has room; (2) else that
    /// node is attached; (3) else a better node, for a 307; (4) else the time to come back.
    /// </summary>
    /// <param name="landing">The node where the request landed.</param>
    /// <param name="viewers">Viewers that node has now; −1 to believe the snapshot.</param>
    /// <param name="seed">Spreads redirects; draw one for each viewer.</param>
    /// <param name="redirected">The viewer was sent here by a 307.</param>
    public static JoinPlan PlanJoin(
        ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId landing, int viewers = -1, ulong seed = 0,
        bool redirected = false, PlannerLimits? limits = null)
    {
        limits ??= PlannerLimits.Default;
        if (tree.Root is null) return new JoinPlan.Refuse(limits.RetryNotPublished, "nobody publishes");
        var node = cluster.Find(landing);
        var region = node is null ? null : cluster.FindRegion(node.Region);
        var verdict = Admission.Decide(node, region, demand, viewers < 0 ? node?.Load.Viewers ?? 0 : viewers, redirected, limits);

        // :: Step 1
        var carries = tree.IsRooted(landing);
        if (verdict == Landing.Here && carries) return new JoinPlan.Serve();

        // :: Step 2
        TreePlan? attached = null;
        if (verdict == Landing.Here)
        {
            attached = PlanAttach(cluster, tree, demand, node!, "a viewer came here", limits);
            if (attached is not null) return new JoinPlan.Attach(attached);
        }

        // :: Step 3
        var better = JoinRedirect.Find(cluster, tree, demand, region, landing, seed, limits);
        if (better is { } target) return new JoinPlan.Redirect(target.Id, Why(verdict, target, node));
        if (verdict == Landing.Rather)
        {
            if (carries) return new JoinPlan.Serve();
            attached = PlanAttach(cluster, tree, demand, node!, "a viewer came here, and no emptier node can take it", limits);
            if (attached is not null) return new JoinPlan.Attach(attached);
        }

        // :: Step 4
        return new JoinPlan.Refuse(limits.RetryFull, "no node that carries or could carry the stream has room");
    }

    /// <summary>Makes a node carry the stream; null when nobody can feed it. A node that carries it already gives an empty plan.</summary>
    public static TreePlan? PlanAttach(
        ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeInfo node, string why, PlannerLimits? limits = null)
    {
        if (tree.IsRooted(node.Id)) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        if (!NodeAttachment.TryAttach(draft, node, why)) return null;
        Healing.MendAfterMoving(draft, tree.Find(node.Id), node.Id);
        return draft.Finish();
    }

    private static string Why(Landing verdict, NodeInfo target, NodeInfo? landing)
    {
        var place = landing is not null && landing.Region == target.Region ? "in the same region" : $"in {target.Region}";
        return verdict switch
        {
            Landing.Rather => $"{target.Id} {place} is emptier",
            Landing.Elsewhere => $"{target.Id} {place} has room",
            _ => $"nobody can feed this node; {target.Id} {place} can serve",
        };
    }
}
