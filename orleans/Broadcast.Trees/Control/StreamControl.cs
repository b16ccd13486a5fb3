using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Trees.Control;

/// <summary>
/// The single writer of one stream's tree, as a state machine: claims, joins, reports, membership and time in; answers,
/// commands and the next deadline out.
/// </summary>
/// <remarks>
/// Owned by one caller at a time; not thread-safe. After each call: send <see cref="TakeCommands"/>, store
/// <see cref="State"/> when <see cref="TakeStateChange"/> says so, and call <see cref="Tick"/> at <see cref="Deadline"/>.
/// Two of one stream may exist for a while; epochs make one of them harmless.
/// </remarks>
public sealed partial class StreamControl
{
    private readonly Timeouts _timeouts;
    private readonly PlannerLimits _limits;
    private readonly List<RelayCommand> _commands = [];
    private readonly CommandOutbox _outbox;
    private readonly SortedDictionary<NodeId, NodeReport> _strays = [];
    private readonly AvoidedParents _avoided;
    private readonly HotRegions _hot = new();
    private StreamDemand _demand = StreamDemand.Usual;
    private ClusterSnapshot _cluster = ClusterSnapshot.Empty;
    private StreamTree _tree = StreamTree.Empty;
    private string? _session;
    private StreamEpoch? _released;
    private StreamEpoch _foreign;
    private MonotonicTime _foreignSince = MonotonicTime.Never;
    private MonotonicTime _deniedSince = MonotonicTime.Never;
    private NodeReport? _outranked;
    private MonotonicTime _outrankedSince;
    private bool _stateChanged;
    private MonotonicTime _rebuiltAt;
    private MonotonicTime _rebalanceAt;
    private MonotonicTime _endAt = MonotonicTime.Never;

    /// <summary>Begins with what the writer before left behind.</summary>
    /// <param name="state">As stored, or <see cref="StreamState.New"/>; stale state is corrected by the nodes' reports.</param>
    /// <param name="cluster">The nodes now.</param>
    public StreamControl(StreamState state, ClusterSnapshot cluster, MonotonicTime now, Timeouts? timeouts = null, PlannerLimits? limits = null)
    {
        _timeouts = timeouts ?? Timeouts.Default;
        _limits = limits ?? PlannerLimits.Default;
        _outbox = new CommandOutbox(_timeouts);
        _avoided = new AvoidedParents(_timeouts.Avoid);
        _cluster = cluster;
        _rebuiltAt = now + _timeouts.Rebuild;
        _rebalanceAt = now + _timeouts.Rebalance;
        _session = state.Session;
        _released = state.IsReleased ? state.Epoch : null;
        _tree = StreamTree.Empty with { Epoch = state.Epoch };
        if (state.Root is { } root && IsAlive(root)) Reinstate(root, state.Epoch, now);
        else if (state.Epoch != StreamEpoch.None) _endAt = now + _timeouts.PublisherLinger;
    }

    /// <summary>The tree as planned.</summary>
    public StreamTree Tree => _tree;

    /// <summary>The nodes as last told.</summary>
    public ClusterSnapshot Cluster => _cluster;

    /// <summary>Whether nodes may still report what this writer does not know.</summary>
    public bool IsRebuilding(MonotonicTime now) => now < _rebuiltAt;

    /// <summary>What is to be stored.</summary>
    public StreamState State => new(_tree.Epoch, _tree.Root, _session, _released == _tree.Epoch);

    /// <summary>Whether <see cref="State"/> changed since the last call. A store that is away is tried again later; nothing waits for it.</summary>
    public bool TakeStateChange()
    {
        var changed = _stateChanged;
        _stateChanged = false;
        return changed;
    }

    /// <summary>When <see cref="Tick"/> is due.</summary>
    public MonotonicTime Deadline
    {
        get
        {
            var deadline = _foreignSince == MonotonicTime.Never ? MonotonicTime.Never : _foreignSince + _timeouts.ForeignEpoch;
            deadline = MonotonicTime.Min(MonotonicTime.Min(deadline, _outbox.Deadline), MonotonicTime.Min(_endAt, _tree.Nodes.IsEmpty ? MonotonicTime.Never : _rebalanceAt));
            if (_outranked is not null) deadline = MonotonicTime.Min(deadline, _outrankedSince + _timeouts.ForeignEpoch);
            return _strays.Count > 0 ? MonotonicTime.Min(deadline, _rebuiltAt) : deadline;
        }
    }

    /// <summary>Commands to send since the last call, in any order.</summary>
    public IReadOnlyList<RelayCommand> TakeCommands()
    {
        RelayCommand[] commands = [.. _commands];
        _commands.Clear();
        return commands;
    }

    /// <summary>What a copy of the stream costs, as the root measures it.</summary>
    public void SetDemand(StreamDemand demand) => _demand = demand.Clamped();

    /// <summary>
    /// A publisher is at <paramref name="node"/>. Granted to the session that has the stream already wherever it comes from,
    /// to anybody when nobody has it, and with <paramref name="replace"/> also over the one who has it.
    /// </summary>
    /// <param name="session">Names the publisher over reconnects: with it a stream may be taken over from a node that died.</param>
    /// <param name="claim">
    /// Drawn by chance for each new connection of a publisher. The same number again, for an answer that got lost, gives the same
    /// epoch. Decides between writers that know nothing of each other.
    /// </param>
    public ClaimAnswer Claim(NodeId node, string session, ulong claim, bool replace, MonotonicTime now)
    {
        if (_cluster.Find(node) is not { State: NodeState.Up or NodeState.Suspect } info || (info.Roles & NodeRoles.Ingest) == 0)
        {
            return new ClaimAnswer.Refused(null, _limits.RetryNotPublished, $"{node} takes no publishers now");
        }

        if (_tree.Root is { } root)
        {
            if (claim == _tree.Epoch.Claim && root == node) return new ClaimAnswer.Granted(_tree.Epoch, _tree.Version);
            if (session != _session && !replace) return new ClaimAnswer.Refused(root, _limits.RetryNotPublished, $"another publisher is at {root}");
        }

        Follow(node, new StreamEpoch(Math.Max(_tree.Epoch.Number, _foreign.Number) + 1, claim), session, now);
        return new ClaimAnswer.Granted(_tree.Epoch, _tree.Version);
    }

    /// <summary>The publisher ended. The tree waits for <see cref="Timeouts.PublisherLinger"/>. A late word of an older epoch changes nothing.</summary>
    public void Release(NodeId node, StreamEpoch epoch, MonotonicTime now)
    {
        if (_tree.Root != node || _tree.Epoch != epoch) return;
        Abdicate(node, now);
        _session = null;
        _released = epoch;
    }

    /// <summary>A viewer asked at a node that does not carry the stream, or that is full or draining.</summary>
    /// <param name="viewers">Viewers at that node now.</param>
    /// <param name="seed">Spreads redirects; draw one for each viewer.</param>
    /// <param name="redirected">The viewer was sent there by a 307.</param>
    public JoinAnswer Join(NodeId landing, int viewers, ulong seed, bool redirected, MonotonicTime now)
    {
        if (_tree.Root is null && IsRebuilding(now)) return new JoinAnswer.Refuse(_timeouts.RetryRebuilding, "the stream's state is being rebuilt");
        switch (TreePlanner.PlanJoin(_cluster, _tree, _demand, landing, viewers, seed, redirected, _limits))
        {
            case JoinPlan.Attach attach:
                _hot.Attached(_cluster.Find(landing)!.Region);
                Adopt(attach.Plan, now, except: landing);
                return new JoinAnswer.Serve(PlaceOf(landing));
            case JoinPlan.Serve:
                return new JoinAnswer.Serve(landing == _tree.Root ? null : PlaceOf(landing));
            case JoinPlan.Redirect redirect:
                return new JoinAnswer.Redirect(redirect.Node, redirect.Reason);
            case JoinPlan.Refuse refuse:
                return new JoinAnswer.Refuse(refuse.RetryAfter, refuse.Reason);
            default:
                throw new InvalidOperationException("There is no other plan.");
        }
    }

    /// <summary>A node shall carry the stream though nobody watches it there. It leaves again when it says that it does not need it.</summary>
    /// <returns>False when nobody can feed it now.</returns>
    public bool Carry(NodeId node, string why, MonotonicTime now)
    {
        if (_tree.Root is null) return false;
        if (!_tree.IsRooted(node)) Attach(node, why, now);
        return _tree.IsRooted(node);
    }

    /// <summary>Everything due by now: repetitions, orphans, the end of a stream without publisher, a look for bad places.</summary>
    public void Tick(MonotonicTime now)
    {
        _outbox.Repeat(_commands, PlaceOf, now);
        if (now >= _rebuiltAt) PlaceStrays(now, force: true);
        if (now >= _endAt) End(now);
        if (_foreignSince != MonotonicTime.Never && now - _foreignSince >= _timeouts.ForeignEpoch) RiseAbove(_foreign, now);
        if (_outranked is not null && now - _outrankedSince >= _timeouts.ForeignEpoch) TakeOutranked(now);
        if (now < _rebalanceAt) return;
        _rebalanceAt = now + _timeouts.Rebalance;
        if (!IsRebuilding(now)) Adopt(TreePlanner.Rebalance(_cluster, _tree, _demand, limits: _limits), now);
    }

    private bool IsAlive(NodeId node) => _cluster.StateOf(node) != NodeState.Gone;

    /// <summary>The node's place as a command; null for orphans, who are told nothing.</summary>
    private RelayCommand? PlaceOf(NodeId id) => _tree.Find(id) switch
    {
        null => new RelayCommand(id, _tree.Epoch, _tree.Version, CommandKind.Detach, null, null, "not needed any more"),
        { } root when id == _tree.Root => new RelayCommand(id, _tree.Epoch, root.Version, CommandKind.Lead, null, null, "publishes"),
        { Parent: { } parent } node => new RelayCommand(id, _tree.Epoch, node.Version, CommandKind.Attach, parent, node.Standby, node.Reason),
        _ => null,
    };

    /// <summary>Takes over a plan and tells those whom it concerns.</summary>
    /// <param name="except">Gets its command by an answer; it is repeated only if that gets lost.</param>
    private void Adopt(TreePlan plan, MonotonicTime now, NodeId? except = null)
    {
        _tree = plan.Tree;
        foreach (var change in plan.Changes)
        {
            var kind = change.Kind switch
            {
                ChangeKind.Attach => CommandKind.Attach,
                ChangeKind.Switch => CommandKind.Switch,
                ChangeKind.Standby => CommandKind.Standby,
                _ => CommandKind.Detach,
            };
            if (change.Kind is ChangeKind.Root or ChangeKind.Orphan || PlaceOf(change.Node) is not { } place)
            {
                _outbox.Forget(change.Node);
                continue;
            }

            // A dead node needs no word; if it comes back, its report brings it one.
            if (!IsAlive(change.Node)) continue;
            _outbox.Expect(change.Node, place.Version, now);
            if (change.Node != except) _commands.Add(place with { Kind = kind, Reason = change.Reason });
        }
    }

    /// <summary>The publisher is elsewhere, in a higher epoch.</summary>
    private void Follow(NodeId root, StreamEpoch epoch, string? session, MonotonicTime now)
    {
        _session = session;
        _released = null;
        _deniedSince = MonotonicTime.Never;
        Adopt(TreePlanner.PlanNewRoot(_cluster, _tree, _demand, root, epoch, _limits), now);
        _endAt = MonotonicTime.Never;
        _stateChanged = true;
    }

    /// <summary>The own publisher goes on above an epoch that has none.</summary>
    private void RiseAbove(StreamEpoch foreign, MonotonicTime now)
    {
        _foreignSince = MonotonicTime.Never;
        if (foreign <= _tree.Epoch) return;
        var epoch = new StreamEpoch(foreign.Number + 1, _tree.Epoch.Claim);
        _stateChanged = true;
        if (_tree.Root is not { } root)
        {
            _tree = _tree with { Epoch = foreign };
            return;
        }

        Adopt(TreePlanner.PlanNewRoot(_cluster, _tree, _demand, root, epoch, _limits), now);
        Tell(root, now);
    }

    /// <summary>A publisher of an older epoch goes on above the newest one, whose publisher did not come back.</summary>
    private void TakeOutranked(MonotonicTime now)
    {
        var (root, epoch, session) = (_outranked!.Node, _outranked.Epoch, _outranked.Session);
        _outranked = null;
        if (_tree.Root is not null || !IsAlive(root)) return;
        Follow(root, new StreamEpoch(_tree.Epoch.Number + 1, epoch.Claim), session, now);
        Tell(root, now);
    }

    /// <summary>Nobody publishes at the root any more; those it feeds stay and wait.</summary>
    private void Abdicate(NodeId root, MonotonicTime now)
    {
        _tree = _tree with { Root = null, Orphans = _tree.Orphans.Add(root) };
        _deniedSince = MonotonicTime.Never;
        _stateChanged = true;
        _endAt = now + _timeouts.PublisherLinger;
    }

    private void End(MonotonicTime now)
    {
        _endAt = MonotonicTime.Never;
        var nodes = _tree.Nodes.Keys;
        _tree = StreamTree.Empty with { Epoch = _tree.Epoch, Version = _tree.Version + 1 };
        foreach (var node in nodes.Where(IsAlive))
        {
            _outbox.Expect(node, _tree.Version, now);
            _commands.Add(PlaceOf(node)! with { Reason = "the publisher did not come back" });
        }
    }
}
