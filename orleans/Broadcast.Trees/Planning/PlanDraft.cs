using System.Collections.Immutable;
using System.Globalization;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>A plan in the making: the tree so far, and at the end what differs from the tree before.</summary>
internal sealed class PlanDraft
{
    private readonly StreamTree _before;
    private readonly SortedSet<NodeId> _touched = [];
    private bool _marked;

    public PlanDraft(ClusterSnapshot cluster, StreamTree tree, StreamDemand demand, PlannerLimits limits)
    {
        Cluster = cluster;
        _before = tree;
        Tree = tree with { Version = tree.Version + 1 };
        Demand = demand.Clamped();
        Limits = limits;
    }

    public ClusterSnapshot Cluster { get; }

    public StreamTree Tree { get; private set; }

    public StreamDemand Demand { get; }

    public PlannerLimits Limits { get; }

    public void Add(NodeInfo node)
    {
        Tree = Tree.Add(node);
        _touched.Add(node.Id);
    }

    public void Attach(NodeId child, NodeId parent, string why)
    {
        Tree = Tree.Attach(child, parent, Explain(child, parent, why), Cluster.Number);
        _touched.Add(child);
    }

    public void Detach(NodeId child)
    {
        Tree = Tree.Detach(child);
        _touched.Add(child);
    }

    public void Remove(NodeId node)
    {
        if (Tree.Find(node) is not { } leaving) return;
        foreach (var child in leaving.Children) _touched.Add(child);
        foreach (var child in leaving.StandbyFor) _touched.Add(child);
        Tree = Tree.Remove(node);
        _touched.Add(node);
    }

    public void SetRoot(NodeId root)
    {
        if (Tree.Root is { } old) _touched.Add(old);
        Tree = Tree.SetRoot(root);
        _touched.Add(root);
    }

    public void SetStandby(NodeId child, NodeId? standby, string reason)
    {
        Tree = Tree.SetStandby(child, standby, reason);
        _touched.Add(child);
    }

    /// <summary>The node is told its place again, under a new version.</summary>
    public void Touch(NodeId node)
    {
        Tree = Tree.Touch(node);
        _touched.Add(node);
    }

    /// <summary>The node is being drained.</summary>
    public void SetLeaving(NodeId node)
    {
        _marked |= !Tree.Nodes[node].IsLeaving;
        Tree = Tree.SetLeaving(node);
    }

    /// <summary>Goes back to an earlier <see cref="Tree"/> of this draft.</summary>
    public void Return(StreamTree tree) => Tree = tree;

    public void Begin(StreamEpoch epoch) => Tree = Tree with { Epoch = epoch };

    /// <summary>The plan. One without changes gives back the tree before, version and all.</summary>
    public TreePlan Finish()
    {
        var changes = ImmutableArray.CreateBuilder<TreeChange>();
        foreach (var id in _touched)
        {
            var (old, now) = (_before.Find(id), Tree.Find(id));
            if (Compare(old, now) is { } kind)
            {
                changes.Add(new TreeChange(kind, id, now?.Parent, old?.Parent, now?.Standby, now is null ? "left the tree" : kind == ChangeKind.Standby ? now.StandbyReason : now.Reason));
            }
        }

        if (changes.Count == 0 && Tree.Epoch == _before.Epoch && Tree.Root == _before.Root && !_marked) return TreePlan.Nothing(_before);
        return new TreePlan(Tree, changes.DrainToImmutable());
    }

    private ChangeKind? Compare(TreeNode? old, TreeNode? now)
    {
        if (now is null) return old is null ? null : ChangeKind.Detach;
        if (now.Id == Tree.Root) return _before.Root == now.Id && _before.Epoch == Tree.Epoch ? null : ChangeKind.Root;
        if (now.Parent is null) return old is { Parent: null } && _before.Root != now.Id ? null : ChangeKind.Orphan;
        if (old is null) return ChangeKind.Attach;
        if (old.Parent != now.Parent) return old.Parent is null && _before.Root != now.Id ? ChangeKind.Attach : ChangeKind.Switch;
        return old.Standby != now.Standby || old.Version != now.Version ? ChangeKind.Standby : null;
    }

    private string Explain(NodeId child, NodeId parent, string why)
    {
        var (below, above) = (Cluster.Find(child), Cluster.Find(parent));
        var place = below is null || above is null ? "region unknown"
            : below.Region == above.Region ? "same region"
            : $"the crossing from {above.Region} to {below.Region}";
        var left = above is null ? 0 : Math.Clamp(above.UplinkLeft(Demand, Tree.Nodes[parent].Unseen(above, Cluster.Number) + 1), 0, 1);
        return string.Create(CultureInfo.InvariantCulture, $"{why}; {place}; depth {Tree.Nodes[parent].Depth + 1}; {left * 100:F0} % of the parent's uplink left");
    }
}
