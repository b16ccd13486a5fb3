using System.Globalization;
using Broadcast.Client.Connections;
using Broadcast.Client.Signalling;
using Broadcast.Server.Tests.Hosting;
using Broadcast.Testing.Telemetry;

namespace Broadcast.Server.Tests.Telemetry;

/// <summary>What a collector gets of the joins at a node.</summary>
public sealed class JoinTraceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("whep")]
    [InlineData("whip")]
    public async Task A_join_is_one_trace_from_the_request_to_the_first_media(string request)
    {
        using var collector = new OtlpCollector();
        await using var node = await RunningNode.StartAsync(collector.Environment, "--no-auth", "--demo", "--node-id", "traced");
        await using var signalling = new WhipWhepSignalling(node.Address, token: null, connections: 1);
        using var opener = new SessionOpener(new ConnectionOptions { Server = node.Address }, signalling);
        using var loop = new EventLoop("viewer");
        var watching = await WatchAsync(opener, loop);

        // The demo publishes by WHIP.
        var trace = await collector.UntilAsync(spans => TraceOf(spans, request), Patience);
        Assert.All(trace, span => Assert.Equal("traced", span.Node));
        var post = trace.Single(span => span.Name == request);
        Assert.Equal("", post.ParentId);
        Assert.Equal("demo", post.Attributes["broadcast.stream"]);
        foreach (var name in new[] { "place", "negotiate", "ice", "dtls", "first media" })
            Assert.Equal((name, post.SpanId), (name, trace.Single(span => span.Name == name).ParentId));

        // One after the other, without holes.
        var (ice, dtls, media) = (trace.Single(span => span.Name == "ice"), trace.Single(span => span.Name == "dtls"), trace.Single(span => span.Name == "first media"));
        Assert.True(post.Start <= ice.Start && ice.End >= ice.Start && dtls.End > dtls.Start && media.End >= media.Start, string.Join('\n', trace));
        Assert.InRange(Math.Abs((double)dtls.Start - ice.End), 0, 1e6);
        Assert.InRange(Math.Abs((double)media.Start - dtls.End), 0, 1e6);
        await Leaving.EndAsync(watching, CancellationToken.None);
    }

    [Theory]
    [InlineData("01")]
    [InlineData("00")]
    public async Task A_request_goes_on_with_the_trace_of_its_caller(string flags)
    {
        using var collector = new OtlpCollector();
        await using var node = await RunningNode.StartAsync(collector.Environment, "--no-auth");
        using var client = new HttpClient { BaseAddress = node.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/whep/live") { Content = new StringContent("v=0", null, "application/sdp") };
        request.Headers.Add("traceparent", $"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
        await client.SendAsync(request);
        var span = await collector.UntilAsync(spans => spans.FirstOrDefault(span => span.Name == "whep"), Patience);
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (span.TraceId, span.ParentId));
    }

    [Fact]
    public async Task Strangers_cannot_have_more_recorded_than_is_allowed()
    {
        using var collector = new OtlpCollector();
        var environment = new Dictionary<string, string>(collector.Environment) { ["Broadcast__Telemetry__MaxTracesPerSecond"] = "2", ["Broadcast__Telemetry__SampleRatio"] = "0" };
        await using var node = await RunningNode.StartAsync(environment, "--no-auth");
        using var client = new HttpClient { BaseAddress = node.Address };
        var begun = DateTime.UtcNow;
        for (var i = 1; i <= 100; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/whep/live") { Content = new StringContent("v=0", null, "application/sdp") };
            request.Headers.Add("traceparent", string.Create(CultureInfo.InvariantCulture, $"00-{i:x32}-b7ad6b7169203331-01"));
            await client.SendAsync(request);
        }

        var allowed = 2 * (1 + (DateTime.UtcNow - begun).TotalSeconds);
        await collector.UntilAsync(spans => spans.FirstOrDefault(span => span.Name == "whep"), Patience);
        Assert.InRange(collector.Spans.Count(span => span.Name == "whep"), 1, Math.Ceiling(allowed));
    }

    /// <summary>The trace of a finished join; null while parts of it are missing.</summary>
    private static List<OtlpSpan>? TraceOf(IReadOnlyList<OtlpSpan> spans, string request) =>
        spans.Where(span => span.Name == request)
            .Select(post => spans.Where(span => span.TraceId == post.TraceId).ToList())
            .FirstOrDefault(trace => trace.Exists(span => span.Name == "first media"));

    private static async Task<SessionOpener.Opened> WatchAsync(SessionOpener opener, EventLoop loop)
    {
        while (true)
        {
            var settled = new TaskCompletionSource<ViewerSession>(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                var opened = await opener.OpenAsync(
                    loop, "demo", sources: null, remote => new ViewerSession(remote.Audio, remote.Video, 1, null) { Settled = session => settled.TrySetResult(session) }, CancellationToken.None);
                Assert.True((await settled.Task.WaitAsync(Patience)).IsPlaying);
                return opened;
            }
            catch (SignallingException)
            {
                // The demo is not live yet.
                await Task.Delay(100);
            }
        }
    }
}
