using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Schedules;

/// <summary>A rule that must hold was broken.</summary>
internal sealed class BrokenRuleException(string message) : Exception(message);

/// <summary>Looks at plans after every step of a writer, and at what really runs ten times a second.</summary>
internal sealed class Monitor
{
    /// <summary>A loop is found by its members when a frame has gone around.</summary>
    private static readonly TimeSpan LoopLimit = TimeSpan.FromSeconds(3);

    private readonly World _world;
    private readonly Dictionary<NodeId, MonotonicTime> _lastMedia = [];
    private readonly Dictionary<NodeId, MonotonicTime> _loopSince = [];

    public Monitor(World world)
    {
        _world = world;
        world.Every(100, Look);
    }

    /// <summary>Pauses of nodes with viewers, ms, that began and ended without another disturbance.</summary>
    public List<double> Pauses { get; } = [];

    public static TimeSpan OrphanLimit { get; } =
        Timeouts.Default.MembershipDetection + Timeouts.Default.Report + Timeouts.Default.CommandRetryLimit + TimeSpan.FromSeconds(1);

    /// <summary>The rules of every plan.</summary>
    public static void Check(StreamControl control)
    {
        if (TreeAssert.Broken(control.Tree, control.Cluster) is { } broken) throw new BrokenRuleException("plan: " + broken);
    }

    /// <summary>Whether media arrives at the node over links that exist at both ends.</summary>
    public bool HasMedia(Node node)
    {
        var steps = 0;
        for (var at = node; steps++ < 64;)
        {
            if (!at.IsAlive) return false;
            if (at.Stream.IsRoot) return _world.Publisher.At == at.Id;
            if (at.Stream.Parent is not { } parent || !_world.Connected(at.Id, parent)) return false;
            var above = _world.Find(parent);
            if (!above.Stream.IsFeeding(at.Id)) return false;
            at = above;
        }

        return false;
    }

    private void Look()
    {
        foreach (var viewer in _world.Viewers) viewer.Check();
        foreach (var node in _world.Nodes.Where(node => node.IsAlive))
        {
            if (node.Stream.Standby is { } standby && standby == node.Stream.Parent) throw new BrokenRuleException($"{node.Id} has its parent as standby");
            if (node.Stream.Children > node.MaxChildren) throw new BrokenRuleException($"{node.Id} feeds {node.Stream.Children} of {node.MaxChildren}");
            LookForLoop(node);
            LookForPause(node);
        }
    }

    private void LookForLoop(Node node)
    {
        var seen = new HashSet<NodeId>();
        NodeId? at = node.Id;
        while (at is { } here && _world.Find(here).IsAlive && seen.Add(here)) at = _world.Find(here).Stream.Parent;
        if (at != node.Id || !seen.Contains(node.Id) || node.Stream.Parent is null)
        {
            _loopSince.Remove(node.Id);
        }
        else if (_world.Now - _loopSince.GetOrAdd(node.Id, _world.Now) > LoopLimit)
        {
            throw new BrokenRuleException($"{node.Id} has been above itself for {LoopLimit.TotalSeconds} s");
        }
    }

    private void LookForPause(Node node)
    {
        var source = _world.Publisher.At is { } root ? _world.Find(root) : null;
        var possible = node.Viewers > 0 && source is { IsAlive: true, Stream.IsRoot: true } && _world.Island is null;
        if (!possible || HasMedia(node))
        {
            if (possible && _lastMedia.TryGetValue(node.Id, out var before) && before > _world.DisturbedAt && (_world.Now - before).TotalMilliseconds > 150)
            {
                Pauses.Add((_world.Now - before).TotalMilliseconds);
            }

            _lastMedia[node.Id] = _world.Now;
            return;
        }

        var since = MonotonicTime.Max(_lastMedia.GetOrAdd(node.Id, _world.Now), _world.DisturbedAt);
        if (_world.Now - since > OrphanLimit) throw new BrokenRuleException($"{node.Id} with {node.Viewers} viewers has had nothing for {OrphanLimit.TotalSeconds:F1} s");
    }
}

internal static class DictionaryExtensions
{
    public static TValue GetOrAdd<TKey, TValue>(this Dictionary<TKey, TValue> dictionary, TKey key, TValue value)
        where TKey : notnull
    {
        if (!dictionary.TryGetValue(key, out var known)) dictionary[key] = known = value;
        return known;
    }
}
