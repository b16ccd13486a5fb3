using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Model;

public sealed partial class NodeControl
{
    /// <summary>When <see cref="Tick"/> is due.</summary>
    public MonotonicTime Deadline
    {
        get
        {
            var deadline = _reportAt;
            if (IsRoot || !_isCarrying) return deadline;
            if (_active is { } active && _links[active] is var fed)
            {
                deadline = MonotonicTime.Min(deadline, (fed.HeardAt ?? fed.AskedAt) + _timeouts.ParentSilence);
                if (fed.DrySince is { } dry && _target is null) deadline = MonotonicTime.Min(deadline, dry + _timeouts.UpstreamPatience);
            }

            if (_target is { } target)
            {
                var asked = _links[target];
                deadline = MonotonicTime.Min(deadline, asked.AskedAt + (asked.HeardAt is null ? _timeouts.AttachAnswer : _timeouts.OverlapLimit));
                if (_overlapSince is { } since) deadline = MonotonicTime.Min(deadline, since + _timeouts.Overlap);
            }

            if (_standby is { } standby && _links.TryGetValue(standby, out var warm)) deadline = MonotonicTime.Min(deadline, (warm.HeardAt ?? warm.AskedAt) + _timeouts.StandbySilence);

            return deadline;
        }
    }

    /// <summary>
    /// Everything about parents: (1) links that lead to itself go; (2) the new parent answers, or is given up;
    /// (3) a silent parent is replaced at once; (4) one that has nothing, after some patience; (5) a silent standby is reported.
    /// </summary>
    private void Advance(MonotonicTime now)
    {
        if (!IsRoot && _isCarrying)
        {
            // :: Step 1
            foreach (var link in _links.Values.Where(link => link.Mode == LinkMode.Media && link.Frame.Path.Contains(_self)).ToArray()) Fail(link.Peer, now);
            foreach (var (peer, until) in _failed.ToArray())
            {
                if (until <= now) _failed.Remove(peer);
            }

            // :: Step 2
            if (_target is { } target) Await(_links[target], now);

            // :: Step 3
            if (_active is { } active && !_links[active].IsAlive(now, _timeouts.ParentSilence)) Fail(active, now);
            if (_active is null && _target is null) TakeNext(now);

            // :: Step 4
            if (_target is null && _active is { } dry && _links[dry].DrySince is { } since && now - since >= _timeouts.UpstreamPatience
                && _standby is { } standby && standby != dry && _links.TryGetValue(standby, out var warm) && IsUsable(warm, now))
            {
                Aim(standby, now);
            }

            // A request that was lost: the peer speaks and believes the link to be a warm one.
            if (_active is { } fed && _links[fed] is { Frame.Mode: LinkMode.Warm } mistaken && now - mistaken.AskedAt >= _timeouts.AttachAnswer) Ask(fed, LinkMode.Media, now);

            // :: Step 5
            if (_standby is { } spare && spare != _active && spare != _target && _links.TryGetValue(spare, out var silent)
                && now - (silent.HeardAt ?? silent.AskedAt) >= _timeouts.StandbySilence)
            {
                Fail(spare, now);
            }
        }

        if (_news) Report(now);
    }

    /// <summary>The peer has the stream and does not have it from here.</summary>
    private bool Gives(UpLink link) => link.Frame.IsRooted && link.Frame.Epoch >= Epoch && (link.Mode == LinkMode.Warm || link.Frame.Mode == LinkMode.Media)
        && !link.Frame.Path.Contains(_self);

    private bool IsUsable(UpLink link, MonotonicTime now) => link.IsAlive(now, _timeouts.ParentSilence) && Gives(link);

    private void Await(UpLink target, MonotonicTime now)
    {
        var fed = _active is { } active && _links[active].IsAlive(now, _timeouts.ParentSilence);
        if (target.IsAlive(now, _timeouts.ParentSilence) && (!fed || Gives(target)))
        {
            _overlapSince ??= now;
            if (!fed || now - _overlapSince >= _timeouts.Overlap) Activate(target.Peer, now);
            return;
        }

        _overlapSince = null;
        var patience = target.HeardAt is null ? _timeouts.AttachAnswer : _timeouts.OverlapLimit;
        if (now - target.AskedAt >= patience) Fail(target.Peer, now);
    }

    /// <summary>The first of standby, ancestors and planned parent that has not failed lately.</summary>
    private void TakeNext(MonotonicTime now)
    {
        foreach (var peer in Candidates())
        {
            if (peer == _self || _failed.ContainsKey(peer)) continue;
            Aim(peer, now);

            // A warm link is there already: media may come with the next packet.
            if (_links[peer].IsAlive(now, _timeouts.ParentSilence)) Activate(peer, now);
            return;
        }
    }

    private IEnumerable<NodeId> Candidates()
    {
        if (_standby is { } standby) yield return standby;
        if (_planned is { } planned) yield return planned;
        for (var i = _path.Length - 1; i >= 0; i--) yield return _path[i];
    }

    private void Aim(NodeId peer, MonotonicTime now)
    {
        if (_target is { } old && old != peer && old != _active) Unlink(old, now);
        _target = peer;
        _overlapSince = null;
        Ask(peer, LinkMode.Media, now);
    }

    private void Activate(NodeId peer, MonotonicTime now)
    {
        var old = _active;
        _active = peer;
        _target = null;
        _overlapSince = null;
        if (_standby == peer) _standby = null;
        _path = _links[peer].Frame.Path;
        if (old is { } before && before != peer) Unlink(before, now);
        _news = true;
    }

    /// <summary>The old link goes, or goes on as the standby's.</summary>
    private void Unlink(NodeId peer, MonotonicTime now)
    {
        if (peer == _standby) Ask(peer, LinkMode.Warm, now);
        else Close(peer);
    }

    private void Fail(NodeId peer, MonotonicTime now)
    {
        Close(peer);
        _failed[peer] = now + _timeouts.OrphanRetry;
        if (_active == peer) _active = null;
        if (_target == peer) (_target, _overlapSince) = (null, null);
        if (_standby == peer) _standby = null;
        _news = true;
    }

    private void KeepStandbyWarm(MonotonicTime now)
    {
        if (_standby is { } standby && !_links.ContainsKey(standby)) Ask(standby, LinkMode.Warm, now);
    }

    private void Ask(NodeId peer, LinkMode mode, MonotonicTime now)
    {
        if (!_links.TryGetValue(peer, out var link)) _links[peer] = link = new UpLink(peer, now);
        (link.Mode, link.AskedAt) = (mode, now);
        _actions.Add(new NodeAction.Ask(peer, mode, Epoch));
    }

    private void Close(NodeId peer)
    {
        if (_links.Remove(peer)) _actions.Add(new NodeAction.Close(peer));
    }

    private void CloseUnused()
    {
        foreach (var peer in _links.Keys.ToArray())
        {
            if (peer != _active && peer != _target && peer != _standby) Close(peer);
        }
    }

    private void CloseAll()
    {
        foreach (var peer in _links.Keys.ToArray()) Close(peer);
        (_active, _target, _planned, _standby, _overlapSince) = (null, null, null, null, null);
        _path = [];
        _isCarrying = false;
        _news = true;
    }
}
