using System.Runtime.CompilerServices;
using System.Text;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode;
using Broadcast.Server.Metrics;

namespace Broadcast.Server.Tests.Metrics;

/// <summary>What a collector gets of a node with many streams.</summary>
public sealed class ScrapeTests
{
    private const int Limit = 2_000_000;

    [Fact]
    public async Task A_scrape_does_not_grow_with_streams_and_names_none()
    {
        using var bridge = new MeterBridge();
        using var plane = new MediaPlane(new MediaNodeOptions { Port = 0, Workers = 2, MaxSessions = 10_000 }, TimeProvider.System);
        using var meters = new MediaNodeMeters(plane);
        Publish(plane, 0, 1);
        var small = await ScrapeAsync(bridge);
        Publish(plane, 1, 1000);
        Assert.Equal(1000, plane.Streams.Count);

        // Figures are taken anew for a scrape that comes later.
        string large;
        do large = await ScrapeAsync(bridge);
        while (!large.Contains("broadcast_media_sessions{role=\"publisher\"} 1000", StringComparison.Ordinal));
        Assert.InRange(large.Length, 1000, Limit);

        // Digits of the counters of this process.
        Assert.InRange(large.Length, small.Length - 1000, small.Length + 2000);
        Assert.DoesNotContain("a-stream-of-", large, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_metric_has_help_and_a_name_in_base_units()
    {
        using var bridge = new MeterBridge();
        using var plane = new MediaPlane(new MediaNodeOptions { Port = 0, Workers = 1 }, TimeProvider.System);
        using var meters = new MediaNodeMeters(plane);
        var lines = (await ScrapeAsync(bridge)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var types = lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToDictionary(parts => parts[2], parts => parts[3]);
        Assert.True(types.Count > 40, $"{types.Count} metrics");
        foreach (var (name, type) in types)
        {
            Assert.Contains(lines, line => line.StartsWith($"# HELP {name} ", StringComparison.Ordinal) && line.Length > $"# HELP {name} ".Length);
            Assert.Equal((name, type == "counter"), (name, name.EndsWith("_total", StringComparison.Ordinal)));
            Assert.DoesNotMatch("_(ms|milliseconds|kb|mb|percent)(_|$)", name);
        }
    }

    private static void Publish(MediaPlane plane, int from, int to)
    {
        var offer = File.ReadAllText(Path.Combine(Root(), "tests", "captures", "sdp", "chrome-publish.sdp")).ReplaceLineEndings("\r\n");
        for (var i = from; i < to; i++) Assert.IsType<SessionResult.Accepted>(plane.Publish($"a-stream-of-{i}", offer));
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    private static async Task<string> ScrapeAsync(MeterBridge bridge)
    {
        using var text = new MemoryStream();
        await bridge.WriteAsync(text, CancellationToken.None);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
