using System.Collections.Immutable;
using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Model;

/// <summary>
/// A model of one node's half of one stream, which in a program is its media plane: does what the writer commands, and what must not
/// wait for the writer by itself.
/// </summary>
/// <remarks>
/// <code>
///             command              frames come
///   Detached ─────────► Attaching ─────────────► Fed ──── command: new parent ────► Fed by both, the old one goes
///      ▲                    │ no answer           │ silence                          after the overlap
///      │ command            ▼                     ▼
///      └──────────────── Orphan ◄──nobody── standby, then ancestors ──► Fed
/// </code>
/// Silence of the parent is its death or the link's: the standby is taken at once. A parent that speaks but has nothing itself
/// is given time, for it does the same. Owned by one caller at a time; after each call carry out <see cref="TakeActions"/>, and
/// call <see cref="Tick"/> at <see cref="Deadline"/>.
/// </remarks>
public sealed partial class NodeControl
{
    private readonly NodeId _self;
    private readonly Timeouts _timeouts;
    private readonly List<NodeAction> _actions = [];
    private readonly SortedDictionary<NodeId, UpLink> _links = [];
    private readonly SortedDictionary<NodeId, MonotonicTime> _failed = [];
    private readonly ChildLinks _children = new();
    private NodeId? _planned;
    private NodeId? _standby;
    private NodeId? _active;
    private NodeId? _target;
    private MonotonicTime? _overlapSince;
    private MonotonicTime _unneededSince;
    private MonotonicTime _reportAt = MonotonicTime.Never;
    private ImmutableArray<NodeId> _path = [];
    private string? _session;
    private int _viewers;
    private bool _news;
    private bool _isCarrying;

    /// <summary>Begins without the stream.</summary>
    public NodeControl(NodeId self, MonotonicTime now, Timeouts? timeouts = null)
    {
        _self = self;
        _timeouts = timeouts ?? Timeouts.Default;
        _unneededSince = now;
    }

    /// <summary>The publisher is here.</summary>
    public bool IsRoot { get; private set; }

    /// <summary>The highest epoch seen.</summary>
    public StreamEpoch Epoch { get; private set; }

    /// <summary>Version of the last command that was applied.</summary>
    public long Version { get; private set; }

    /// <summary>Who feeds this node now; null for the root and for orphans.</summary>
    public NodeId? Parent => _active;

    /// <summary>The parent it is changing to; null when it is not.</summary>
    public NodeId? Target => _target;

    /// <summary>Who is kept warm.</summary>
    public NodeId? Standby => _standby == _active ? null : _standby;

    /// <summary>The stream is here or on its way: viewers are served without asking anybody.</summary>
    public bool IsCarrying => IsRoot || _isCarrying;

    /// <summary>Nodes that this one feeds.</summary>
    public int Children => _children.Fed;

    /// <summary>Whether the way up leads to a publisher, as far as one can know now.</summary>
    public bool IsRooted(MonotonicTime now) => IsRoot || (_active is { } active && IsUsable(_links[active], now));

    /// <summary>What to tell children and those this node stands by for, every <see cref="Timeouts.LinkFrame"/>.</summary>
    public LinkFrame FrameFor(NodeId child, MonotonicTime now) =>
        new(Epoch, IsRooted(now), _children.IsFed(child) ? LinkMode.Media : LinkMode.Warm, IsRoot ? [_self] : _path.Add(_self));

    /// <summary>Whether this node asked <paramref name="peer"/> for anything; a link nobody wants is to be closed.</summary>
    public bool HasLinkTo(NodeId peer) => _links.ContainsKey(peer);

    /// <summary>Whether <paramref name="child"/> gets media from here.</summary>
    public bool IsFeeding(NodeId child) => _children.IsFed(child);

    /// <summary>Links down, fed or warm: to whom frames go.</summary>
    public IReadOnlyCollection<NodeId> LinksDown => _children.All;

    /// <summary>What to do since the last call, in order.</summary>
    public IReadOnlyList<NodeAction> TakeActions()
    {
        NodeAction[] actions = [.. _actions];
        _actions.Clear();
        return actions;
    }

    /// <summary>The claim was granted: this node is the root.</summary>
    public void BecomeRoot(StreamEpoch epoch, long version, string session, MonotonicTime now)
    {
        if (epoch < Epoch) return;
        Epoch = epoch;
        Version = Math.Max(Version, version);
        IsRoot = true;
        _session = session;
        CloseAll();
        Report(now);
    }

    /// <summary>The publisher went away from here; the shell tells the writer by a release.</summary>
    public void PublisherGone(MonotonicTime now)
    {
        if (!IsRoot) return;
        IsRoot = false;
        _isCarrying = true;
        Advance(now);
    }

    /// <summary>A command came. One that is older than what was done last only has it said again what that was.</summary>
    /// <returns>Whether it was new.</returns>
    public bool Apply(RelayCommand command, MonotonicTime now)
    {
        if (command.Node != _self) return false;
        var isNew = command.Epoch > Epoch || (command.Epoch == Epoch && command.Version > Version && !IsRoot);
        if (!isNew)
        {
            Report(now);
            return false;
        }

        if (command.Kind == CommandKind.Lead)
        {
            if (IsRoot) (Epoch, Version) = (command.Epoch, command.Version);
            Report(now);
            return IsRoot;
        }

        if (IsRoot) _actions.Add(new NodeAction.EndPublication(Epoch));
        IsRoot = false;
        Epoch = command.Epoch;
        Version = command.Version;
        _failed.Clear();
        if (command.Parent is { } parent)
        {
            _isCarrying = true;
            _planned = parent;
            _standby = command.Standby;
            if (_active == parent) _target = null;
            else if (_target != parent) Aim(parent, now);
            CloseUnused();
            KeepStandbyWarm(now);
        }
        else
        {
            CloseAll();
        }

        _news = true;
        Advance(now);
        return true;
    }

    /// <summary>A frame or, with the frame of before, media came from a link up.</summary>
    public void Heard(NodeId from, LinkFrame frame, MonotonicTime now)
    {
        if (!_links.TryGetValue(from, out var link)) return;
        link.HeardAt = now;
        link.Frame = frame;
        if (from == _active || from == _target)
        {
            if (frame.Epoch > Epoch) (Epoch, _news) = (frame.Epoch, true);
            if (from == _active) _path = frame.Path;
        }

        link.DrySince = Gives(link) ? null : link.DrySince ?? now;
        Advance(now);
    }

    /// <summary>Media came from a link up.</summary>
    public void HeardMedia(NodeId from, MonotonicTime now)
    {
        if (_links.TryGetValue(from, out var link)) link.HeardAt = now;
    }

    /// <summary>A link up was refused or broke.</summary>
    public void LinkFailed(NodeId peer, MonotonicTime now)
    {
        if (!_links.ContainsKey(peer)) return;
        Fail(peer, now);
        Advance(now);
    }

    /// <summary>Somebody wants the stream from here, or a warm link.</summary>
    /// <param name="freePlaces">Links that the node can feed beyond those it feeds, all streams together.</param>
    public LinkAnswer ChildAsks(NodeId child, LinkMode mode, int freePlaces, MonotonicTime now)
    {
        if (!IsCarrying) return LinkAnswer.NotCarried;
        if (mode == LinkMode.Media)
        {
            if (child == _self || child == _active || (!IsRoot && _path.Contains(child))) return LinkAnswer.Loop;
            if (!_children.IsFed(child) && freePlaces <= 0) return LinkAnswer.Full;
        }

        _children.Set(child, mode, now);
        Need(now);
        return LinkAnswer.Accepted;
    }

    /// <summary>A child gave a sign of life.</summary>
    public void ChildHeard(NodeId child, MonotonicTime now) => _children.Heard(child, now);

    /// <summary>A child closed its link.</summary>
    public void ChildGone(NodeId child, MonotonicTime now)
    {
        if (_children.Remove(child)) Need(now);
    }

    /// <summary>How many viewers watch here.</summary>
    public void SetViewers(int viewers, MonotonicTime now)
    {
        var (before, needed) = (_viewers, Math.Max(0, viewers));
        _viewers = needed;
        Need(now);

        // A node that was told to let go just before its next viewer came asks again.
        if (before == 0 && needed > 0 && !IsCarrying && Epoch != StreamEpoch.None) Report(now);
    }

    /// <summary>Everything due by now.</summary>
    public void Tick(MonotonicTime now)
    {
        foreach (var child in _children.Silent(now, _timeouts.ChildSilence))
        {
            _children.Remove(child);
            _actions.Add(new NodeAction.Close(child));
            Need(now);
        }

        Advance(now);
        if (_isCarrying && !IsRoot && !IsNeeded && now - _unneededSince >= _timeouts.Linger * 2) CloseAll();
        if (now >= _reportAt) Report(now);
    }

    private bool IsNeeded => _viewers > 0 || _children.Fed > 0;

    private void Need(MonotonicTime now)
    {
        if (IsNeeded) _unneededSince = now;
    }

    private void Report(MonotonicTime now)
    {
        _news = false;
        var isOrphan = _isCarrying && !IsRoot && (_active is null || _failed.Count > 0);
        _reportAt = !IsCarrying && !IsNeeded ? MonotonicTime.Never : now + (isOrphan || (IsNeeded && !IsCarrying) ? _timeouts.OrphanRetry : _timeouts.Report);
        var wantsToLeave = !IsRoot && !IsNeeded && now - _unneededSince >= _timeouts.Linger;
        _actions.Add(new NodeAction.Send(new NodeReport(
            _self, Epoch, Version, IsRoot, _active, _target, Standby, IsRooted(now), IsRoot ? [] : _path, _viewers, _children.Fed,
            [.. _failed.Keys], wantsToLeave, IsRoot ? _session : null)));
    }
}
