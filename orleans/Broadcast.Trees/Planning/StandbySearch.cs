using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>
/// Finds standbys: never the parent, never below the child, in another failure domain than the parent where there is one,
/// and such that all who lose one parent can go over at once without a cycle.
/// </summary>
/// <remarks>
/// All nodes of a region hang below its gateway. When that dies, one of its children (the deputy) must go abroad, and the
/// others go to the deputy. So a way up from a standby that ends at the lost parent goes on from the standby of the sibling
/// through which it came.
/// </remarks>
internal static class StandbySearch
{
    private const int Compared = 8;
    private const int MaxSteps = 64;

    /// <summary>How well a standby replaces the parent; lower is better, from <see cref="Useless"/> on it does not.</summary>
    private enum Quality
    {
        /// <summary>Its way to the root avoids the parent.</summary>
        Direct,

        /// <summary>Its way leads through a sibling that has a standby elsewhere.</summary>
        BySibling,

        /// <summary>The parent is the root: nothing replaces the source, only the link to it.</summary>
        LinkOnly,
        Useless,
    }

    /// <summary>Keeps the node's standby if it is still good, else chooses one or none.</summary>
    /// <param name="avoid">Not this one.</param>
    public static void Assign(PlanDraft draft, NodeId id, NodeId? avoid = null)
    {
        if (draft.Tree.Find(id) is not { } node) return;
        if (node.Parent is not { } parent || draft.Cluster.Find(id) is not { } info || draft.Cluster.Find(parent) is not { } above)
        {
            if (node.Standby is not null) draft.SetStandby(id, null, "no parent to stand by for");
            return;
        }

        // Its places are counted without the child that has it already.
        if (node.Standby is { } current && current != avoid && draft.Cluster.Find(current) is { } now && !now.SharesZoneWith(above) && IsGood(draft, node, parent, now)) return;
        if (Find(draft, node, info, above, avoid) is { } found)
        {
            if (found.Id != node.Standby) draft.SetStandby(id, found.Id, Explain(found, above));
            return;
        }

        draft.SetStandby(id, null, "no standby: nobody else can replace this parent");
    }

    /// <summary>Whether a standby would do for a child of <paramref name="parent"/>.</summary>
    public static bool IsGood(PlanDraft draft, TreeNode child, NodeId parent, NodeInfo standby) =>
        CanStandBy(draft, child, parent, standby) && Rate(draft.Tree, child.Id, parent, standby.Id).Quality < Quality.Useless;

    /// <summary>Near first; abroad only for those whom nobody near can help, which are gateways and their deputies.</summary>
    private static Rated? Find(PlanDraft draft, TreeNode child, NodeInfo info, NodeInfo parent, NodeId? avoid) =>
        Best(draft, child, parent, info.Region, avoid) ?? Abroad(draft, child, info, parent, avoid);

    private static Rated? Abroad(PlanDraft draft, TreeNode child, NodeInfo info, NodeInfo parent, NodeId? avoid)
    {
        Rated? best = null;
        foreach (var region in draft.Tree.Relays.Keys)
        {
            if (region == info.Region || Best(draft, child, parent, region, avoid) is not { } found) continue;
            if (best is not { } other || found.IsBetterThan(other)) best = found;
        }

        return best;
    }

    private static Rated? Best(PlanDraft draft, TreeNode child, NodeInfo parent, string region, NodeId? avoid)
    {
        if (!draft.Tree.Relays.TryGetValue(region, out var members)) return null;
        Rated? best = null;
        var compared = 0;
        foreach (var (_, id) in members)
        {
            if (id == avoid || draft.Cluster.Find(id) is not { } candidate || !CanStandBy(draft, child, parent.Id, candidate)) continue;
            var (quality, siblings) = Rate(draft.Tree, child.Id, parent.Id, id);
            if (quality == Quality.Useless) continue;
            var node = draft.Tree.Nodes[id];
            var rated = new Rated(id, candidate.SharesZoneWith(parent), quality, siblings, id != child.Standby, node.StandbyFor.Count, node.Depth, candidate.Zone);
            if (best is not { } other || rated.IsBetterThan(other)) best = rated;
            if (!rated.SharesZone && quality < Quality.LinkOnly && ++compared >= Compared) break;
        }

        return best;
    }

    private static bool CanStandBy(PlanDraft draft, TreeNode child, NodeId parent, NodeInfo standby)
    {
        if (standby.Id == child.Id || standby.Id == parent || standby.State != NodeState.Up || !standby.IsRelay) return false;
        if (draft.Tree.Find(standby.Id) is not { IsLeaving: false } node || standby.Load.CpuBusy >= 1) return false;
        var booked = node.Unseen(standby, draft.Cluster.Number);
        var places = standby.Capacity.MaxChildren - Math.Max(node.Children.Count, standby.Load.Children + booked);
        if (places <= 0 || standby.UplinkLeft(draft.Demand, booked + 1) < 0) return false;
        if (node.StandbyFor.Count < places) return true;

        // One parent's death at a time: only those who would come together must find a place together.
        var others = node.StandbyFor.Count(other => other != child.Id && draft.Tree.Nodes[other].Parent == parent);
        return others < places;
    }

    /// <summary>How good, and over how many siblings the way leads: each has to find its own standby first.</summary>
    private static (Quality Quality, int Siblings) Rate(StreamTree tree, NodeId child, NodeId lost, NodeId standby)
    {
        var at = standby;
        var siblings = 0;
        for (var step = 0; step < MaxSteps; step++)
        {
            if (at == child) return (Quality.Useless, 0);
            if (at == tree.Root) return (siblings > 0 ? Quality.BySibling : Quality.Direct, siblings);
            if (tree.Find(at) is not { Parent: { } above } node) return (Quality.Useless, 0);
            if (above != lost)
            {
                at = above;
                continue;
            }

            siblings++;
            if (node.Standby is not { } next) return (lost == tree.Root ? Quality.LinkOnly : Quality.Useless, siblings);
            at = next;
        }

        return (Quality.Useless, 0);
    }

    private static string Explain(Rated found, NodeInfo parent)
    {
        var place = found.SharesZone ? $"standby in the parent's zone {found.Zone}, for there is no other" : $"standby in zone {found.Zone}, the parent is in {parent.Zone}";
        return found.Quality switch
        {
            Quality.BySibling => place + ", by a sibling with a way of its own",
            Quality.LinkOnly => place + ", for the link only: the parent is the source",
            _ => place,
        };
    }

    private readonly record struct Rated(NodeId Id, bool SharesZone, Quality Quality, int Siblings, bool IsNew, int Load, int Depth, string Zone)
    {
        public bool IsBetterThan(Rated other) => Compare(other) < 0;

        private int Compare(Rated other)
        {
            var order = SharesZone.CompareTo(other.SharesZone);
            if (order == 0) order = Quality.CompareTo(other.Quality);
            if (order == 0) order = Siblings.CompareTo(other.Siblings);
            if (order == 0) order = IsNew.CompareTo(other.IsNew);
            if (order == 0) order = Load.CompareTo(other.Load);
            if (order == 0) order = Depth.CompareTo(other.Depth);
            return order == 0 ? Id.CompareTo(other.Id) : order;
        }
    }
}
