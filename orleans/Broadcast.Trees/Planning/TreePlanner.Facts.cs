using System.Collections.Immutable;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

public static partial class TreePlanner
{
    /// <summary>
    /// A node is fed by <paramref name="parent"/>, planned or not. If the rules allow it, that becomes the plan, for what runs is
    /// not moved; if not, the node gets a place again under a new version.
    /// </summary>
    /// <param name="avoid">Parents that the node cannot get.</param>
    public static TreePlan PlanActual(
        ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId node, NodeId parent, ImmutableSortedSet<NodeId> avoid, PlannerLimits? limits = null)
    {
        if (cluster.Find(node) is not { } info || tree.Root is null || tree.Root == node) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        var search = new ParentSearch(draft, draft.Limits.HealingShare, useReserve: true, fedBy: parent);
        var known = tree.Find(node);
        if (search.Allows(parent, info))
        {
            draft.Add(info);
            draft.Attach(node, parent, known is null ? "was linked so already" : "went there by itself");
        }
        else if (known is { Parent: { } planned } && avoid.Contains(planned))
        {
            return PlanElsewhere(cluster, tree, demand, node, avoid, limits);
        }
        else if (known is { Parent: not null })
        {
            draft.Touch(node);
        }
        else if (!NodeAttachment.TryAttach(draft, info, $"could not stay with {parent}"))
        {
            return TreePlan.Nothing(tree);
        }

        Healing.MendAfterMoving(draft, known, node);
        return draft.Finish();
    }

    /// <summary>A node cannot get its parent: it gets another, none of <paramref name="avoid"/>. When there is none it is told the same again.</summary>
    public static TreePlan PlanElsewhere(
        ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId node, ImmutableSortedSet<NodeId> avoid, PlannerLimits? limits = null)
    {
        if (cluster.Find(node) is not { } info || tree.Find(node) is not { } known || tree.Root == node) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        var search = new ParentSearch(draft, draft.Limits.HealingShare, avoid, useReserve: true);
        if (known.Standby is { } standby && !avoid.Contains(standby) && search.Allows(standby, info)) draft.Attach(node, standby, "could not get its parent: its standby takes over");
        else if (search.Find(info) is { } parent) draft.Attach(node, parent, "could not get its parent");
        else if (known.Parent is not null) draft.Touch(node);
        Healing.MendStandbys(draft);
        return draft.Finish();
    }

    /// <summary>A node may have forgotten its place, for it started anew: it is told again.</summary>
    public static TreePlan PlanAgain(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId node, PlannerLimits? limits = null)
    {
        if (tree.Find(node) is null || tree.Root == node) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        draft.Touch(node);
        return draft.Finish();
    }

    /// <summary>A node cannot get its standby: it gets another or none.</summary>
    public static TreePlan PlanOtherStandby(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId node, PlannerLimits? limits = null)
    {
        if (tree.Find(node) is not { Standby: { } lost }) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        StandbySearch.Assign(draft, node, avoid: lost);
        return draft.Finish();
    }
}
