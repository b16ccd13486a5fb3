using System.Net;
using Broadcast.EndToEnd.Tests.Cascade;
using Broadcast.EndToEnd.Tests.Server;
using Broadcast.LoadTest.Flood;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Hostile;

/// <summary>Viewers of a node that somebody floods from another address.</summary>
public sealed class FloodTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const int Viewers = 20;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Viewers_lose_nothing_while_requests_and_datagrams_of_a_stranger_are_refused_and_counted()
    {
        await using var node = await ServerNode.StartAsync(switches: ["--workers", "1"]);
        await using var source = await Source.StartAsync(node, Stream, await node.MintAsync("publish", Stream));
        await using var viewers = await Audience.JoinAsync(node, Stream, Viewers);
        await viewers.RestartAsync();
        var flood = new FloodRun(new FloodOptions { Server = new Uri(node.Address), Stream = Stream, Duration = Length, PacketsPerSecond = 4000, Connections = 4 });
        var result = await flood.RunAsync(CancellationToken.None);
        var view = await viewers.UntilMoreAsync(Source.PacketsPerSecond, TimeSpan.FromSeconds(10));
        Output.WriteLine($"{result}; viewers: {view}");
        Assert.Equal(0, view.Lost);
        Assert.Empty(view.Ended);
        Assert.Equal(0, result.DatagramsBack);
        Assert.True(result.Datagrams > 4000, $"{result}");
        Assert.True(result.Answers.GetValueOrDefault("429") > 0, $"{result}");

        using var http = new HttpClient { BaseAddress = new Uri(node.Address) };
        var metrics = await http.GetStringAsync("/metrics");
        string[] refusals = ["broadcast_limits_requests_refused_total", "broadcast_limits_tokens_refused_total", "broadcast_limits_sessions_refused_total"];
        Assert.True(refusals.Sum(name => Count(metrics, name)) >= result.Answers["429"], "Not all refusals are counted.");
        Assert.True(Count(metrics, "broadcast_media_dropped_total") > result.Datagrams * 0.9, "Not all datagrams of the flood are counted.");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);
    }

    private static double Count(string metrics, string name) => metrics.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && (line[name.Length] is ' ' or '{'))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
}
