using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>Few moves with a clear gain.</summary>
internal static class Rebalancing
{
    public static void Move(PlanDraft draft, int moves, int tries)
    {
        foreach (var node in draft.Tree.Nodes.Values.OrderByDescending(node => node.Depth).ThenBy(node => node.Id))
        {
            if (moves <= 0 || tries <= 0) return;
            if (node.Parent is not { } parent || draft.Cluster.Find(node.Id) is not { } info) continue;
            var reason = Reason(draft, parent, node);
            if (reason is null) continue;
            tries--;
            var found = new ParentSearch(draft, draft.Limits.PlannedShare, avoid: [parent]).Find(info);
            if (found is not { } better || !IsWorthwhile(draft, draft.Tree.Nodes[node.Id], better, reason)) continue;
            draft.Attach(node.Id, better, reason);
            moves--;
        }
    }

    private const string Overloaded = "its parent was overloaded";
    private const string Shorter = "a shorter way";

    private static string? Reason(PlanDraft draft, NodeId parent, TreeNode node)
    {
        if (draft.Cluster.Find(parent) is { } above && parent != draft.Tree.Root && above.UplinkLeft(draft.Demand, 0) < 1 - draft.Limits.OverloadShare) return Overloaded;
        return node.Depth > draft.Limits.WorthwhileHops ? Shorter : null;
    }

    private static bool IsWorthwhile(PlanDraft draft, TreeNode node, NodeId better, string reason)
    {
        var depth = draft.Tree.Nodes[better].Depth + 1;
        if (draft.Tree.Nodes[better].Region != node.Region && draft.Tree.Nodes[node.Parent!.Value].Region == node.Region) return false;
        return reason == Overloaded ? depth <= node.Depth + 1 : depth <= node.Depth - draft.Limits.WorthwhileHops;
    }
}
