using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Model;

/// <summary>Whom a node feeds, and for whom it stands by.</summary>
internal sealed class ChildLinks
{
    private readonly SortedDictionary<NodeId, (LinkMode Mode, MonotonicTime HeardAt)> _children = [];

    /// <summary>Children that get media.</summary>
    public int Fed { get; private set; }

    public IReadOnlyCollection<NodeId> All => _children.Keys;

    public bool IsFed(NodeId child) => _children.TryGetValue(child, out var known) && known.Mode == LinkMode.Media;

    public void Set(NodeId child, LinkMode mode, MonotonicTime now)
    {
        Fed += (mode == LinkMode.Media ? 1 : 0) - (IsFed(child) ? 1 : 0);
        _children[child] = (mode, now);
    }

    public void Heard(NodeId child, MonotonicTime now)
    {
        if (_children.TryGetValue(child, out var known)) _children[child] = (known.Mode, now);
    }

    public bool Remove(NodeId child)
    {
        if (IsFed(child)) Fed--;
        return _children.Remove(child);
    }

    /// <summary>Those who said nothing for so long.</summary>
    public IReadOnlyList<NodeId> Silent(MonotonicTime now, TimeSpan silence) =>
        _children.Count == 0 ? [] : [.. _children.Where(child => now - child.Value.HeardAt >= silence).Select(child => child.Key)];
}
