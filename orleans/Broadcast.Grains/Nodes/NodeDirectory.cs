using Broadcast.Grains.Abstractions.Nodes;

namespace Broadcast.Grains.Nodes;

/// <summary>The reports of all nodes, with what changed when. One caller at a time.</summary>
/// <remarks>
/// 2,000 nodes report once a second and as many silos may ask for changes, so what hardly changed is not handed out again: loads are
/// followed in steps of <see cref="Step"/> of the capacity, and smaller changes after a while, the longer the more nodes there are.
/// </remarks>
internal sealed class NodeDirectory(TimeProvider time)
{
    /// <summary>Share of a capacity by which a load must move to be news.</summary>
    public const double Step = 0.02;

    /// <summary>How long a change smaller than <see cref="Step"/> is kept back at least: operators look at these figures.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    /// <summary>That much longer for every node: then 2,000 nodes hand out about 70 such changes a second.</summary>
    private static readonly TimeSpan RefreshPerNode = TimeSpan.FromMilliseconds(15);

    /// <summary>A node that has not reported for so long is silent; three reports and a margin.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(4);

    /// <summary>After so long all nodes that live have reported to a new directory.</summary>
    public static readonly TimeSpan Warmup = TimeSpan.FromSeconds(3);

    /// <summary>A node that has not reported for so long is forgotten; the membership has declared it dead long before.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly long _began = time.GetTimestamp();
    private readonly Dictionary<string, Entry> _nodes = new(StringComparer.Ordinal);
    private long _version;

    public void Report(NodeStatus status)
    {
        var now = time.GetTimestamp();
        if (_nodes.TryGetValue(status.NodeId, out var known))
        {
            if ((status.Generation, status.Sequence).CompareTo((known.Status.Generation, known.Status.Sequence)) <= 0) return;
            var news = IsNews(known.Shown, status) || (HasChanged(known.Shown, status) && time.GetElapsedTime(known.ShownAt, now) >= Refresh + (_nodes.Count * RefreshPerNode));
            _nodes[status.NodeId] = news ? new Entry(status, status, ++_version, now, now) : known with { Status = status, At = now };
        }
        else
        {
            _nodes[status.NodeId] = new Entry(status, status, ++_version, now, now);
        }
    }

    public DirectoryChanges GetChanges(Guid incarnation, long since)
    {
        if (incarnation != _incarnation) since = 0;
        var changed = new List<NodeStatus>();
        var silent = new List<string>();
        var forgotten = new List<string>();
        foreach (var (nodeId, entry) in _nodes)
        {
            var age = time.GetElapsedTime(entry.At);
            if (age > Memory) forgotten.Add(nodeId);
            else if (age > Silence) silent.Add(nodeId);
            if (entry.Version > since) changed.Add(entry.Shown);
        }

        foreach (var nodeId in forgotten) _nodes.Remove(nodeId);
        return new DirectoryChanges(_incarnation, _version, time.GetElapsedTime(_began) >= Warmup, [.. changed], [.. silent]);
    }

    private static bool IsNews(NodeStatus shown, NodeStatus now) =>
        shown.Generation != now.Generation
        || shown.Draining != now.Draining
        || shown.Roles != now.Roles
        || shown.Capacity != now.Capacity
        || (shown.Region, shown.Zone, shown.PublicUrl) != (now.Region, now.Zone, now.PublicUrl)
        || Moved(shown.Load.BitsPerSecond, now.Load.BitsPerSecond, now.Capacity.BitsPerSecond)
        || Moved(shown.Load.PacketsPerSecond, now.Load.PacketsPerSecond, now.Capacity.PacketsPerSecond)
        || Moved(shown.Load.Viewers, now.Load.Viewers, now.Capacity.Viewers)
        || shown.Load.Children != now.Load.Children
        || Moved(shown.Busy, now.Busy, 1);

    private static bool HasChanged(NodeStatus shown, NodeStatus now) => shown.Load != now.Load || shown.Busy != now.Busy;

    private static bool Moved(double from, double to, double capacity) => Math.Abs(to - from) > capacity * Step;

    /// <param name="Status">The newest report.</param>
    /// <param name="Shown">The one that was handed out.</param>
    /// <param name="Version">When that was.</param>
    /// <param name="ShownAt">The same as a time.</param>
    /// <param name="At">When the newest came.</param>
    private readonly record struct Entry(NodeStatus Status, NodeStatus Shown, long Version, long ShownAt, long At);
}
