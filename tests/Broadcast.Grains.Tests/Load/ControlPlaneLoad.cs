using System.Diagnostics;
using System.Globalization;
using Broadcast.Grains.Abstractions.Viewers;
using Broadcast.Grains.Cluster;
using Broadcast.Grains.Tests.Cluster;
using Broadcast.Grains.Tests.Servers;
using Xunit.Abstractions;

namespace Broadcast.Grains.Tests.Load;

/// <summary>What the control plane costs, in processor time of this process, in which all nodes are. Printed; docs/benchmarks.md has the figures.</summary>
[Trait("Category", "Long")]
public sealed class ControlPlaneLoad(RedisServer redis, ITestOutputHelper output) : IClassFixture<RedisServer>
{
    [Fact]
    public async Task Joins_on_a_node_that_carries_the_stream()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        await cluster.ClaimAsync("a", "live");
        await MeasureAsync("join, stream on the node", 100_000, 64, _ => cluster.ServeAsync("a", "live"));
        Assert.Equal(0, cluster["a"].RemoteJoins);
    }

    /// <summary>The dearest join: each of another stream, so each asks a grain in another silo, is planned, attached, and reported.</summary>
    [Fact]
    public async Task A_thousand_joins_a_second_that_each_attach_a_node_need_less_than_two_processors()
    {
        await using var cluster = await TestCluster.StartAsync(redis.Url, "a", "b");
        cluster.Plane("a").Load = cluster.Plane("a").Load with { CapacityChildren = 256, CapacityBitsPerSecond = 400_000_000_000, CapacityPacketsPerSecond = 100_000_000 };
        const int Streams = 4000;
        await MeasureAsync("claim", Streams, 64, stream => cluster.ClaimAsync("a", "s" + stream));
        var served = 0;
        var cost = await MeasureAsync("join that attaches the node", Streams, 64, async stream =>
        {
            if (await cluster.JoinAsync("b", "s" + stream) is JoinDecision.Serve) Interlocked.Increment(ref served);
        });

        // The planner sends some of them to the publisher's own node: a node feeds so many children and no more.
        output.WriteLine($"served here {served} of {Streams}");
        Assert.True(served > 0);
        Assert.True(cost < TimeSpan.FromMilliseconds(2), $"{cost.TotalMilliseconds} ms of processor time each");
    }

    [Fact]
    public async Task Grains_of_viewers()
    {
        await using var cluster = await TestCluster.StartAsync("", "a");
        const int Viewers = 20_000;
        await UpdateAsync("warm");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await UpdateAsync("v");
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / Viewers;
        output.WriteLine($"heap of a viewer's grain: {bytes} B");
        await MeasureAsync("update of a viewer's grain", Viewers, 64, viewer => GrainOf("v" + viewer).Update(Progress("v" + viewer)));
        await MeasureAsync("end of a viewer", Viewers, 64, viewer => GrainOf("v" + viewer).End(Progress("v" + viewer)));
        Assert.Equal(Viewers, cluster.Usage.Sessions.Count);

        Task UpdateAsync(string prefix) => MeasureAsync($"begin of a viewer's grain ({prefix})", Viewers, 64, viewer => GrainOf(prefix + viewer).Update(Progress(prefix + viewer)));
        IViewerGrain GrainOf(string session) => cluster["a"].Silo.Grains!.GetGrain<IViewerGrain>("a/" + session);
        ViewerProgress Progress(string session) => new(session, session, "live", DateTimeOffset.UnixEpoch, 1, 1);
    }

    private async Task<TimeSpan> MeasureAsync(string what, int count, int atOnce, Func<int, Task> work)
    {
        using var process = Process.GetCurrentProcess();
        var (processor, begun) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (number, _) => await work(number));
        process.Refresh();
        var cost = (process.TotalProcessorTime - processor) / count;
        var rate = count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {cost.TotalMicroseconds:F1} µs of processor time, {rate:F0}/s here, {atOnce} at once"));
        return cost;
    }
}
