using System.Collections.Concurrent;
using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.Grains.Abstractions.Viewers;
using Broadcast.Grains.Cluster;
using Broadcast.Grains.Hosting;
using Broadcast.Grains.Tests.Hosting;
using Broadcast.Grains.Viewers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Grains.Tests.Cluster;

/// <summary>Whole nodes, each with its own silo and sockets, around media planes that only pretend.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string _store;
    private readonly ConcurrentDictionary<string, FakeRelayPlane> _planes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClusterNode> _nodes = [];

    private TestCluster(string store) => _store = store;

    public string ClusterId { get; } = "c" + Guid.NewGuid().ToString("N");

    public RecordedUsage Usage { get; } = new();

    public ClusterNode this[string node] => _nodes[node];

    public static async Task<TestCluster> StartAsync(string store, params string[] nodes)
    {
        var cluster = new TestCluster(store);
        foreach (var node in nodes) await cluster.AddAsync(node);
        foreach (var node in nodes) await TestSilos.WaitForMembersAsync(cluster[node].Silo, nodes);
        return cluster;
    }

    public async Task AddAsync(string nodeId, Action<ClusterOptions>? configure = null)
    {
        var options = new ClusterOptions { NodeId = nodeId, Store = _store, ClusterId = ClusterId, PublicUrl = $"http://{nodeId}.example", Zone = nodeId };
        configure?.Invoke(options);
        var plane = _planes[nodeId] = new FakeRelayPlane(nodeId, _planes);
        _nodes[nodeId] = new ClusterNode(options, plane, Usage, TimeProvider.System, NullLoggerFactory.Instance);
        await _nodes[nodeId].StartAsync(CancellationToken.None);
    }

    public FakeRelayPlane Plane(string node) => _planes[node];

    public async Task<ClaimDecision.Granted> ClaimAsync(string node, string stream, string session = "s", bool replace = false)
    {
        var decision = await _nodes[node].ClaimAsync(stream, session, replace, CancellationToken.None);
        return decision as ClaimDecision.Granted ?? throw new InvalidOperationException(decision.ToString());
    }

    public Task<JoinDecision> JoinAsync(string node, string stream) => _nodes[node].JoinAsync(stream, redirected: false, CancellationToken.None);

    public async Task ServeAsync(string node, string stream)
    {
        var decision = await JoinAsync(node, stream);
        if (decision is not JoinDecision.Serve) throw new InvalidOperationException(decision.ToString());
    }

    /// <summary>Asks for the tree until it is as it should be.</summary>
    public async Task<TreeView> WaitForTreeAsync(string node, string stream, Func<TreeView, bool> condition)
    {
        TreeView? tree = null;
        await UntilAsync(async () => (tree = await _nodes[node].GetTreeAsync(stream)) is not null && condition(tree));
        return tree!;
    }

    /// <summary>Asks again and again until the answer is yes.</summary>
    public static async Task UntilAsync(Func<Task<bool>> question)
    {
        using var patience = new CancellationTokenSource(TestSilos.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await question()) await timer.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>Ends a node's silo as a crash does, and waits for the next generation.</summary>
    public async Task CrashSiloAsync(string node)
    {
        var running = TestSilos.NextRunning(_nodes[node].Silo);
        _nodes[node].Silo.Restart("The test says so.");
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values) await node.DisposeAsync();
    }
}

internal sealed class RecordedUsage : IUsageSink
{
    private readonly ConcurrentQueue<ViewerProgress> _finished = [];

    public IReadOnlyCollection<ViewerProgress> Sessions => _finished;

    public void Finished(ViewerProgress session) => _finished.Enqueue(session);
}
