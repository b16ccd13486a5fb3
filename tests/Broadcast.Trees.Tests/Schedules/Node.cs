using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;
using Broadcast.Trees.Planning;
using Broadcast.Trees.Tests.Model;

namespace Broadcast.Trees.Tests.Schedules;

/// <summary>A node: the model of its half, <see cref="NodeControl"/>, behind a fake shell.</summary>
internal sealed class Node
{
    private readonly World _world;
    private readonly string _region;
    private readonly string _zone;
    private readonly NodeRoles _roles;
    private readonly NodeCapacity _capacity;
    private bool _ticking;

    public Node(World world, NodeId id, string region, string zone, NodeRoles roles, NodeCapacity capacity)
    {
        _world = world;
        Id = id;
        (_region, _zone, _roles, _capacity) = (region, zone, roles, capacity);
        Stream = new NodeControl(id, world.Now);
        IsAlive = true;
        var phase = world.Random.NextDouble() * 100;
        world.In(phase, () => world.Every(100, SendFrames));
    }

    public NodeId Id { get; }

    public string Place => $"{_region}/{_zone} {_roles}";

    public bool IsIngest => (_roles & NodeRoles.Ingest) != 0;

    public int MaxChildren => _capacity.MaxChildren;

    public NodeControl Stream { get; private set; }

    public bool IsAlive { get; private set; }

    public bool IsDraining { get; private set; }

    /// <summary>Stopped between two instructions: it neither speaks nor dies for the membership at once.</summary>
    public MonotonicTime? GoneSince { get; private set; }

    /// <summary>The membership learns of it as of a hung node, not as of a closed connection.</summary>
    public bool Hangs { get; private set; }

    /// <summary>Extra delay of its control messages, ms.</summary>
    public double SlowMilliseconds { get; set; }

    public int Viewers { get; private set; }

    public long Generation { get; private set; } = 1;

    public void AddViewers(int count)
    {
        Viewers += count;
        Stream.SetViewers(Viewers, _world.Now);
        Act();
    }

    public void Crash(bool hangs)
    {
        IsAlive = false;
        Hangs = hangs;
        GoneSince = _world.Now;
        Viewers = 0;
    }

    public void Start()
    {
        IsAlive = true;
        IsDraining = false;
        Hangs = false;
        GoneSince = null;
        Generation++;
        Stream = new NodeControl(Id, _world.Now);
    }

    public void Drain() => IsDraining = true;

    /// <summary>What the membership says here: death is known after a while, a foreign island's as that of hung nodes.</summary>
    public NodeInfo Info(NodeId viewpoint)
    {
        var state = IsDraining ? NodeState.Draining : NodeState.Up;
        var cut = IsAlive && _world.Island is { } island && island.Contains(Id) != island.Contains(viewpoint) ? _world.Control.IslandSince : (MonotonicTime?)null;
        var since = GoneSince ?? cut;
        if (since is { } from)
        {
            var detection = GoneSince is not null && !Hangs ? 1500 : 6600;
            var silence = (_world.Now - from).TotalMilliseconds;
            state = silence > detection ? NodeState.Gone : silence > 700 ? NodeState.Suspect : state;
        }

        var fed = Stream.Children;
        var load = new NodeLoad((fed + Viewers) * 2.6e6, (fed + Viewers) * 330, Viewers, fed, 0.1);
        return new NodeInfo(Id, _region, _zone, _roles, _capacity, load, state, Generation);
    }

    /// <summary>A viewer's request landed here.</summary>
    public void Join(bool redirected, ulong seed, Action<JoinAnswer?> answer)
    {
        var cluster = _world.Snapshot(Id);
        var info = cluster.Find(Id);
        var verdict = Admission.Decide(info, cluster.FindRegion(_region), StreamDemand.Usual, Viewers, redirected, PlannerLimits.Default);
        if (Stream.IsCarrying && verdict == Landing.Here)
        {
            answer(new JoinAnswer.Serve(null));
            return;
        }

        _world.Control.Join(this, Viewers, seed, redirected, answer);
    }

    public void Apply(RelayCommand command)
    {
        Stream.Apply(command, _world.Now);
        Act();
    }

    /// <summary>Carries out what the control wants, and wakes it at its deadline.</summary>
    public void Act()
    {
        foreach (var action in Stream.TakeActions())
        {
            switch (action)
            {
                case NodeAction.Ask ask:
                    Ask(ask);
                    break;
                case NodeAction.Close close:
                    _world.Send(Id, close.Peer, 0.05, () => _world.Find(close.Peer).PeerClosed(Id));
                    break;
                case NodeAction.EndPublication:
                    _world.Publisher.EndedAt(Id);
                    break;
                case NodeAction.Send send:
                    _world.Control.Report(Id, send.Report);
                    break;
            }
        }

        if (_ticking || Stream.Deadline == MonotonicTime.Never) return;
        _ticking = true;
        _world.In(Math.Max(1, (Stream.Deadline - _world.Now).TotalMilliseconds), Wake);
    }

    private void Wake()
    {
        _ticking = false;
        if (!IsAlive) return;
        Stream.Tick(_world.Now);
        Act();
    }

    private void Ask(NodeAction.Ask ask)
    {
        var asking = Stream;
        _world.Send(Id, ask.Peer, 0.03, () =>
        {
            var answer = _world.Find(ask.Peer).Asked(Id, ask.Mode);
            if (answer == LinkAnswer.Accepted) return;
            _world.Send(ask.Peer, Id, 0.03, () =>
            {
                if (Stream != asking) return;
                Stream.LinkFailed(ask.Peer, _world.Now);
                Act();
            });
        });
    }

    private LinkAnswer Asked(NodeId child, LinkMode mode)
    {
        var answer = Stream.ChildAsks(child, mode, _capacity.MaxChildren - Stream.Children, _world.Now);
        Act();
        return answer;
    }

    private void PeerClosed(NodeId peer)
    {
        Stream.ChildGone(peer, _world.Now);
        Act();
    }

    private void SendFrames()
    {
        if (!IsAlive) return;
        if (Stream.IsCarrying || Viewers > 0)
        {
            Stream.Tick(_world.Now);
            Act();
        }

        foreach (var child in Stream.LinksDown.ToArray())
        {
            var frame = Stream.FrameFor(child, _world.Now);
            _world.SendMedia(Id, child, () => _world.Find(child).FrameCame(Id, frame));
        }
    }

    private void FrameCame(NodeId from, LinkFrame frame)
    {
        var wanted = Stream.HasLinkTo(from);
        if (!wanted)
        {
            _world.SendMedia(Id, from, () => _world.Find(from).PeerClosed(Id));
            return;
        }

        Stream.Heard(from, frame, _world.Now);
        Act();
        _world.SendMedia(Id, from, () => _world.Find(from).Stream.ChildHeard(Id, _world.Now));
    }
}
