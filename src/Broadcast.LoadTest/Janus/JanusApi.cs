using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broadcast.Client.Signalling;

namespace Broadcast.LoadTest.Janus;

/// <summary>The HTTP JSON interface of Janus: one session with many handles, whose events come by long poll.</summary>
/// <remarks>Thread-safe after <see cref="CreateAsync"/>.</remarks>
internal sealed class JanusApi : IAsyncDisposable
{
    private const string Plugin = "janus.plugin.videoroom";
    private static readonly TimeSpan EventLimit = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly Uri _session;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonObject>> _waiting = new();
    private readonly Task _poll;

    private JanusApi(HttpClient http, Uri session)
    {
        _http = http;
        _session = session;
        _poll = Task.Run(PollAsync);
    }

    /// <summary>Opens a session.</summary>
    /// <param name="server">E.g. http://127.0.0.1:8088/janus.</param>
    /// <param name="connections">Requests at a time.</param>
    /// <param name="cancellation">Stops the attempt.</param>
    /// <exception cref="SignallingException">Janus refused.</exception>
    public static async Task<JanusApi> CreateAsync(Uri server, int connections, CancellationToken cancellation)
    {
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections + 1, UseProxy = false };
        var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(60) };
        var reply = await PostAsync(http, server, new JsonObject { ["janus"] = "create" }, cancellation);
        return new JanusApi(http, new Uri($"{server.AbsoluteUri.TrimEnd('/')}/{IdOf(reply)}"));
    }

    /// <summary>Attaches to the video room plugin.</summary>
    /// <returns>The handle's id.</returns>
    public async Task<ulong> AttachAsync(CancellationToken cancellation) =>
        IdOf(await PostAsync(_http, _session, new JsonObject { ["janus"] = "attach", ["plugin"] = Plugin }, cancellation));

    /// <summary>Detaches a handle, which closes its peer connection.</summary>
    public Task DetachAsync(ulong handle, CancellationToken cancellation) =>
        PostAsync(_http, HandleUri(handle), new JsonObject { ["janus"] = "detach" }, cancellation);

    /// <summary>Sends a request to the plugin and waits for its answer, synchronous or as an event.</summary>
    /// <param name="handle">From <see cref="AttachAsync"/>.</param>
    /// <param name="body">The plugin's request.</param>
    /// <param name="description">An offer or answer to go with it.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <exception cref="SignallingException">Janus or the plugin refused.</exception>
    public async Task<JsonObject> RequestAsync(ulong handle, JsonObject body, JsonObject? description, CancellationToken cancellation)
    {
        var transaction = Guid.NewGuid().ToString("N");
        var answer = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[transaction] = answer;
        try
        {
            var message = new JsonObject { ["janus"] = "message", ["body"] = body };
            if (description is not null) message["jsep"] = description;
            var reply = await PostAsync(_http, HandleUri(handle), message, cancellation, transaction);
            if ((string?)reply["janus"] == "ack") reply = await answer.Task.WaitAsync(EventLimit, cancellation);
            if (reply["plugindata"]?["data"]?["error"] is { } error) throw new SignallingException($"Janus refused: {error}");
            return reply;
        }
        finally
        {
            _waiting.TryRemove(transaction, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await PostAsync(_http, _session, new JsonObject { ["janus"] = "destroy" }, CancellationToken.None);
        }
        catch (Exception failure) when (failure is HttpRequestException or SignallingException or TaskCanceledException)
        {
            // It is going away anyway.
        }

        await _stop.CancelAsync();
        await _poll;
        _http.Dispose();
        _stop.Dispose();
    }

    private static async Task<JsonObject> PostAsync(HttpClient http, Uri address, JsonObject message, CancellationToken cancellation, string? transaction = null)
    {
        message["transaction"] = transaction ?? Guid.NewGuid().ToString("N");
        using var response = await http.PostAsJsonAsync(address, message, cancellation);
        var reply = await response.Content.ReadFromJsonAsync<JsonObject>(cancellation) ?? throw new SignallingException("Janus answered nothing.");
        return (string?)reply["janus"] != "error" ? reply : throw new SignallingException($"Janus refused: {reply["error"]?["reason"]}");
    }

    private static ulong IdOf(JsonObject reply) => (ulong?)reply["data"]?["id"] ?? throw new SignallingException("Janus gave no id.");

    private Uri HandleUri(ulong handle) => new($"{_session}/{handle}");

    private async Task PollAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var events = await _http.GetFromJsonAsync<JsonArray>(new Uri($"{_session}?maxev=100"), _stop.Token);
                foreach (var entry in events ?? []) Dispatch(entry);
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException or JsonException)
            {
                if (!_stop.IsCancellationRequested) await Task.Delay(100);
            }
        }
    }

    private void Dispatch(JsonNode? entry)
    {
        if (entry is JsonObject happened && (string?)happened["transaction"] is { } transaction && _waiting.TryGetValue(transaction, out var waiting))
        {
            waiting.TrySetResult(happened);
        }
    }
}
