using System.Collections.Immutable;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>Finds who feeds a node: in its own region, else across the one crossing a pair of regions may have; least depth first.</summary>
/// <param name="draft">The tree so far.</param>
/// <param name="share">How full a parent's uplink may become, 0 to 1.</param>
/// <param name="avoid">Not these, usually the parent of before.</param>
/// <param name="useReserve">Also places that are kept for children who relay on.</param>
/// <param name="fedBy">Who feeds the child already, planned or not: its measured load has it.</param>
internal readonly struct ParentSearch(PlanDraft draft, double share, ImmutableSortedSet<NodeId>? avoid = null, bool useReserve = false, NodeId? fedBy = null)
{
    private readonly PlanDraft _draft = draft;

    /// <summary>The best parent for <paramref name="child"/>, which may have a subtree; null when nobody can take it.</summary>
    public NodeId? Find(NodeInfo child) => InRegion(child, child.Region)?.Id ?? AcrossRegions(child);

    /// <summary>The best parent in the child's own region.</summary>
    public NodeId? FindNear(NodeInfo child) => InRegion(child, child.Region)?.Id;

    /// <summary>The best parent abroad.</summary>
    public NodeId? FindFar(NodeInfo child) => AcrossRegions(child);

    /// <summary>Whether <paramref name="parent"/> can feed <paramref name="child"/> in every respect.</summary>
    public bool Allows(NodeId parent, NodeInfo child) =>
        _draft.Cluster.Find(parent) is { } info
        && _draft.Tree.Find(parent) is { } node
        && HasRoom(info, node, child)
        && (info.Region == child.Region || CrossingIsFree(info.Region, child))
        && IsSound(node, child.Id);

    private Found? InRegion(NodeInfo child, string region)
    {
        var tree = _draft.Tree;
        Found? best = null;
        if (tree.Root is { } root && tree.Nodes[root] is { } top && top.Region == region) Consider(top, child, ref best);
        if (best is not null || !tree.Relays.TryGetValue(region, out var members)) return best;

        // Ascending depth: the first depth at which anybody fits is the one.
        var compared = 0;
        foreach (var (depth, id) in members)
        {
            if (best is { } found && (depth > found.Depth || compared >= _draft.Limits.ComparedParents)) break;
            if (Consider(tree.Nodes[id], child, ref best)) compared++;
        }

        return best;
    }

    private NodeId? AcrossRegions(NodeInfo child)
    {
        Found? best = null;
        foreach (var region in _draft.Tree.Relays.Keys)
        {
            if (region == child.Region || !CrossingIsFree(region, child)) continue;
            if (InRegion(child, region) is { } found && (best is not { } other || found.IsBetterThan(other))) best = found;
        }

        // A root that may not relay is in no index of relays; as the root it feeds all the same.
        if (_draft.Tree.Root is { } root && _draft.Tree.Nodes[root] is { IsRelay: false } top && top.Region != child.Region && CrossingIsFree(top.Region, child))
        {
            Consider(top, child, ref best);
        }

        return best?.Id;
    }

    private bool Consider(TreeNode node, NodeInfo child, ref Found? best)
    {
        if (avoid is not null && avoid.Contains(node.Id)) return false;
        if (node.Depth >= _draft.Limits.MaxDepth || _draft.Cluster.Find(node.Id) is not { } info || !HasRoom(info, node, child)) return false;
        var candidate = new Found(node.Id, node.Depth, info.UplinkLeft(_draft.Demand, node.Unseen(info, _draft.Cluster.Number) + 1));
        if (best is { } other && !candidate.IsBetterThan(other)) return true;
        if (!IsSound(node, child.Id)) return false;
        best = candidate;
        return true;
    }

    // The cheapest test first.
    private bool HasRoom(NodeInfo info, TreeNode node, NodeInfo child)
    {
        var isRoot = node.Id == _draft.Tree.Root;
        if (info.State != NodeState.Up && !(isRoot && info.State == NodeState.Suspect)) return false;
        if ((!info.IsRelay && !isRoot) || node.IsLeaving) return false;
        var isChild = node.Children.Contains(child.Id);
        var isFed = isChild || node.Id == fedBy;
        var booked = node.Unseen(info, _draft.Cluster.Number);

        // Children of all streams: measured and booked, but no fewer than this tree says.
        var slots = Math.Max(node.Children.Count - (isChild ? 1 : 0), info.Load.Children + booked - (isFed ? 1 : 0));
        if (slots + 1 > info.Capacity.MaxChildren - (useReserve ? 0 : Reserve(info, node, isRoot, child))) return false;
        if (info.Load.CpuBusy > Math.Max(share, _draft.Limits.BusyShare)) return false;
        return info.UplinkLeft(_draft.Demand, booked + (isFed ? 0 : 1)) >= 1 - share - 1e-9;
    }

    /// <summary>
    /// Places kept: anywhere for relays, so that the tree can grow; at the root, so that it stays flat, up to half of them for the
    /// regions to come and the other half for its own region.
    /// </summary>
    private int Reserve(NodeInfo info, TreeNode node, bool isRoot, NodeInfo child)
    {
        var forRelays = RelaysOn(child) ? 0 : (int)Math.Ceiling(info.Capacity.MaxChildren * _draft.Limits.RelayReserve);
        if (!isRoot) return forRelays;
        var half = info.Capacity.MaxChildren / 2;
        if (child.Region == info.Region)
        {
            var regions = Math.Max(0, _draft.Cluster.Regions.Count - 1 - _draft.Tree.Gateways.Count);
            return Math.Max(forRelays, Math.Min(regions, half));
        }

        var tree = _draft.Tree;
        var own = node.Children.Count - tree.Gateways.Count(gateway => tree.Nodes[gateway].Parent == node.Id);
        var others = (_draft.Cluster.FindRegion(info.Region)?.Nodes.Count ?? 1) - 1;
        return Math.Max(forRelays, Math.Min(others, half) - own);
    }

    /// <summary>A child that can feed at least two others makes the tree no narrower.</summary>
    internal static bool RelaysOn(NodeInfo node) => node.IsRelay && node.Capacity.MaxChildren >= 2 && node.State == NodeState.Up;

    private bool IsSound(TreeNode parent, NodeId child) =>
        parent.Id != child && _draft.Tree.IsRooted(parent.Id) && !_draft.Tree.PathLeadsTo(parent.Id, child);

    // What is being drained gives its crossing up, so it does not count.
    private bool CrossingIsFree(string from, NodeInfo child)
    {
        foreach (var gateway in _draft.Tree.Gateways)
        {
            var node = _draft.Tree.Nodes[gateway];
            if (gateway == child.Id || node.IsLeaving) continue;
            var above = _draft.Tree.Nodes[node.Parent!.Value].Region;
            if ((node.Region == child.Region && above == from) || (node.Region == from && above == child.Region)) return false;
        }

        return true;
    }

    private readonly record struct Found(NodeId Id, int Depth, double Left)
    {
        public bool IsBetterThan(Found other) =>
            Depth != other.Depth ? Depth < other.Depth : Left != other.Left ? Left > other.Left : Id < other.Id;
    }
}
