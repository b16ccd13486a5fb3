using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>New parents for those who lost theirs or are about to.</summary>
internal static class Healing
{
    /// <summary>
    /// Hangs orphans with all below them elsewhere: (1) to their standbys, as they do by themselves; (2) else, relays first,
    /// to whom the search finds. Who finds nobody stays an orphan.
    /// </summary>
    public static void HealOrphans(PlanDraft draft)
    {
        if (draft.Tree.Root is null || draft.Tree.Orphans.IsEmpty) return;
        var search = new ParentSearch(draft, draft.Limits.HealingShare, useReserve: true);
        TakeStandbys(draft, search);

        // :: Step 2
        foreach (var info in draft.Tree.Orphans.Select(draft.Cluster.Find).OfType<NodeInfo>().OrderBy(node => node, WidestFirst.Instance).ToArray())
        {
            if (!draft.Tree.Orphans.Contains(info.Id)) continue;
            if (search.Find(info) is { } parent) draft.Attach(info.Id, parent, "its parent is gone");
            else if (!NodeAttachment.TryAttach(draft, info, "its parent is gone")) continue;
            TakeStandbys(draft, search);
        }
    }

    /// <summary>Moves the children of a node that is still there.</summary>
    public static void Evacuate(PlanDraft draft, TreeNode node, string why)
    {
        // Planned room first, then any: a child that stays would fall with its parent.
        foreach (var share in (ReadOnlySpan<double>)[draft.Limits.PlannedShare, draft.Limits.HealingShare])
        {
            var search = new ParentSearch(draft, share, avoid: [node.Id], useReserve: true);
            foreach (var info in draft.Tree.Nodes[node.Id].Children.Select(draft.Cluster.Find).OfType<NodeInfo>().OrderBy(child => child, WidestFirst.Instance))
            {
                var standby = draft.Tree.Nodes[info.Id].Standby;
                if (standby is { } warm && search.Allows(warm, info)) draft.Attach(info.Id, warm, why + ": its standby takes over");
                else if (search.Find(info) is { } parent) draft.Attach(info.Id, parent, why);
            }
        }
    }

    /// <summary>No link needs to enter the root's region.</summary>
    public static void CloseCrossingsInto(PlanDraft draft, string region)
    {
        var search = new ParentSearch(draft, draft.Limits.HealingShare, useReserve: true);
        foreach (var gateway in draft.Tree.Gateways)
        {
            if (draft.Tree.Nodes[gateway].Region != region || draft.Cluster.Find(gateway) is not { } info) continue;
            if (search.FindNear(info) is { } parent) draft.Attach(gateway, parent, "the publisher is in this region now");
        }
    }

    /// <summary>Replaces standbys that a move has made useless, and finds some for those without.</summary>
    public static void MendStandbys(PlanDraft draft)
    {
        if (draft.Tree.Root is not { } root) return;
        foreach (var id in draft.Tree.Subtree(root))
        {
            if (id != root) StandbySearch.Assign(draft, id);
        }
    }

    /// <summary>The same after one node moved; where nobody depends on it, only its own standby can have become bad.</summary>
    public static void MendAfterMoving(PlanDraft draft, TreeNode? before, NodeId node)
    {
        if (before is null or { Children.IsEmpty: true, StandbyFor.IsEmpty: true }) StandbySearch.Assign(draft, node);
        else MendStandbys(draft);
    }

    private static void TakeStandbys(PlanDraft draft, ParentSearch search)
    {
        // One that takes its standby may root the standby of another, so until nothing changes.
        for (var progress = true; progress;)
        {
            progress = false;
            foreach (var id in draft.Tree.Orphans)
            {
                if (draft.Tree.Nodes[id].Standby is not { } standby || draft.Cluster.Find(id) is not { } info || !search.Allows(standby, info)) continue;
                draft.Attach(id, standby, "its standby took over");
                progress = true;
            }
        }
    }

    /// <summary>Who can feed most comes first, so that others find a place below.</summary>
    private sealed class WidestFirst : IComparer<NodeInfo>
    {
        public static readonly WidestFirst Instance = new();

        public int Compare(NodeInfo? x, NodeInfo? y)
        {
            var order = Width(y!).CompareTo(Width(x!));
            return order == 0 ? x!.Id.CompareTo(y!.Id) : order;
        }

        private static int Width(NodeInfo node) => node.IsRelay ? node.Capacity.MaxChildren : 0;
    }
}
