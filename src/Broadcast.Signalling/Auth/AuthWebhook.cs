using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Broadcast.Signalling.Auth;

/// <summary>Asks a service of the operator whether a caller may do something, where the caller's token is none of this node's. Thread-safe.</summary>
/// <remarks>
/// Fails closed: who cannot be judged may not, and is told to come again. What was allowed is remembered shortly, what was denied is not. The same
/// question is asked once for all who wait for its answer; the address and the program in it are those of the first.
/// </remarks>
public sealed partial class AuthWebhook
{
    private const int CacheCapacity = 10_000;
    private const int MaxAnswerBytes = 16 * 1024;
    private const int MaxUserAgent = 256;

    /// <summary>Questions under way at most: beyond that the service does not keep up, and more of them would not help it.</summary>
    private const int MaxUnderWay = 256;

    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Task<AuthAnswer>> _underWay = new(StringComparer.Ordinal);
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(32);
    private readonly WebhookTarget? _target;
    private readonly HttpClient _client;
    private readonly AuthOptions _options;
    private readonly AuthCache _cache;
    private readonly AuthMeters _meters;
    private readonly string _node;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private long _loggedAt;

    internal AuthWebhook(AuthOptions options, WebhookOptions webhooks, WebhookNetwork network, AuthMeters meters, NodeIdentity node, TimeProvider time, ILogger<AuthWebhook> log)
    {
        (_options, _client, _meters, _node, _time, _log) = (options, network.Client, meters, node.Id, time, log);
        _cache = new AuthCache(CacheCapacity, time);
        if (string.IsNullOrEmpty(options.WebhookUrl)) return;
        var url = new Uri(options.WebhookUrl);
        if (url.Scheme != Uri.UriSchemeHttps && !webhooks.AllowInternal)
            throw new InvalidDataException("Broadcast:Auth:WebhookUrl is told tokens: it is an https address, unless Broadcast:Webhooks:AllowInternal (--webhook-allow-internal) is set.");
        _target = new WebhookTarget(url, WebhookTarget.ReadSecret(options.WebhookSecretFile, "Broadcast:Auth:WebhookSecretFile"), []);
        _target.Check(webhooks.AllowInternal);
    }

    /// <summary>False when there is nobody to ask.</summary>
    public bool IsConfigured => _target is not null;

    /// <summary>Whether the caller may.</summary>
    /// <param name="request">Whose address and program are told.</param>
    /// <param name="scope">One scope.</param>
    /// <param name="stream">A stream's name, or <see cref="Grant.AnyStream"/>.</param>
    /// <param name="token">What the caller sent.</param>
    internal async ValueTask<AuthAnswer> AskAsync(HttpContext request, TokenScope scope, string stream, Secret token)
    {
        if (token.Reveal().Length > TokenVerifier.MaxTokenLength) return new AuthAnswer.Denied(IsKnown: false);
        var key = Key(scope, stream, token);
        if ((_cache.Find(key) ?? _cache.Find(Key(scope, Grant.AnyStream, token))) is { } known)
        {
            _meters.Count("cached");
            return new AuthAnswer.Allowed(known, []);
        }

        var answer = new TaskCompletionSource<AuthAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var question = _underWay.GetOrAdd(key, answer.Task);
        if (question != answer.Task)
        {
            _meters.Count("shared");
            return await question.WaitAsync(request.RequestAborted);
        }

        // Not the request's to cancel: others may wait for the same answer.
        _ = AnswerAsync(key, scope, stream, token, request.Connection.RemoteIpAddress, request.Request.Headers.UserAgent.ToString(), answer);
        return await question.WaitAsync(request.RequestAborted);
    }

    private async Task AnswerAsync(string key, TokenScope scope, string stream, Secret token, IPAddress? address, string userAgent, TaskCompletionSource<AuthAnswer> waiting)
    {
        AuthAnswer answer;
        if (_underWay.Count > MaxUnderWay)
        {
            answer = new AuthAnswer.Unavailable("it does not keep up with the questions");
        }
        else
        {
            var begun = _time.GetTimestamp();
            answer = await SendAsync(scope, stream, token, address, userAgent);
            _meters.Time(_time.GetElapsedTime(begun));
        }

        Note(answer, scope, token);
        _underWay.TryRemove(key, out _);
        waiting.SetResult(answer);
    }

    private async Task<AuthAnswer> SendAsync(TokenScope scope, string stream, Secret token, IPAddress? address, string userAgent)
    {
        using var patience = new CancellationTokenSource(_options.WebhookTimeout, _time);
        try
        {
            var now = _time.GetUtcNow();
            var program = userAgent.Length == 0 ? null : userAgent[..Math.Min(userAgent.Length, MaxUserAgent)];
            var from = (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
            var body = JsonSerializer.SerializeToUtf8Bytes(new AuthQuestion("authorize", now, _node, AuthQuestion.ActionOf(scope), stream, token.Reveal(), from, program), AuthJson.Default.AuthQuestion);
            using var response = await PostAsync(body, now, patience.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => AuthAnswer.Read(await ReadAsync(response, patience.Token), scope, stream, now),
                HttpStatusCode.NoContent => AuthAnswer.Read(default, scope, stream, now),
                HttpStatusCode.Unauthorized => new AuthAnswer.Denied(IsKnown: false),
                HttpStatusCode.Forbidden => new AuthAnswer.Denied(IsKnown: true),
                var other => new AuthAnswer.Unavailable($"it answered {(int)other}"),
            };
        }
        catch (OperationCanceledException)
        {
            return new AuthAnswer.Unavailable("it did not answer in time");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new AuthAnswer.Unavailable(exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message);
        }
    }

    /// <summary>Once more when the connection breaks: one that was kept since the last question may have been closed by the other side this moment.</summary>
    private async Task<HttpResponseMessage> PostAsync(byte[] body, DateTimeOffset now, CancellationToken cancellation)
    {
        try
        {
            return await PostOnceAsync(body, now, cancellation);
        }
        catch (HttpRequestException)
        {
            return await PostOnceAsync(body, now, cancellation);
        }
    }

    private async Task<HttpResponseMessage> PostOnceAsync(byte[] body, DateTimeOffset now, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _target!.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (!_target.Secret.IsEmpty) request.Headers.Add(WebhookPost.SignatureHeader, WebhookPost.Sign(_target.Secret, now.ToUnixTimeSeconds(), body));
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MaxAnswerBytes + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return length > MaxAnswerBytes ? throw new IOException("Its answer is too long.") : buffer.AsMemory(0, length);
    }

    private void Note(AuthAnswer answer, TokenScope scope, Secret token)
    {
        switch (answer)
        {
            case AuthAnswer.Allowed allowed:
                _meters.Count("allowed");
                Remember(allowed, scope, token);
                break;
            case AuthAnswer.Denied:
                _meters.Count("denied");
                break;
            case AuthAnswer.Unavailable unavailable:
                _meters.Count("unavailable");
                var (now, last) = (_time.GetTimestamp(), Interlocked.Read(ref _loggedAt));
                if ((last == 0 || _time.GetElapsedTime(last, now) >= LogPeriod) && Interlocked.CompareExchange(ref _loggedAt, now, last) == last) NotAnswered(_log, _target!.Name, unavailable.Reason);
                break;
        }
    }

    private void Remember(AuthAnswer.Allowed allowed, TokenScope scope, Secret token)
    {
        if (_options.WebhookCacheTime == TimeSpan.Zero) return;
        var until = _time.GetUtcNow() + _options.WebhookCacheTime;
        if (allowed.Grant.ExpiresAt < until) until = allowed.Grant.ExpiresAt.Value;
        _cache.Add(Key(scope, allowed.Grant.Stream, token), allowed.Grant, until);
        if (allowed.Grant.Stream == Grant.AnyStream) return;
        foreach (var other in allowed.Streams.Where(other => other != allowed.Grant.Stream)) _cache.Add(Key(scope, other, token), allowed.Grant with { Stream = other }, until);
    }

    // Tokens themselves are not kept; with the salt nobody who sees the keys can try tokens on them elsewhere.
    private string Key(TokenScope scope, string stream, Secret token) =>
        Convert.ToHexString(HMACSHA256.HashData(_salt, Encoding.UTF8.GetBytes($"{(int)scope}\n{stream}\n{token.Reveal()}")));

    [LoggerMessage(650, LogLevel.Error, "The authorisation webhook {Target} cannot be asked, callers get 503: {Reason}")]
    private static partial void NotAnswered(ILogger logger, string target, string reason);
}
