using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>A test with a cluster of its own; what its nodes and tabs wrote goes into its output.</summary>
[Collection(RealClients.Name)]
public abstract class CascadeTest(Rig rig, ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Until media flow again after whatever happened; on a machine that does nothing else it takes a tenth of it.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>
    /// The source feeds two relays and has no room for more. When all have viewers, the leaf is fed by the node "relay", for the one
    /// that is called "spare" has little uplink; that one stands by.
    /// </summary>
    protected static readonly NodePlan[] DeepTree =
        [new("source", "--max-children", "2"), new("relay"), new("spare", "--uplink", "100000000"), new("leaf")];

    private readonly List<Tab> _tabs = [];
    private readonly List<IAsyncDisposable> _clients = [];
    private NodeCluster? _cluster;

    protected const string Stream = "cascade";

    protected NodeCluster Cluster => _cluster!;

    protected ITestOutputHelper Output => output;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var tab in _tabs)
        {
            output.WriteLine($"-- {tab.Page.Url}\n{tab.Console}");
            await tab.DisposeAsync();
        }

        foreach (var client in Enumerable.Reverse(_clients)) await client.DisposeAsync();
        if (_cluster is null) return;
        foreach (var (name, node) in Cluster.Nodes) output.WriteLine($"-- {name}\n{node.Log}");
        await Cluster.DisposeAsync();
    }

    protected async Task StartAsync(params NodePlan[] plans) => _cluster = await NodeCluster.StartAsync(plans);

    protected async Task StartAsync(NodeNetwork network, params NodePlan[] plans) => _cluster = await NodeCluster.StartAsync(network, plans);

    internal async Task<Source> PublishAsync(string node, string stream = Stream) => Keep(await Source.StartAsync(Cluster[node], stream));

    internal async Task<Audience> WatchAsync(string node, int viewers, string stream = Stream) => Keep(await Audience.JoinAsync(Cluster[node], stream, viewers));

    /// <summary>Goes live by the publish page.</summary>
    protected async Task<Tab> PublishByPageAsync(string address)
    {
        var tab = await OpenAsync(address);
        await PublishPage.GoLiveAsync(tab, "none", Stream, "video/VP8", "single");
        return tab;
    }

    /// <summary>Opens the watch page and waits for the first frame on its screen.</summary>
    protected async Task<Tab> WatchByPageAsync(string address)
    {
        var tab = await OpenAsync(address);
        await tab.AddScriptAsync("picture-watch.js");
        await WatchPage.OpenAsync(tab, Stream);
        await WatchPage.UntilPlayingAsync(tab);
        return tab;
    }

    internal T Keep<T>(T client)
        where T : IAsyncDisposable
    {
        _clients.Add(client);
        return client;
    }

    protected async Task<Tab> OpenAsync(string address)
    {
        var tab = await rig.Chromium.OpenAsync(address);
        _tabs.Add(tab);
        return tab;
    }
}
