using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Schedules;

/// <summary>
/// Where the stream's writer lives: usually one, after an island has formed perhaps two, for a moment none. The real
/// <see cref="StreamControl"/> behind a fake directory and a fake store.
/// </summary>
internal sealed class ControlPlane
{
    private readonly World _world;
    private StreamState _stored = StreamState.New;
    private long _storedVersion;

    public ControlPlane(World world)
    {
        _world = world;
        world.Every(1000, RefreshAll);
    }

    public List<Writer> Writers { get; } = [];

    public MonotonicTime IslandSince { get; set; }

    public bool StoreIsDown { get; set; }

    /// <summary>The store forgets: a table was emptied.</summary>
    public void Forget() => _stored = StreamState.New;

    public void Report(NodeId from, NodeReport report)
    {
        if (WriterFor(from) is not { } writer) return;
        _world.Send(from, writer.Host, 0.05, () => writer.Do(control => control.Report(report, _world.Now)));
    }

    public void Join(Node node, int viewers, ulong seed, bool redirected, Action<JoinAnswer?> answer)
    {
        if (WriterFor(node.Id) is not { } writer)
        {
            answer(null);
            return;
        }

        // The caller waits two seconds for an answer, then says 503 by itself.
        var done = false;
        _world.In(2000, () =>
        {
            if (done) return;
            done = true;
            answer(null);
        });
        _world.Send(node.Id, writer.Host, 0.05, () =>
        {
            JoinAnswer? reply = null;
            writer.Do(control => reply = control.Join(node.Id, viewers, seed, redirected, _world.Now));
            _world.Send(writer.Host, node.Id, 0.05, () =>
            {
                if (done || reply is null) return;
                done = true;
                if (reply is JoinAnswer.Serve { Place: { } place }) node.Apply(place);
                answer(reply);
            });
        });
    }

    public void Claim(Node node, string session, Action<ClaimAnswer?> answer)
    {
        if (WriterFor(node.Id) is not { } writer)
        {
            answer(null);
            return;
        }

        var claim = (ulong)_world.Random.NextInt64();
        _world.Send(node.Id, writer.Host, 0.05, () =>
        {
            ClaimAnswer? reply = null;
            writer.Do(control => reply = control.Claim(node.Id, session, claim, replace: false, _world.Now));
            _world.Send(writer.Host, node.Id, 0.05, () => answer(reply));
        });
        _world.In(1000, () => answer(null));
    }

    public void Release(NodeId node, StreamEpoch epoch)
    {
        if (WriterFor(node) is { } writer) _world.Send(node, writer.Host, 0.05, () => writer.Do(control => control.Release(node, epoch, _world.Now)));
    }

    /// <summary>After an island is connected again, one of two writers is found out by and by.</summary>
    public void Reconcile()
    {
        while (Writers.Count > 1) Writers.Remove(_world.Any(Writers));
    }

    private Writer? WriterFor(NodeId node)
    {
        Writers.RemoveAll(writer => !_world.Find(writer.Host).IsAlive && _world.Snapshot(node).StateOf(writer.Host) == NodeState.Gone);
        Writer[] reachable = [.. Writers.Where(writer => _world.Connected(node, writer.Host))];
        if (reachable.Length > 0) return _world.Any(reachable);
        var cluster = _world.Snapshot(node);

        // A call goes to a dead or cut off host until the membership knows.
        if (Writers.Any(writer => cluster.StateOf(writer.Host) != NodeState.Gone)) return null;
        Node[] hosts = [.. _world.Nodes.Where(other => _world.Connected(node, other.Id))];
        if (hosts.Length == 0) return null;
        var host = _world.Any(hosts);
        var created = new Writer(_world, this, host.Id, StoreIsDown ? StreamState.New : _stored, _storedVersion);
        _world.Note($"writer at {host.Id} from epoch {(StoreIsDown ? StreamEpoch.None : _stored.Epoch)}");
        Writers.Add(created);
        return created;
    }

    private void RefreshAll()
    {
        foreach (var writer in Writers.ToArray())
        {
            if (_world.Find(writer.Host).IsAlive) writer.Refresh();
        }
    }

    /// <summary>One activation of the stream's grain.</summary>
    public sealed class Writer
    {
        private readonly World _world;
        private readonly ControlPlane _plane;
        private StreamTree? _checked;
        private long _version;
        private bool _unsaved;

        public Writer(World world, ControlPlane plane, NodeId host, StreamState state, long version)
        {
            (_world, _plane, Host, _version) = (world, plane, host, version);
            Control = new StreamControl(state, world.Snapshot(host), world.Now);
            world.Every(250, () =>
            {
                if (plane.Writers.Contains(this)) Do(control => control.Tick(world.Now));
            });
        }

        public NodeId Host { get; }

        public StreamControl Control { get; }

        public void Refresh() => Do(control => control.SetCluster(_world.Snapshot(Host), _world.Now));

        public void Do(Action<StreamControl> input)
        {
            if (!_world.Find(Host).IsAlive || !_plane.Writers.Contains(this)) return;
            input(Control);
            if (!ReferenceEquals(_checked, Control.Tree))
            {
                _checked = Control.Tree;
                Monitor.Check(Control);
            }

            foreach (var command in Control.TakeCommands()) _world.Send(Host, command.Node, 0.05, () => _world.Find(command.Node).Apply(command));
            _unsaved |= Control.TakeStateChange();
            if (_unsaved && !_plane.StoreIsDown) Save();
        }

        private void Save()
        {
            _unsaved = false;
            if (_version != _plane._storedVersion)
            {
                // Somebody else wrote: this activation ends, as one with a foreign ETag does.
                _world.Note($"writer at {Host} ends, its state is stale");
                _plane.Writers.Remove(this);
                return;
            }

            _plane._stored = Control.State;
            _version = ++_plane._storedVersion;
        }
    }
}
