using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using Broadcast.Client.Connections;
using Broadcast.Client.Signalling;
using Broadcast.Signalling.Api;
using Broadcast.Testing.Network;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>What <c>./run --cluster N</c> ends in: several nodes and a Redis on this machine.</summary>
public sealed class LocalClusterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    private Process? _script;

    public void Dispose()
    {
        // After a failure the nodes are still there.
        if (_script is { HasExited: false })
        {
            Terminate(_script);
            _script.WaitForExit();
        }

        _script?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Two_nodes_find_each_other_take_the_same_token_drain_and_stop_together()
    {
        using var limit = new CancellationTokenSource(Patience);
        var (script, port, tokens) = await StartAsync(limit.Token);
        using var first = Client(port, tokens["node-2  operate"]);
        var nodes = await UntilAsync<NodeView[]>(first, "/api/v1/nodes", nodes => nodes.Length == 2 && nodes.All(node => node.State == "up"), limit.Token);
        Assert.Equal(["node-1 zone-1", "node-2 zone-2"], nodes.Select(node => $"{node.NodeId} {node.Zone}"));
        Assert.Equal($"http://localhost:{port + 10}", nodes[1].Url);

        using var second = Client(port + 10, tokens["node-1  publish"]);
        Assert.Equal(HttpStatusCode.NoContent, (await first.PostAsync("/api/v1/nodes/node-2/drain", null, limit.Token)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await second.GetAsync("/health/ready", limit.Token)).StatusCode);
        await UntilAsync<NodeView[]>(first, "/api/v1/nodes", nodes => nodes.Single(node => node.NodeId == "node-2").State == "draining", limit.Token);
        using var sent = await second.PostAsync("/whip/live", new StringContent("v=0", null, "application/sdp"), limit.Token);
        Assert.Equal((HttpStatusCode.TemporaryRedirect, $"http://localhost:{port}/whip/live?redirected=1"), (sent.StatusCode, sent.Headers.Location?.ToString()));
        Assert.Equal(HttpStatusCode.NoContent, (await first.DeleteAsync("/api/v1/nodes/node-2/drain", limit.Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("/health/ready", limit.Token)).StatusCode);

        await StopAsync(script, limit.Token);
        await Assert.ThrowsAsync<HttpRequestException>(() => first.GetAsync("/health/live", limit.Token));
        await Assert.ThrowsAsync<HttpRequestException>(() => second.GetAsync("/health/live", limit.Token));
        Assert.Contains("bye bye", await File.ReadAllTextAsync(Path.Combine(_folder, "cluster", "redis.log"), limit.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_at_another_node_is_served_by_a_link_and_when_that_node_drains_by_the_first()
    {
        using var limit = new CancellationTokenSource(Patience);
        var (script, port, tokens) = await StartAsync(limit.Token, "--demo");
        using var first = Client(port, tokens["node-1  operate"]);
        using var second = Client(port + 10, tokens["node-1  operate"]);
        await UntilAsync<StreamView[]>(first, "/api/v1/streams", streams => streams.Any(stream => stream is { StreamId: "demo", Active: true }), limit.Token);

        // Before both know each other a viewer may be sent to the other one.
        foreach (var node in new[] { first, second })
            await UntilAsync<NodeView[]>(node, "/api/v1/nodes", nodes => nodes.Length == 2 && nodes.All(each => each.State == "up"), limit.Token);
        await using var signalling = new WhipWhepSignalling(second.BaseAddress!, token: null, connections: 1);
        using var opener = new SessionOpener(new ConnectionOptions { Server = second.BaseAddress! }, signalling);
        using var loop = new EventLoop("viewer");

        // A node whose processors are busy feeds no other: then the viewer is sent to it, and comes again.
        var watching = await WatchAsync(opener, loop, limit.Token);
        while (!await IsWatchedAtAsync(second, elsewhere: first, limit.Token))
        {
            await Leaving.EndAsync(watching, limit.Token);
            await UntilAsync<StreamView>(first, "/api/v1/streams/demo", stream => stream.Viewers == 0, limit.Token);
            watching = await WatchAsync(opener, loop, limit.Token);
        }

        var tree = await UntilAsync<TreeView>(first, "/api/v1/streams/demo/tree", tree => tree.Nodes.Count == 2, limit.Token);
        Assert.Equal(("node-1", "node-2", "node-1"), (tree.Root, tree.Nodes[1].NodeId, tree.Nodes[1].Parent));
        Assert.NotEmpty(tree.Nodes[1].Reason);
        var metrics = await first.GetStringAsync("/metrics", limit.Token) + await second.GetStringAsync("/metrics", limit.Token);
        Assert.Contains("broadcast_relay_children 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("broadcast_relay_depth 1\n", metrics, StringComparison.Ordinal);
        Assert.Matches("broadcast_relay_bytes_sent_total [1-9]", metrics);
        Assert.Matches("broadcast_relay_bytes_received_total [1-9]", metrics);
        Assert.Contains("broadcast_cluster_region_nodes{region=\"default\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("broadcast_cluster_region_wanted_nodes{region=\"default\"} 1\n", metrics, StringComparison.Ordinal);
        await Leaving.EndAsync(watching, limit.Token);

        await second.PostAsync("/api/v1/nodes/node-2/drain", null, limit.Token);
        var elsewhere = await WatchAsync(opener, loop, limit.Token);
        await UntilAsync<StreamView>(first, "/api/v1/streams/demo", stream => stream.Viewers == 1, limit.Token);
        await Leaving.EndAsync(elsewhere, limit.Token);
        await UntilAsync<StreamView>(first, "/api/v1/streams/demo", stream => stream.Viewers == 0, limit.Token);

        // Who is still there does not hold up the end: all nodes go, so there is nowhere to go.
        await WatchAsync(opener, loop, limit.Token);
        await StopAsync(script, limit.Token);
    }

    private static async Task<SessionOpener.Opened> WatchAsync(SessionOpener opener, EventLoop loop, CancellationToken cancellation)
    {
        var settled = new TaskCompletionSource<ViewerSession>(TaskCreationOptions.RunContinuationsAsynchronously);
        var opened = await opener.OpenAsync(
            loop, "demo", sources: null, remote => new ViewerSession(remote.Audio, remote.Video, 1, null) { Settled = session => settled.TrySetResult(session) }, cancellation);
        Assert.True((await settled.Task.WaitAsync(cancellation)).IsPlaying);
        return opened;
    }

    /// <summary>Waits until one of two nodes has the viewer.</summary>
    private static async Task<bool> IsWatchedAtAsync(HttpClient here, HttpClient elsewhere, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            foreach (var node in new[] { here, elsewhere })
            {
                using var answer = await node.GetAsync("/api/v1/streams/demo", cancellation);
                if (answer.IsSuccessStatusCode && (await answer.Content.ReadFromJsonAsync<StreamView>(cancellation))!.Viewers > 0) return node == here;
            }

            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    private static HttpClient Client(int port, string token)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://localhost:{port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static async Task<T> UntilAsync<T>(HttpClient client, string path, Func<T, bool> condition, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var answer = await client.GetFromJsonAsync<T>(path, cancellation);
            if (condition(answer!)) return answer!;
            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    private static async Task StopAsync(Process script, CancellationToken cancellation)
    {
        Terminate(script);
        await script.WaitForExitAsync(cancellation);
        Assert.Equal(0, script.ExitCode);
    }

    private static void Terminate(Process script)
    {
        using var kill = Process.Start("kill", ["-TERM", script.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Starts two nodes and waits until both are ready; the tokens are by the beginning of their line.</summary>
    private async Task<(Process Script, int Port, Dictionary<string, string> Tokens)> StartAsync(CancellationToken cancellation, params string[] more)
    {
        var port = FreePorts.Find(0, 1, 2, 10, 11, 12); // the nodes count up from their ports
        var script = _script = Start(port, more);
        var tokens = new Dictionary<string, string>();
        while (true)
        {
            var line = await script.StandardOutput.ReadLineAsync(cancellation) ?? throw new InvalidOperationException(await script.StandardError.ReadToEndAsync(cancellation));
            var token = line.IndexOf("token=", StringComparison.Ordinal);
            if (token > 0) tokens[line[..15]] = line[(token + 6)..];
            if (line == $"ready http://localhost:{port}") break;
        }

        // Nobody reads the rest, and a full pipe would stop the nodes.
        _ = script.StandardOutput.ReadToEndAsync(cancellation);
        return (script, port, tokens);
    }

    private Process Start(int port, string[] more)
    {
        var start = new ProcessStartInfo(Path.Combine(Root(), "deploy", "local-cluster"))
        {
            ArgumentList =
            {
                "2", "dotnet", Path.Combine(AppContext.BaseDirectory, "broadcast.dll"), "--data", _folder, "--host-ip", "127.0.0.1", "--workers", "1",
                "--http-port", $"{port}", "--media-port", $"{port + 1}", "--https-port", $"{port + 2}",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        foreach (var argument in more) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
