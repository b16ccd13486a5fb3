using System.Collections.Concurrent;
using System.Net;
using Broadcast.Testing.Network;

namespace Broadcast.Testing.Telemetry;

/// <summary>Takes spans by OTLP over HTTP, as a collector does, and keeps them.</summary>
public sealed class OtlpCollector : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();
    private readonly int _port = FreePorts.Find();
    private readonly Task _running;

    public OtlpCollector()
    {
        _listener.Prefixes.Add($"http://127.0.0.1:{_port}/");
        _listener.Start();
        _running = RunAsync();
    }

    /// <summary>Variables that make a node send its spans here, soon.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["Broadcast__Telemetry__OtlpEndpoint"] = $"http://127.0.0.1:{_port}",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
    };

    /// <summary>What has come so far.</summary>
    public IReadOnlyList<OtlpSpan> Spans => [.. _spans];

    /// <summary>Waits for something in what comes.</summary>
    /// <exception cref="TimeoutException">It has not come within the limit; the message has what has.</exception>
    public async Task<T> UntilAsync<T>(Func<IReadOnlyList<OtlpSpan>, T?> find, TimeSpan limit)
        where T : class
    {
        using var end = new CancellationTokenSource(limit);
        using var timer = new PeriodicTimer(Interval);
        while (true)
        {
            if (find(Spans) is { } found) return found;
            if (end.IsCancellationRequested) throw new TimeoutException($"These spans have come:\n{string.Join('\n', Spans)}");
            await timer.WaitForNextTickAsync();
        }
    }

    public void Dispose()
    {
        _listener.Close();
        _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
    }

    private async Task RunAsync()
    {
        while (_listener.IsListening)
        {
            var context = await _listener.GetContextAsync();
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            if (context.Request.Url?.AbsolutePath == "/v1/traces")
            {
                foreach (var span in OtlpSpan.ReadAll(body.ToArray())) _spans.Enqueue(span);
            }

            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }
}
