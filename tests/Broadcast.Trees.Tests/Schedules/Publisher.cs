using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Schedules;

/// <summary>One publisher who goes on after everything: a claim after a while wherever its node died.</summary>
internal sealed class Publisher
{
    private readonly World _world;
    private bool _isClaiming;

    public Publisher(World world)
    {
        _world = world;
        world.In(10, Claim);
        world.Every(500, Check);
    }

    /// <summary>Where its media goes; null while it is looking for a node.</summary>
    public NodeId? At { get; private set; }

    /// <summary>It leaves its node, as a person who closes a laptop does, and comes back elsewhere.</summary>
    public void Move()
    {
        if (At is not { } old) return;
        Leave(old);
        _world.In(300 + _world.Random.Next(2000), Claim);
    }

    /// <summary>The node was told that the publisher is elsewhere.</summary>
    public void EndedAt(NodeId node)
    {
        if (At != node) return;
        At = null;
        _world.Note($"publication ended at {node}");
        _world.In(200, Claim);
    }

    private void Check()
    {
        if (At is not { } node)
        {
            if (!_isClaiming) Claim();
            return;
        }

        var here = _world.Find(node);
        if (!here.IsAlive || here.IsDraining || !here.Stream.IsRoot) Move();
    }

    private void Leave(NodeId old)
    {
        At = null;
        _world.In(1000 + _world.Random.Next(3000), () =>
        {
            var node = _world.Find(old);
            if (!node.IsAlive || At == old || !node.Stream.IsRoot) return;
            var epoch = node.Stream.Epoch;
            node.Stream.PublisherGone(_world.Now);
            node.Act();
            _world.Control.Release(old, epoch);
        });
    }

    private void Claim()
    {
        if (At is not null || _isClaiming) return;
        Node[] open = [.. _world.Nodes.Where(node => node is { IsAlive: true, IsIngest: true, IsDraining: false })];
        if (open.Length == 0) return;
        var node = _world.Any(open);
        _isClaiming = true;
        _world.Control.Claim(node, "session", answer =>
        {
            if (!_isClaiming) return;
            _isClaiming = false;
            if (answer is not ClaimAnswer.Granted granted || !node.IsAlive) return;
            At = node.Id;
            _world.DisturbedAt = _world.Now;
            _world.Note($"publisher at {node.Id}, epoch {granted.Epoch}");
            node.Stream.BecomeRoot(granted.Epoch, granted.Version, "session", _world.Now);
            node.Act();
        });
    }
}
