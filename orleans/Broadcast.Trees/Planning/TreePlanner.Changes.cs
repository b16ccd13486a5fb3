using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

public static partial class TreePlanner
{
    /// <summary>
    /// A node is gone: its children go to their standbys, else to whom the search finds. Was it the root, all stay where they
    /// are and wait for the new epoch.
    /// </summary>
    public static TreePlan PlanFailure(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId node, PlannerLimits? limits = null)
    {
        if (tree.Find(node) is null) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        draft.Remove(node);
        Healing.HealOrphans(draft);
        Healing.MendStandbys(draft);
        return draft.Finish();
    }

    /// <summary>A node no longer needs the stream. One that feeds others, and the root, stay.</summary>
    public static TreePlan PlanLeave(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId node, PlannerLimits? limits = null)
    {
        if (tree.Find(node) is not { Children.IsEmpty: true } || tree.Root == node) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        var lonely = tree.Nodes[node].StandbyFor;
        draft.Remove(node);
        foreach (var other in lonely) StandbySearch.Assign(draft, other);
        return draft.Finish();
    }

    /// <summary>
    /// A node is to end: its children move, make-before-break; it stays as a leaf until its viewers have moved. A child for
    /// whom there is no other place stays with it. The root's children stay until the publisher has moved.
    /// </summary>
    /// <param name="cluster">Says that the node is draining; otherwise it might be chosen again.</param>
    public static TreePlan PlanDrain(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId node, PlannerLimits? limits = null)
    {
        if (tree.Find(node) is not { } draining || tree.Root == node) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        draft.SetLeaving(node);
        Healing.Evacuate(draft, draining, "its parent is being drained");
        Healing.MendStandbys(draft);
        return draft.Finish();
    }

    /// <summary>A drain was called off: the node becomes an ordinary one again, near if another now has its crossing.</summary>
    public static TreePlan PlanReturn(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId node, PlannerLimits? limits = null)
    {
        if (tree.Find(node) is not { IsLeaving: true } || cluster.Find(node) is not { State: NodeState.Up } info) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        if (new ParentSearch(draft, draft.Limits.HealingShare, useReserve: true).Find(info) is not { } parent) return TreePlan.Nothing(tree);
        draft.Attach(node, parent, "its drain was called off");
        Healing.MendStandbys(draft);
        return draft.Finish();
    }

    /// <summary>
    /// The publisher is at <paramref name="root"/> with a higher epoch: the old root, if it lives, hangs below the new one
    /// with all it has; others move only where a crossing became needless or the old root is gone.
    /// </summary>
    public static TreePlan PlanNewRoot(
        ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, NodeId root, StreamEpoch epoch, PlannerLimits? limits = null)
    {
        if (epoch <= tree.Epoch || cluster.Find(root) is not { } info) return TreePlan.Nothing(tree);
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        draft.Add(info);
        draft.Begin(epoch);
        draft.SetRoot(root);
        Healing.CloseCrossingsInto(draft, info.Region);
        Healing.HealOrphans(draft);
        Healing.MendStandbys(draft);
        return draft.Finish();
    }

    /// <summary>Gives everybody a good standby; one that is good stays.</summary>
    public static TreePlan PlanStandbys(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, PlannerLimits? limits = null)
    {
        var draft = new PlanDraft(cluster, tree, demand, limits ?? PlannerLimits.Default);
        Healing.MendStandbys(draft);
        return draft.Finish();
    }

    /// <summary>Two trees of one stream end as one: the higher epoch stays, and who hangs only in the other is attached to it.</summary>
    public static TreePlan Merge(ClusterSnapshot cluster, StreamTree a, StreamTree b, StreamDemand demand, PlannerLimits? limits = null)
    {
        var (winner, loser) = (a.Epoch, a.Version).CompareTo((b.Epoch, b.Version)) >= 0 ? (a, b) : (b, a);
        var draft = new PlanDraft(cluster, winner with { Version = Math.Max(winner.Version, loser.Version) }, demand, limits ?? PlannerLimits.Default);
        foreach (var id in loser.Nodes.Keys)
        {
            if (winner.Find(id) is not null || cluster.Find(id) is not { State: not NodeState.Gone } info) continue;
            if (!NodeAttachment.TryAttach(draft, info, "came from the tree of an older epoch")) continue;
            StandbySearch.Assign(draft, id);
        }

        Healing.HealOrphans(draft);
        return draft.Finish();
    }
}
