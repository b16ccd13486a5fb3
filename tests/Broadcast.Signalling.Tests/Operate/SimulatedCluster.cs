using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Operate.Figures;

namespace Broadcast.Signalling.Tests.Operate;

/// <summary>A cluster that exists only in figures: nodes in regions, streams on trees of nodes, viewers that come and go. Nodes can die; who was fed by one takes its standby.</summary>
public sealed class SimulatedCluster : IClusterOperations, IClusterFigures
{
    private static readonly string[] Regions = ["eu-west", "eu-north", "us-east", "us-west", "ap-south", "ap-east", "sa-east", "af-south"];

    private readonly Lock _lock = new();
    private readonly Random _chance;
    private readonly SortedDictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly EventLog _events;

    /// <param name="nodes">How many.</param>
    /// <param name="streams">How many, each on one to twenty nodes.</param>
    /// <param name="sessions">About so many viewers in all.</param>
    /// <param name="seed">Of chance.</param>
    public SimulatedCluster(int nodes, int streams, int sessions, int seed = 1)
    {
        _chance = new Random(seed);
        _events = new EventLog(TimeProvider.System);
        for (var i = 0; i < nodes; i++)
            _members.Add($"node-{i:d3}", new Member($"node-{i:d3}", Regions[i % Regions.Length], $"zone-{i % 16}"));
        var names = _members.Keys.ToArray();
        for (var i = 0; i < streams; i++)
            Plant($"stream-{i:d4}", names, Math.Max(1, sessions / streams));
    }

    /// <inheritdoc/>
    public string NodeId => "node-000";

    /// <summary>Reports given.</summary>
    public int Asked { get; private set; }

    /// <summary>A node that never answers.</summary>
    public string? Hanging { get; set; }

    /// <summary>Bans that were spread.</summary>
    public List<Ban> Spread { get; } = [];

    /// <summary>Takes a node away; what it fed goes on by the standby.</summary>
    public void Kill(string nodeId)
    {
        lock (_lock)
        {
            _members.Remove(nodeId);
            foreach (var member in _members.Values)
            {
                foreach (var stream in member.Streams.Where(stream => stream.Parent == nodeId))
                    (stream.Parent, stream.Standby) = (stream.Standby, null);
                foreach (var stream in member.Streams.Where(stream => stream.Standby == nodeId))
                    stream.Standby = null;
            }

            _events.Add("node", nodeId, "is gone");
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeView>> GetNodesAsync(CancellationToken cancellation)
    {
        lock (_lock) return new([.. _members.Values.Select(member => member.View(member.NodeId == NodeId))]);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DrainAsync(string nodeId, bool draining, CancellationToken cancellation)
    {
        lock (_lock) _members[nodeId].IsDraining = draining;
        return new(true);
    }

    /// <inheritdoc/>
    public ValueTask<TreeView?> GetTreeAsync(string streamId, CancellationToken cancellation) => new((TreeView?)null);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ScaleView>> GetScaleAsync(CancellationToken cancellation) => new([]);

    /// <inheritdoc/>
    public async ValueTask<NodeReport?> ReportAsync(string nodeId, long eventsAfter, CancellationToken cancellation)
    {
        if (nodeId == Hanging)
            await Task.Delay(Timeout.Infinite, cancellation);
        lock (_lock)
        {
            Asked++;
            return _members.TryGetValue(nodeId, out var member)
                ? new NodeReport([.. member.Streams.Select(stream => stream.Move(_chance))], member.Streams.Count / 3, 7, nodeId == NodeId ? _events.After(eventsAfter) : [], 0)
                : null;
        }
    }

    /// <inheritdoc/>
    public ValueTask<SessionPage?> SessionsAsync(string nodeId, string streamId, int skip, int take, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_members.TryGetValue(nodeId, out var member) || member.Streams.Find(stream => stream.Id == streamId) is not { } stream)
                return new((SessionPage?)null);
            var count = stream.Sessions;
            return new(new SessionPage(count, [.. Enumerable.Range(0, count).Skip(skip).Take(take).Select(i => stream.Session(nodeId, i))]));
        }
    }

    /// <inheritdoc/>
    public ValueTask<PastFigures?> PastAsync(string nodeId, string subject, CancellationToken cancellation)
    {
        var samples = Enumerable.Range(0, FigureHistory.Length).Select(i => 1000f + (100f * MathF.Sin(i / 9f))).ToArray();
        return new(new PastFigures((int)FigureHistory.Step.TotalSeconds, [samples, samples, samples]));
    }

    /// <inheritdoc/>
    public ValueTask<bool> EndSessionAsync(string nodeId, string sessionId, CancellationToken cancellation) => new(true);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> SpreadAsync(IReadOnlyList<Ban> bans, CancellationToken cancellation)
    {
        Spread.AddRange(bans);
        return new([]);
    }

    // Each node's parent is one that has the stream already, its standby another one.
    private void Plant(string id, string[] names, int viewers)
    {
        var size = Math.Min(names.Length, 1 + (_chance.Next(4) == 0 ? _chance.Next(20) : _chance.Next(6)));
        var places = Enumerable.Range(0, size).Select(_ => names[_chance.Next(names.Length)]).Distinct().ToArray();
        var depths = new int[places.Length];
        for (var i = 0; i < places.Length; i++)
        {
            var parent = i == 0 ? -1 : _chance.Next(i);
            var standby = i < 2 ? -1 : (parent + 1 + _chance.Next(i - 1)) % i;
            depths[i] = i == 0 ? 0 : depths[parent] + 1;
            _members[places[i]].Streams.Add(new Stream(
                id, i == 0 ? null : places[parent], standby < 0 ? null : places[standby], depths[i], (viewers / places.Length) + _chance.Next(3), 500_000 + _chance.Next(4_000_000)));
        }
    }

    private sealed class Member(string nodeId, string region, string zone)
    {
        public string NodeId => nodeId;

        public bool IsDraining { get; set; }

        public List<Stream> Streams { get; } = [];

        public NodeView View(bool isThis)
        {
            var (viewers, bits) = (Streams.Sum(stream => stream.Viewers), Streams.Sum(stream => (double)stream.Bits * (stream.Viewers + 1)));
            return new NodeView(
                nodeId, region, zone, ["ingest", "relay", "edge"], IsDraining ? "draining" : "up", isThis, $"https://{nodeId}.example", viewers / 2000.0,
                new NodeLoadView(bits, bits / 8800, viewers, Streams.Count, viewers / 2500.0), new NodeCapacityView(1e10, 400_000, 2000, 256));
        }
    }

    private sealed class Stream(string id, string? parent, string? standby, int depth, int viewers, long bits)
    {
        private long _keyframes;

        public string Id => id;

        public string? Parent { get; set; } = parent;

        public string? Standby { get; set; } = standby;

        public int Viewers { get; private set; } = viewers;

        public long Bits { get; private set; } = bits;

        public int Sessions => Viewers + (depth == 0 ? 1 : 0);

        public StreamFigures Move(Random chance)
        {
            Bits = Math.Max(100_000, Bits + chance.Next(-50_000, 50_001));
            Viewers = Math.Max(0, Viewers + (chance.Next(4) == 0 ? chance.Next(-2, 3) : 0));
            _keyframes += chance.Next(8) == 0 ? 1 : 0;
            return new StreamFigures(
                id, depth == 0, true, Parent, Standby, null, depth, Viewers, 0, Sessions, Bits, chance.Next(20) == 0 ? 0.01 : 0, 5 + (8 * depth), 3, 3, _keyframes, _keyframes,
                "VP8 1280 × 720, Opus", depth % 2 == 0 ? "180p 360p 720p" : "180p 360p", null, 1_767_225_600_000);
        }

        public SessionFigures Session(string nodeId, int i) => new(
            $"{nodeId}-{id}-{i:d5}", nodeId, depth == 0 && i == 0, "connected", 1_767_225_600_000 + i, 60 + i, 20 + (i % 50), 0, Bits, Bits * 2, i, "udp", "720p", "none", $"192.0.2.{i % 250}", null);
    }
}
