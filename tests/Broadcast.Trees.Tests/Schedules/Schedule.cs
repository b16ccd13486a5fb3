using Broadcast.Rtc;
using Broadcast.Trees.Planning;

namespace Broadcast.Trees.Tests.Schedules;

/// <summary>One random course of crashes, hangs, islands, drains, restarts, moves of the publisher and outages of the store, then quiet.</summary>
internal sealed class Schedule
{
    private const double Start = 6_000;
    private const double Trouble = 30_000;
    private const double Quiet = 25_000;

    private readonly World _world;

    private Schedule(int seed)
    {
        _world = new World(seed);
        Monitor = new Monitor(_world);
    }

    public Monitor Monitor { get; }

    /// <summary>Null, or which rule broke and how it came to that.</summary>
    public static string? Run(int seed, List<double>? pauses = null)
    {
        var schedule = new Schedule(seed);
        try
        {
            schedule.Run();
            pauses?.AddRange(schedule.Monitor.Pauses);
            return null;
        }
        catch (BrokenRuleException broken)
        {
            return $"seed {seed} at {schedule._world.Now.Milliseconds} ms: {broken.Message}\n" + string.Join('\n', schedule._world.Journal) + "\n" + schedule.Describe();
        }
    }

    /// <summary>Plan and reality, side by side.</summary>
    private string Describe()
    {
        var lines = _world.Nodes.Select(node =>
            $"{node.Id} {(node.Stream.IsRoot ? "root " : node.Stream.IsCarrying ? "" : "without ")}{(node.IsAlive ? "up" : "down")}{(node.IsDraining ? " draining" : "")} {node.Place} viewers {node.Viewers}, "
            + $"fed by {node.Stream.Parent?.Value ?? "-"}, feeds {node.Stream.Children} of {node.MaxChildren}, epoch {node.Stream.Epoch.Number} version {node.Stream.Version}; planned: "
            + string.Join(" | ", _world.Control.Writers.Select(writer => writer.Control.Tree.Find(node.Id) is { } plan ? $"{plan.Parent?.Value ?? "-"} standby {plan.Standby?.Value ?? "-"} {plan.Children.Count} children" : "none")));
        return string.Join('\n', lines);
    }

    private void Run()
    {
        _world.In(Start, Next);
        _world.RunUntil(MonotonicTime.FromMilliseconds(Start + Trouble));
        Mend();
        _world.RunUntil(MonotonicTime.FromMilliseconds(Start + Trouble + Quiet));
        CheckPeace();
    }

    private void Next()
    {
        if (_world.Now.Milliseconds > Start + Trouble) return;
        var what = _world.Random.Next(10);
        var alive = _world.Nodes.Where(node => node.IsAlive).ToArray();
        switch (what)
        {
            case 0 or 1 or 2 when alive.Length > 4:
                Crash(_world.Any(alive), hangs: what == 2);
                break;
            case 3 when alive.Length > 5:
                // Two at once: a zone, a cable.
                Crash(alive[0], hangs: false);
                Crash(alive[^1], hangs: false);
                break;
            case 4 when _world.Island is null:
                Cut(alive);
                break;
            case 5 or 6 when alive.Count(node => !node.IsDraining) > 4:
                Drain(_world.Any(alive));
                break;
            case 7:
                _world.Note("publisher moves");
                _world.Publisher.Move();
                break;
            case 8 when !_world.Control.StoreIsDown:
                _world.Note("store down");
                _world.Control.StoreIsDown = true;
                _world.In(1000 + _world.Random.Next(12000), () => _world.Control.StoreIsDown = false);
                break;
            case 9:
                var slow = _world.Any(alive);
                _world.Note($"{slow.Id} is slow");
                slow.SlowMilliseconds = 200 + _world.Random.Next(3000);
                _world.In(2000 + _world.Random.Next(6000), () => slow.SlowMilliseconds = 0);
                break;
        }

        _world.In(500 + (_world.Random.NextDouble() * _world.Random.NextDouble() * 16000), Next);
    }

    private void Disturb(string what)
    {
        _world.Note(what);
        _world.DisturbedAt = _world.Now;
    }

    private void Crash(Node node, bool hangs)
    {
        if (!node.IsAlive) return;
        Disturb($"{node.Id} {(hangs ? "hangs" : "crashes")}");
        node.Crash(hangs);
        _world.In(3000 + _world.Random.Next(15000), () => Start_(node));
    }

    private void Start_(Node node)
    {
        if (node.IsAlive) return;
        Disturb($"{node.Id} starts");
        node.Start();
    }

    private void Drain(Node node)
    {
        if (node.IsDraining) return;
        _world.Note($"{node.Id} drains");
        node.Drain();
        _world.In(8000 + _world.Random.Next(6000), () =>
        {
            if (!node.IsAlive || !node.IsDraining) return;
            Disturb($"{node.Id} ends after its drain");
            node.Crash(hangs: false);
            _world.In(2000, () => Start_(node));
        });
    }

    private void Cut(Node[] alive)
    {
        var size = _world.Random.Next(1, Math.Max(2, alive.Length / 2));
        _world.Island = [.. alive.OrderBy(_ => _world.Random.Next()).Take(size).Select(node => node.Id)];
        _world.Control.IslandSince = _world.Now;
        Disturb($"island of {string.Join(' ', _world.Island)}");
        _world.In(500 + _world.Random.Next(14000), Join);
    }

    private void Join()
    {
        if (_world.Island is null) return;
        Disturb("island joined again");
        _world.Island = null;
        _world.In(_world.Random.Next(2500), _world.Control.Reconcile);
    }

    private void Mend()
    {
        Disturb("quiet from here");
        Join();
        foreach (var node in _world.Nodes)
        {
            Start_(node);
            node.SlowMilliseconds = 0;
        }

        _world.Control.StoreIsDown = false;
    }

    /// <summary>After the quiet: one root, one epoch, everybody has a picture and all viewers are served.</summary>
    private void CheckPeace()
    {
        if (_world.Publisher.At is not { } root) throw new BrokenRuleException("the publisher found no node");
        var epoch = _world.Find(root).Stream.Epoch;
        foreach (var node in _world.Nodes)
        {
            if (node.Id != root && node.Stream.IsRoot) throw new BrokenRuleException($"{node.Id} is a root beside {root}");
            if (node.Stream.IsCarrying && node.Stream.Epoch != epoch) throw new BrokenRuleException($"{node.Id} lives in epoch {node.Stream.Epoch}, the publisher in {epoch}");
            if (node.Viewers > 0 && !Monitor.HasMedia(node)) throw new BrokenRuleException($"{node.Id} has viewers and no picture");
        }

        if (_world.Control.Writers.Count != 1) throw new BrokenRuleException($"{_world.Control.Writers.Count} writers");
        var tree = _world.Control.Writers[0].Control.Tree;
        if (tree.Epoch != epoch || tree.Root != root) throw new BrokenRuleException($"the plan has root {tree.Root} in {tree.Epoch}, the publisher is at {root} in {epoch}");
        foreach (var node in _world.Nodes.Where(node => node.Stream.Parent is not null && (node.Viewers > 0 || node.Stream.Children > 0)))
        {
            var planned = tree.Find(node.Id)?.Parent;

            // Where the rules leave no place, as in a region whose only gateway is full, it may stay where it found media by itself.
            var isStranded = planned is null && Monitor.HasMedia(node) && TreePlanner.PlanAttach(_world.Snapshot(node.Id), tree, StreamDemand.Usual, node.Info(node.Id), "") is null;
            if (isStranded) continue;
            if (planned is null || (planned != node.Stream.Parent && planned != node.Stream.Target)) throw new BrokenRuleException($"{node.Id} hangs below {node.Stream.Parent}, planned is {planned}; viewers {node.Viewers}, children {node.Stream.Children}, version {node.Stream.Version} of {tree.Version}");
        }

        var unserved = _world.Viewers.Count(viewer => !viewer.IsServed);
        if (unserved > 0) throw new BrokenRuleException($"{unserved} viewers are not served");
    }
}
