using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;

namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>Commands and events of WebDriver BiDi (https://w3c.github.io/webdriver-bidi/) on one WebSocket.</summary>
public sealed class BidiConnection : IAsyncDisposable
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(120);

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _answers = new();
    private readonly Action<string, JsonElement> _onEvent;
    private Task _receiving = Task.CompletedTask;
    private long _lastId;

    private BidiConnection(Action<string, JsonElement> onEvent) => _onEvent = onEvent;

    public static async Task<BidiConnection> OpenAsync(Uri address, Action<string, JsonElement> onEvent)
    {
        var connection = new BidiConnection(onEvent);
        await connection._socket.ConnectAsync(address, connection._end.Token);
        connection._receiving = connection.ReceiveAsync();
        return connection;
    }

    /// <summary>Sends a command and waits for its result.</summary>
    /// <exception cref="InvalidOperationException">It was refused, or the browser has gone.</exception>
    public async Task<JsonElement> CommandAsync(string method, object parameters)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = _answers[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, _end.Token);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(CommandLimit);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
        _end.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[16 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer, _end.Token);
                if (part.MessageType == WebSocketMessageType.Close) break;
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Dispatch(JsonSerializer.Deserialize<JsonElement>(message.GetBuffer().AsSpan(0, (int)message.Length)));
                message.SetLength(0);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The browser is being closed, or has crashed: whoever waits is told so below.
        }

        foreach (var answer in _answers.Values) answer.TrySetException(new InvalidOperationException("The browser has gone."));
    }

    private void Dispatch(JsonElement message)
    {
        if (message.GetProperty("type").GetString() == "event")
        {
            _onEvent(message.GetProperty("method").GetString()!, message.GetProperty("params"));
        }
        else if (message.GetProperty("id").TryGetInt64(out var id) && _answers.TryRemove(id, out var answer))
        {
            if (message.TryGetProperty("result", out var result)) answer.TrySetResult(result);
            else answer.TrySetException(new InvalidOperationException(message.ToString()));
        }
    }
}
