using Broadcast.Rtc;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Tests.Schedules;

/// <summary>Virtual time, a network that delays, loses, repeats and reorders, nodes, membership and a store. One seed, one course.</summary>
internal sealed class World
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly Dictionary<NodeId, Node> _byId = [];
    private long _order;
    private long _snapshots;

    public World(int seed)
    {
        Seed = seed;
        Random = new Random(seed);
        var regions = Random.Next(1, 4);
        var count = Random.Next(6, 22);
        for (var i = 0; i < count; i++)
        {
            var roles = i < 3 || Random.Next(4) > 0 ? NodeRoles.All : NodeRoles.Edge;
            var capacity = new NodeCapacity(1e9, 1e6, 40, Random.Next(4, 9));
            var node = new Node(this, new NodeId($"n{i:D2}"), $"r{i % regions}", $"z{i / regions % 3}", roles, capacity);
            Nodes.Add(node);
            _byId[node.Id] = node;
        }

        Control = new ControlPlane(this);
        Publisher = new Publisher(this);
        for (var i = 0; i < count * 4; i++) Viewers.Add(new Viewer(this));
    }

    public int Seed { get; }

    public Random Random { get; }

    public MonotonicTime Now { get; private set; } = MonotonicTime.FromMilliseconds(1);

    public List<Node> Nodes { get; } = [];

    public List<Viewer> Viewers { get; } = [];

    public ControlPlane Control { get; }

    public Publisher Publisher { get; }

    /// <summary>Null, or who is on the other side.</summary>
    public HashSet<NodeId>? Island { get; set; }

    /// <summary>When anything last went wrong or was mended: clocks of orphans begin anew.</summary>
    public MonotonicTime DisturbedAt { get; set; }

    /// <summary>What happened, for a failing seed.</summary>
    public List<string> Journal { get; } = [];

    public Node Find(NodeId id) => _byId[id];

    public void Note(string what)
    {
        Journal.Add($"{Now.Milliseconds,6} {what}");
    }

    public bool Chance(double share) => Random.NextDouble() < share;

    public T Any<T>(IReadOnlyList<T> items) => items[Random.Next(items.Count)];

    public void In(double milliseconds, Action action) => _events.Enqueue(action, (Now.Nanoseconds + (long)(milliseconds * 1e6), _order++));

    public void Every(double milliseconds, Action action)
    {
        In(milliseconds, () =>
        {
            action();
            Every(milliseconds, action);
        });
    }

    /// <summary>Runs all events up to a time.</summary>
    public void RunUntil(MonotonicTime end)
    {
        while (_events.TryPeek(out _, out var next) && next.At <= end.Nanoseconds)
        {
            var action = _events.Dequeue();
            Now = new MonotonicTime(Math.Max(Now.Nanoseconds, next.At));
            action();
        }

        Now = end;
    }

    /// <summary>Whether datagrams get from one node to another.</summary>
    public bool Connected(NodeId a, NodeId b) => Find(a).IsAlive && Find(b).IsAlive && (Island is null || Island.Contains(a) == Island.Contains(b));

    /// <summary>A message between nodes: late, sometimes lost, sometimes twice.</summary>
    public void Send(NodeId from, NodeId to, double loss, Action deliver)
    {
        if (Chance(loss)) return;
        var copies = Chance(0.02) ? 2 : 1;
        var slow = Math.Max(Find(from).SlowMilliseconds, Find(to).SlowMilliseconds);
        for (var i = 0; i < copies; i++)
        {
            In((2 + (Random.NextDouble() * Random.NextDouble() * 120)) + slow, () =>
            {
                if (Connected(from, to)) deliver();
            });
        }
    }

    /// <summary>A frame or packet on a link, which no slow control plane delays.</summary>
    public void SendMedia(NodeId from, NodeId to, Action deliver)
    {
        if (Chance(0.01)) return;
        In(1 + (Random.NextDouble() * 30), () =>
        {
            if (Connected(from, to)) deliver();
        });
    }

    /// <summary>The membership as seen from <paramref name="viewpoint"/>.</summary>
    public ClusterSnapshot Snapshot(NodeId viewpoint) => new(++_snapshots, Nodes.Select(node => node.Info(viewpoint)));
}
