using Broadcast.Testing.Telemetry;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>Joins and healings over several nodes as a collector of traces gets them.</summary>
public sealed class TraceTests(Rig rig, ITestOutputHelper output) : CascadeTest(rig, output)
{
    [Fact]
    public async Task A_join_and_the_healing_after_a_crash_are_traces_over_both_nodes()
    {
        using var collector = new OtlpCollector();
        await StartAsync([.. DeepTree.Select(plan => plan with { Environment = collector.Environment })]);
        await PublishAsync("source");
        await WatchAsync("relay", 1);
        await WatchAsync("spare", 1);
        var viewers = await WatchAsync("leaf", 1);

        // The stream was brought to the leaf for its first viewer: all in the trace of that viewer's request.
        var attached = await collector.UntilAsync(spans => spans.FirstOrDefault(span => span is { Node: "leaf", Name: "relay.attach" }), Patience);
        var join = await collector.UntilAsync(spans => Finished(spans, attached.TraceId, "first media", "relay.serve"), Patience);
        Output.WriteLine($"The join:\n{string.Join('\n', join)}");
        var post = join.Single(span => span.Name == "whep");
        Assert.Equal(("leaf", ""), (post.Node, post.ParentId));
        Assert.Equal((attached.SpanId, "relay"), Served(join));
        Assert.All(join.Where(span => span.ParentId.Length > 0), span => Assert.Contains(join, parent => parent.SpanId == span.ParentId));
        Assert.Contains(join, span => span.Name.Contains("Join", StringComparison.Ordinal) && span.Node == "leaf");

        await Cluster["relay"].CrashAsync();
        await viewers.UntilMoreAsync(4 * Source.PacketsPerSecond, Patience);
        var heal = await collector.UntilAsync(spans => spans.FirstOrDefault(span => span is { Node: "leaf", Name: "relay.heal" }), Patience);
        var healing = await collector.UntilAsync(spans => Finished(spans, heal.TraceId, "relay.serve"), Patience);
        Output.WriteLine($"The healing:\n{string.Join('\n', healing)}");
        Assert.Equal(("", "relay", "spare"), (heal.ParentId, heal.Attributes["broadcast.lost"], heal.Attributes["broadcast.parent"]));
        Assert.Equal((heal.SpanId, "spare"), Served(healing));
    }

    private static (string ParentId, string Node) Served(IEnumerable<OtlpSpan> trace)
    {
        var serve = trace.Single(span => span.Name == "relay.serve");
        Assert.Equal("leaf", serve.Attributes["broadcast.child"]);
        return (serve.ParentId, serve.Node);
    }

    /// <summary>The spans of a trace once some are among them; null before.</summary>
    private static List<OtlpSpan>? Finished(IReadOnlyList<OtlpSpan> spans, string traceId, params string[] names)
    {
        var trace = spans.Where(span => span.TraceId == traceId).ToList();
        return names.All(name => trace.Exists(span => span.Name == name)) ? trace : null;
    }
}
