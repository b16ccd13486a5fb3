using Broadcast.Grains.Cluster;
using Broadcast.Grains.Hosting;
using Broadcast.Grains.Storage;
using Broadcast.Grains.Tests.Cluster;
using Broadcast.Grains.Tests.Hosting;
using Broadcast.Grains.Tests.Servers;

namespace Broadcast.Grains.Tests.Outages;

/// <summary>The cluster's store dies, hangs, or comes back without its memory, while streams run. Each test has a server of its own.</summary>
public abstract class StoreOutageTests(ServerProcess server) : IAsyncLifetime
{
    protected ServerProcess Server { get; } = server;

    protected string Url => Server.Url;

    public Task InitializeAsync() => Server.InitializeAsync();

    public Task DisposeAsync() => Server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_store_is_away_streams_are_published_joined_and_released_and_it_learns_all_afterwards(bool hangs)
    {
        await using var cluster = await TestCluster.StartAsync(Url, "a", "b");
        var first = await cluster.ClaimAsync("a", "live", "one");
        if (hangs) Server.Freeze();
        else await Server.KillAsync();

        // A node that carries the stream serves it; another is attached; a publisher takes over; all without the store.
        await cluster.ServeAsync("a", "live");
        await cluster.ServeAsync("b", "live");
        var second = await cluster.ClaimAsync("b", "live", "two", replace: true);
        Assert.True(second.Epoch > first.Epoch);
        await cluster.Plane("a").WaitForParentAsync("live", "b");

        if (hangs) Server.Thaw();
        else await Server.StartAsync();
        var store = StreamStores.Open(new ClusterOptions { Store = Url, ClusterId = cluster.ClusterId });
        await TestCluster.UntilAsync(async () => await ReadAsync(store) is { Root: "b" } stored && stored.Epoch == second.Epoch);
        Assert.Equal(0, cluster["a"].Silo.Restarts + cluster["b"].Silo.Restarts);
        await ((IAsyncDisposable)store).DisposeAsync();
    }

    [Fact]
    public async Task A_stream_whose_past_cannot_be_known_gets_an_epoch_above_all_that_were_counted()
    {
        await using var cluster = await TestCluster.StartAsync(Url, "a");
        await Server.KillAsync();
        ClaimDecision? decision = null;
        await TestCluster.UntilAsync(async () => (decision = await cluster["a"].ClaimAsync("new", "s", replace: false, CancellationToken.None)) is ClaimDecision.Granted);
        Assert.True(((ClaimDecision.Granted)decision!).Epoch > 1_000_000);
        await Server.StartAsync();
    }

    private static async Task<StoredStream?> ReadAsync(IStreamStore store)
    {
        try
        {
            return await store.ReadAsync("live", CancellationToken.None);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The server is not ready yet.
            return null;
        }
    }
}

public sealed class RedisOutageTests() : StoreOutageTests(new RedisServer())
{
    [Fact]
    public async Task Silos_that_a_store_has_forgotten_enter_it_again_and_stay_one_cluster()
    {
        await using var cluster = await TestCluster.StartAsync(Url, "a", "b");
        var claim = await cluster.ClaimAsync("a", "live", "one");
        await cluster.ServeAsync("b", "live");
        var again = Task.WhenAll(TestSilos.NextRunning(cluster["a"].Silo), TestSilos.NextRunning(cluster["b"].Silo));
        await ((RedisServer)Server).ForgetAsync();
        await again;
        await cluster.AddAsync("c");
        foreach (var node in new[] { "a", "b", "c" }) await TestSilos.WaitForMembersAsync(cluster[node].Silo, "a", "b", "c");

        // The nodes that carry the stream are the memory: the same publisher, the same epoch.
        // Who is told when to come again comes again: what a newcomer knows of the others' room is a second old at best.
        await TestCluster.UntilAsync(async () => await cluster.JoinAsync("c", "live") is JoinDecision.Serve);
        Assert.Equal(claim.Epoch, (await cluster.WaitForTreeAsync("c", "live", tree => tree is { Root: "a" })).Epoch.Number);
        Assert.Equal(claim.Epoch + 1, (await cluster.ClaimAsync("a", "live", "one")).Epoch);
    }
}

public sealed class PostgresOutageTests() : StoreOutageTests(new PostgresServer());
