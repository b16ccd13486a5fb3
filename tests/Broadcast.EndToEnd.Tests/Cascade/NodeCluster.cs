using Broadcast.EndToEnd.Tests.Server;
using Broadcast.Testing.Network;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>One node to be started: its name, which is also its zone, and further switches.</summary>
public sealed record NodePlan(string Name, params string[] Switches)
{
    /// <summary>Variables that it has besides those of the tests.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>Nodes as processes of their own, with Redis between them; everybody may publish and watch.</summary>
public sealed class NodeCluster : IAsyncDisposable
{
    private readonly Dictionary<string, ServerNode> _nodes = [];
    private readonly string _secret = Path.GetTempFileName();

    private readonly NodeNetwork? _network;

    private NodeCluster(RedisStore store, NodeNetwork? network) => (Store, _network) = (store, network);

    /// <summary>Where they find each other.</summary>
    public RedisStore Store { get; }

    /// <summary>All nodes.</summary>
    public IReadOnlyDictionary<string, ServerNode> Nodes => _nodes;

    /// <summary>The node of this name.</summary>
    public ServerNode this[string name] => _nodes[name];

    /// <summary>Starts Redis and the nodes, and waits until all are ready.</summary>
    public static Task<NodeCluster> StartAsync(params NodePlan[] plans) => StartAsync(null, plans);

    /// <summary>The same with each node in a namespace of its own; the network goes with the cluster.</summary>
    public static async Task<NodeCluster> StartAsync(NodeNetwork? network, params NodePlan[] plans)
    {
        var cluster = new NodeCluster(await RedisStore.StartAsync(network?.Gateway ?? "127.0.0.1"), network);
        await File.WriteAllTextAsync(cluster._secret, "the secret of all nodes");
        try
        {
            foreach (var (name, node) in await Task.WhenAll(plans.Select(async plan => (plan.Name, await cluster.LaunchAsync(plan, cluster._secret))))) cluster._nodes.Add(name, node);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more node.</summary>
    public async Task<ServerNode> AddAsync(NodePlan plan) => _nodes[plan.Name] = await LaunchAsync(plan, _secret);

    /// <summary>Starts a node that believes another secret.</summary>
    public async Task<ServerNode> LaunchStrangerAsync(NodePlan plan)
    {
        var secret = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(secret, "some secret of somebody else");
            return await LaunchAsync(plan, secret);
        }
        finally
        {
            File.Delete(secret);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Without a word: a node of a cluster would first let its viewers go elsewhere.
        await Task.WhenAll(_nodes.Values.Select(async node =>
        {
            await node.CrashAsync();
            await node.DisposeAsync();
        }));
        await Store.DisposeAsync();
        if (_network is not null) await _network.DisposeAsync();
        File.Delete(_secret);
    }

    private Task<ServerNode> LaunchAsync(NodePlan plan, string secret)
    {
        var port = FreePorts.Find();
        var address = _network?.AddressOf(plan.Name) ?? "127.0.0.1";
        return ServerNode.StartAsync(
            address,
            port,
            [.. _network?.Enter(plan.Name) ?? [], .. (string[])(plan.Environment.Count == 0 ? [] : ["env"]), .. plan.Environment.Select(pair => $"{pair.Key}={pair.Value}")],
            [
                "--no-auth", "--rate-limit", "0", "--workers", "1", "--cluster", Store.Url, "--cluster-secret-file", secret,
                "--node-id", plan.Name, "--zone", plan.Name, "--public-url", $"http://{(_network is null ? "localhost" : address)}:{port}", "--silo-ip", address,
                .. (string[])(_network is null ? [] : ["--i-know"]), .. plan.Switches,
            ]);
    }
}
