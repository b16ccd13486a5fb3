using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Trees.Control;

public sealed partial class StreamControl
{
    /// <summary>
    /// The nodes now. Whoever is gone is replaced, whoever drains is relieved, orphans are tried again, and where many nodes
    /// of a region came lately, more are attached ahead of the viewers.
    /// </summary>
    public void SetCluster(ClusterSnapshot cluster, MonotonicTime now)
    {
        var before = _cluster;
        _cluster = cluster;
        foreach (var id in _tree.Nodes.Keys)
        {
            if (_tree.Find(id) is not { } node) continue;
            switch (cluster.StateOf(id))
            {
                case NodeState.Gone:
                    Lose(id, now);
                    break;
                case NodeState.Draining when !node.IsLeaving || !node.Children.IsEmpty:
                    Adopt(TreePlanner.PlanDrain(cluster, _tree, _demand, id, _limits), now);
                    break;
                case NodeState.Up when (node.IsLeaving || id == _tree.Root) && HasStartedAnew(before, id):
                    // Drained, ended and back: it knows nothing of its place. A root's publisher must be free to claim; if only the
                    // control side began anew, the root's next report brings it back.
                    Lose(id, now);
                    break;
                case NodeState.Up when node.IsLeaving:
                    Adopt(TreePlanner.PlanReturn(cluster, _tree, _demand, id, _limits), now);
                    break;
                case NodeState.Up when HasStartedAnew(before, id):
                    // Dead and back before anybody noticed, or only its control side began anew: then it does already what it is told.
                    Adopt(TreePlanner.PlanAgain(cluster, _tree, _demand, id, _limits), now);
                    break;
            }
        }

        if (_tree.Root is null) return;
        if (!_tree.Orphans.IsEmpty) Adopt(TreePlanner.Rebalance(cluster, _tree, _demand, moves: 0, _limits), now);
        foreach (var (region, count) in _hot.Take()) Adopt(TreePlanner.PreWarm(cluster, _tree, _demand, region, count, _limits), now);
    }

    /// <summary>
    /// What a node does. (1) A higher epoch is followed; a node behind is told its place. (2) What it confirms is not repeated.
    /// (3) What it did by itself stays, if the rules allow it. (4) Whom it could not get is replaced. (5) Unneeded nodes leave.
    /// </summary>
    public void Report(NodeReport report, MonotonicTime now)
    {
        if (!IsAlive(report.Node)) return;

        // :: Step 1
        if (report.Epoch > _tree.Epoch && RootOf(report) is { } root && IsAlive(root))
        {
            Follow(root, report.Epoch, report.Session, now);
        }

        if (report.Epoch < _tree.Epoch)
        {
            Note(report, now);
            Enlighten(report, now);
            return;
        }

        if (report.Epoch > _tree.Epoch)
        {
            // Its publisher is unknown: perhaps it reports soon, perhaps there is none.
            if (_foreignSince == MonotonicTime.Never) _foreignSince = now;
            if (report.Epoch > _foreign) _foreign = report.Epoch;
            return;
        }

        if (report.IsRoot && _tree.Root is null && _released != report.Epoch) Reinstate(report.Node, report.Epoch, now);
        if (report.IsRoot && _tree.Root == report.Node) _session ??= report.Session;

        // It may have heard of the new epoch before it heard that it is its root, and reports overtake each other; if it stays so, the word
        // that its publisher left got lost.
        if (_tree.Root == report.Node)
        {
            _deniedSince = report.IsRoot ? MonotonicTime.Never : MonotonicTime.Min(_deniedSince, now);
            if (_deniedSince != MonotonicTime.Never && now - _deniedSince >= _timeouts.ForeignEpoch) Abdicate(report.Node, now);
        }

        // :: Step 2
        if (report.Version > _tree.Version) _tree = _tree with { Version = report.Version };
        _outbox.Confirm(report.Node, report.Version);
        if (_tree.Find(report.Node) is not { } node)
        {
            TakeIn(report, now);
            return;
        }

        if (node.Id == _tree.Root || _tree.Root is null) return;
        if (report.Version < node.Version)
        {
            if (!_outbox.IsWaitingFor(report.Node)) Tell(report.Node, now);
            return;
        }

        // :: Step 3
        _avoided.Add(node.Id, report.Failed, now);
        if (report.Parent is { } actual && actual != node.Parent)
        {
            // On its way to where it shall be, or where it went by itself.
            if (report.Target is { } target && target == node.Parent) return;
            Adopt(TreePlanner.PlanActual(_cluster, _tree, _demand, node.Id, actual, _avoided.For(node.Id, now), _limits), now);
            return;
        }

        // :: Step 4
        if (node.Parent is { } planned && !report.Failed.IsDefault && report.Failed.Contains(planned) && report.Parent is null)
        {
            Adopt(TreePlanner.PlanElsewhere(_cluster, _tree, _demand, node.Id, _avoided.For(node.Id, now), _limits), now);
            return;
        }

        if (node.Parent is not null && report is { Parent: null, Target: null, IsNeeded: true })
        {
            // Another writer took it away, while there were two.
            Adopt(TreePlanner.PlanAgain(_cluster, _tree, _demand, node.Id, _limits), now);
            return;
        }

        if (node.Standby is { } standby && !report.Failed.IsDefault && report.Failed.Contains(standby) && report.Standby is null)
        {
            Adopt(TreePlanner.PlanOtherStandby(_cluster, _tree, _demand, node.Id, _limits), now);
        }

        // :: Step 5
        if (report.WantsToLeave && !report.IsNeeded && !IsRebuilding(now)) Adopt(TreePlanner.PlanLeave(_cluster, _tree, _demand, node.Id, _limits), now);
    }

    private bool HasStartedAnew(ClusterSnapshot before, NodeId id) =>
        before.Find(id) is { } earlier && _cluster.Find(id) is { } now && earlier.Generation != now.Generation;

    private static NodeId? RootOf(NodeReport report) =>
        report.IsRoot ? report.Node : report is { IsRooted: true, Path: [var first, ..] } ? first : null;

    /// <summary>The node is gone; whom it fed is healed. Its epoch stays with it: it may come back and be the root still.</summary>
    private void Lose(NodeId id, MonotonicTime now)
    {
        var wasRoot = _tree.Root == id;
        Adopt(TreePlanner.PlanFailure(_cluster, _tree, _demand, id, _limits), now);
        _outbox.Forget(id);
        _avoided.Forget(id);
        _strays.Remove(id);
        if (!wasRoot) return;
        _deniedSince = MonotonicTime.Never;
        _endAt = now + _timeouts.PublisherLinger;
    }

    /// <summary>The root of the present epoch is known (again).</summary>
    private void Reinstate(NodeId root, StreamEpoch epoch, MonotonicTime now)
    {
        _tree = _tree with { Epoch = StreamEpoch.None };
        Adopt(TreePlanner.PlanNewRoot(_cluster, _tree, _demand, root, epoch, _limits), now);
        _tree = _tree with { Epoch = epoch };
        _endAt = MonotonicTime.Never;
    }

    /// <summary>
    /// A publisher is at a node in an older epoch, while nobody publishes in this one: writers that did not know of each other granted
    /// both, and the winner left. The winner's node gets time to come back.
    /// </summary>
    private void Note(NodeReport report, MonotonicTime now)
    {
        if (_tree.Root is not null)
        {
            _outranked = null;
        }
        else if (report.IsRoot && report.Epoch != _released)
        {
            if (_outranked?.Node != report.Node) _outrankedSince = now;
            _outranked = report;
        }
        else if (_outranked?.Node == report.Node)
        {
            _outranked = null;
        }
    }

    /// <summary>A node that lives in an older epoch learns its place in this one.</summary>
    private void Enlighten(NodeReport report, MonotonicTime now)
    {
        if (_tree.Find(report.Node) is null && (report.IsNeeded || report.IsRoot) && _tree.Root is not null)
        {
            Attach(report.Node, "was in an older epoch", now);
        }

        // Whoever is needed keeps what it has until this writer knows something better.
        if (_tree.Find(report.Node) is null && report.IsNeeded) return;
        if (!_outbox.IsWaitingFor(report.Node)) Tell(report.Node, now);
    }

    /// <summary>A node that this writer does not know carries the stream.</summary>
    private void TakeIn(NodeReport report, MonotonicTime now)
    {
        if (!report.IsNeeded && !IsRebuilding(now))
        {
            if (report.Parent is null && report.Standby is null && report.Target is null) return;

            // Only what is above its last version is obeyed.
            if (report.Version >= _tree.Version) _tree = _tree with { Version = report.Version + 1 };
            Tell(report.Node, now);
            return;
        }

        _strays[report.Node] = report;
        PlaceStrays(now, force: !IsRebuilding(now));
    }

    /// <summary>Nodes whose parent is in the tree stay where they are; without hope for that they get another.</summary>
    private void PlaceStrays(MonotonicTime now, bool force)
    {
        if (_tree.Root is null) return;
        for (var progress = true; progress;)
        {
            progress = false;
            foreach (var stray in _strays.Values.ToArray())
            {
                if (!IsAlive(stray.Node) || _tree.Find(stray.Node) is not null)
                {
                    _strays.Remove(stray.Node);
                    continue;
                }

                if (stray.Parent is not { } parent || !_tree.IsRooted(parent)) continue;
                var before = _tree;
                Adopt(TreePlanner.PlanActual(_cluster, _tree, _demand, stray.Node, parent, [], _limits), now);
                progress |= !ReferenceEquals(before, _tree);
                if (_tree.Find(stray.Node) is not null) _strays.Remove(stray.Node);
            }
        }

        if (!force) return;
        foreach (var stray in _strays.Keys.ToArray())
        {
            _strays.Remove(stray);
            Attach(stray, "carried the stream before this writer knew", now);
        }
    }

    private void Attach(NodeId id, string why, MonotonicTime now)
    {
        if (_cluster.Find(id) is { } info && TreePlanner.PlanAttach(_cluster, _tree, _demand, info, why, _limits) is { } plan) Adopt(plan, now);
    }

    private void Tell(NodeId id, MonotonicTime now)
    {
        if (PlaceOf(id) is not { } place) return;
        _outbox.Expect(id, place.Version, now);
        _commands.Add(place);
    }
}
