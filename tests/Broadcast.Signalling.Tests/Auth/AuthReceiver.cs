using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Broadcast.Signalling.Tests.Auth;

/// <summary>An operator's service on a loopback port, which answers as a test says.</summary>
internal sealed class AuthReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _running;

    private AuthReceiver(string url)
    {
        Url = url + "auth";
        _listener.Prefixes.Add(url);
        _listener.Start();
        _running = RunAsync();
    }

    public string Url { get; }

    /// <summary>Status and body of the next answers.</summary>
    public Func<JsonElement, (int Status, string Body)> Answers { get; set; } = _ => (200, "");

    /// <summary>Answers wait for it; null: they do not.</summary>
    public TaskCompletionSource? Held { get; set; }

    /// <summary>What was asked, with the signature.</summary>
    public ConcurrentQueue<(string Body, string Signature)> Questions { get; } = new();

    /// <summary>Is done when there is a question.</summary>
    public TaskCompletionSource Asked { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static AuthReceiver Start()
    {
        // HttpListener cannot take a free port by itself.
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new AuthReceiver($"http://127.0.0.1:{Random.Shared.Next(20_000, 30_000)}/");
            }
            catch (HttpListenerException) when (tries < 20)
            {
                // Somebody has it.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Held?.TrySetResult();
        _listener.Close();
        await _running;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var body = await reader.ReadToEndAsync();
            Questions.Enqueue((body, context.Request.Headers["Broadcast-Signature"] ?? ""));
            Asked.TrySetResult();
            if (Held is { } held) await held.Task;
            var (status, text) = Answers(JsonDocument.Parse(body).RootElement);
            context.Response.StatusCode = status;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
            context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Who asked has gone.
        }
    }
}
