using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>Hangs a node into the tree; where its region has no fitting relay, one is put before it.</summary>
internal static class NodeAttachment
{
    private const int TriedRelays = 8;

    /// <summary>Whether anybody could feed the node as things are; says nothing about relays put before it.</summary>
    public static bool IsPossible(PlanDraft draft, NodeInfo node) => new ParentSearch(draft, draft.Limits.PlannedShare).Find(node) is not null;

    /// <summary>
    /// Attaches: (1) near; (2) with a regional relay before it, if the node itself could not feed a region;
    /// (3) across a crossing; (4) into places that are kept for relays, when there is no relay to take them.
    /// </summary>
    /// <returns>False, with the draft as it was, when nobody can feed it.</returns>
    public static bool TryAttach(PlanDraft draft, NodeInfo node, string why)
    {
        var search = new ParentSearch(draft, draft.Limits.PlannedShare);
        var parent = search.FindNear(node);
        var opens = ParentSearch.RelaysOn(node) && node.Capacity.MaxChildren >= draft.Limits.GatewayChildren;
        if (parent is null && !opens && TryInsertRelay(draft, node)) parent = search.FindNear(node);
        parent ??= search.FindFar(node);
        if (parent is null && ParentSearch.RelaysOn(node) && TryTakeOver(draft, search, node)) return true;
        parent ??= new ParentSearch(draft, draft.Limits.PlannedShare, useReserve: true).Find(node);
        if (parent is not { } found) return false;
        draft.Add(node);
        draft.Attach(node.Id, found, why);
        return true;
    }

    private static bool TryInsertRelay(PlanDraft draft, NodeInfo leaf)
    {
        if (draft.Cluster.FindRegion(leaf.Region) is not { } region) return false;
        var search = new ParentSearch(draft, draft.Limits.PlannedShare);
        foreach (var relay in region.Relays.Take(TriedRelays))
        {
            if (relay.Id == leaf.Id || draft.Tree.Find(relay.Id) is not null || !ParentSearch.RelaysOn(relay)) continue;
            if (relay.UplinkLeft(draft.Demand, 2) < 1 - draft.Limits.PlannedShare || relay.Load.CpuBusy > draft.Limits.BusyShare) continue;
            if (search.Find(relay) is { } parent)
            {
                draft.Add(relay);
                draft.Attach(relay.Id, parent, $"relays for {leaf.Region}");
                StandbySearch.Assign(draft, relay.Id);
                return true;
            }

            if (TryTakeOver(draft, search, relay)) return true;
        }

        return false;
    }

    /// <summary>A leaf has the crossing that the region needs: the relay gets it, and the leaf goes below the relay.</summary>
    private static bool TryTakeOver(PlanDraft draft, ParentSearch search, NodeInfo relay)
    {
        var before = draft.Tree;
        foreach (var gateway in before.Gateways)
        {
            if (before.Nodes[gateway] is not { Children.IsEmpty: true } leaf || leaf.Region != relay.Region || draft.Cluster.Find(gateway) is not { } info) continue;
            draft.Detach(gateway);
            if (search.Find(relay) is { } parent)
            {
                draft.Add(relay);
                draft.Attach(relay.Id, parent, $"relays for {relay.Region} in place of {gateway}");
                if (search.Allows(relay.Id, info))
                {
                    draft.Attach(gateway, relay.Id, $"{relay.Id} relays for {relay.Region} now");
                    Healing.MendStandbys(draft);
                    return true;
                }
            }

            draft.Return(before);
        }

        return false;
    }
}
