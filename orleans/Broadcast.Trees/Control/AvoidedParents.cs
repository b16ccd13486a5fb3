using System.Collections.Immutable;
using Broadcast.Rtc;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Control;

/// <summary>Parents that a child said it could not get, for a while.</summary>
internal sealed class AvoidedParents(TimeSpan span)
{
    private readonly Dictionary<NodeId, SortedDictionary<NodeId, MonotonicTime>> _until = [];

    public void Add(NodeId child, ImmutableArray<NodeId> parents, MonotonicTime now)
    {
        if (parents.IsDefaultOrEmpty) return;
        if (!_until.TryGetValue(child, out var known)) _until[child] = known = [];
        foreach (var parent in parents) known[parent] = now + span;
    }

    /// <summary>Those still to be avoided.</summary>
    public ImmutableSortedSet<NodeId> For(NodeId child, MonotonicTime now) =>
        _until.TryGetValue(child, out var known) ? [.. known.Where(entry => entry.Value > now).Select(entry => entry.Key)] : [];

    public void Forget(NodeId child) => _until.Remove(child);
}
