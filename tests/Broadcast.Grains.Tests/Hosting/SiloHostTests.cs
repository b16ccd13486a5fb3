using System.Diagnostics;
using Broadcast.Grains.Hosting;
using Broadcast.Grains.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;

namespace Broadcast.Grains.Tests.Hosting;

/// <summary>The silo inside the process, with real sockets.</summary>
public class SiloHostTests
{
    [Fact]
    public async Task A_node_alone_starts_with_nothing_installed_and_stops()
    {
        await using var host = TestSilos.Create("alone");
        await host.StartAsync(CancellationToken.None);
        Assert.Equal(SiloState.Running, host.State);
        Assert.Equal(System.Net.IPAddress.Loopback, host.Address!.Endpoint.Address);
        await host.StopAsync(CancellationToken.None);
        Assert.Equal(SiloState.Stopped, host.State);
        Assert.Null(host.Services);
    }

    [Fact]
    public async Task A_silo_that_fails_is_followed_by_a_new_generation_in_the_same_process()
    {
        await using var host = TestSilos.Create("alone");
        await host.StartAsync(CancellationToken.None);
        var first = host.Address!;
        var running = TestSilos.NextRunning(host);

        // What Orleans calls when the cluster has declared this silo dead; its own handler would end this process.
        host.Services!.GetRequiredService<IFatalErrorHandler>().OnFatalException(this, "I have been told I am dead", null);

        await running;
        Assert.NotEqual(first, host.Address);
        Assert.Equal(1, host.Restarts);
        Assert.NotNull(host.Grains);
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_named_without_its_password()
    {
        var options = new ClusterOptions { NodeId = "a", Store = "redis://:hunter2@127.0.0.1:1", StartTimeout = TimeSpan.FromMilliseconds(500) };
        await using var host = new SiloHost(options, _ => { }, NullLoggerFactory.Instance);
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => host.StartAsync(CancellationToken.None));
        Assert.Contains("redis://127.0.0.1:1", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.Message, StringComparison.Ordinal);
        Assert.Equal(SiloState.Stopped, host.State);
    }
}

/// <summary>Several silos at one Redis, each with the cluster secret it is given.</summary>
public sealed class RedisClusterTests(RedisServer redis) : IClassFixture<RedisServer>
{
    [Fact]
    public async Task Silos_with_the_same_secret_become_one_cluster()
    {
        await using var a = TestSilos.Create("a", redis.Url, "one", "0123456789abcdef");
        await using var b = TestSilos.Create("b", redis.Url, "one", "0123456789abcdef");
        await a.StartAsync(CancellationToken.None);
        await b.StartAsync(CancellationToken.None);
        await TestSilos.WaitForMembersAsync(a, "a", "b");
        await TestSilos.WaitForMembersAsync(b, "a", "b");
        Assert.Equal("b", await a.Grains!.GetGrain<IWhereGrain>("b").Where());
        Assert.Equal("a", await b.Grains!.GetGrain<IWhereGrain>("a").Where());
        Assert.Equal(0, a.RefusedConnections + b.RefusedConnections);

        // Closing an encrypted connection takes milliseconds; one that does not end holds the silo until its time to stop is over.
        var begun = Stopwatch.GetTimestamp();
        await b.StopAsync(CancellationToken.None);
        Assert.True(Stopwatch.GetElapsedTime(begun) < SiloHost.StopTimeout / 2);
    }

    [Fact]
    public async Task A_silo_with_another_secret_cannot_join()
    {
        await using var a = TestSilos.Create("a", redis.Url, "two", "0123456789abcdef");
        await using var stranger = TestSilos.Create("stranger", redis.Url, "two", "another secret!!", TimeSpan.FromSeconds(8));
        await a.StartAsync(CancellationToken.None);
        await Assert.ThrowsAsync<InvalidDataException>(() => stranger.StartAsync(CancellationToken.None));
        Assert.True(a.RefusedConnections > 0);
        Assert.DoesNotContain("stranger", TestSilos.ActiveMembers(a));
    }

    [Fact]
    public async Task A_silo_without_a_secret_cannot_join()
    {
        await using var a = TestSilos.Create("a", redis.Url, "three", "0123456789abcdef");
        await using var stranger = TestSilos.Create("stranger", redis.Url, "three", "", TimeSpan.FromSeconds(8));
        await a.StartAsync(CancellationToken.None);
        await Assert.ThrowsAsync<InvalidDataException>(() => stranger.StartAsync(CancellationToken.None));
        Assert.DoesNotContain("stranger", TestSilos.ActiveMembers(a));
    }
}
