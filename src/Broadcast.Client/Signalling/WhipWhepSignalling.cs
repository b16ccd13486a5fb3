using System.Net;
using System.Net.Http.Headers;

namespace Broadcast.Client.Signalling;

/// <summary>WHIP (RFC 9725) and WHEP: POST an offer, get an answer; DELETE ends the session.</summary>
internal sealed class WhipWhepSignalling : ISignalling
{
    private const int Attempts = 20;
    private static readonly TimeSpan DefaultWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly Uri _server;

    /// <summary>Prepares the connections.</summary>
    /// <param name="server">The address above /whip and /whep; or a path with "{stream}" and "{protocol}" in it.</param>
    /// <param name="token">A bearer token; null sends none.</param>
    /// <param name="connections">Requests at a time.</param>
    public WhipWhepSignalling(Uri server, string? token, int connections)
    {
        _server = server;
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false };
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(15) };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <inheritdoc/>
    public async Task<SignalledSession> JoinAsync(string stream, LocalDescription local, CancellationToken cancellation)
    {
        var endpoint = EndpointOf(stream, local.Sends ? "whip" : "whep");
        var offer = OfferWriter.Write(local);
        for (var attempt = 1; ; attempt++)
        {
            using var content = new StringContent(offer);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
            using var response = await _http.PostAsync(endpoint, content, cancellation);
            var body = await response.Content.ReadAsStringAsync(cancellation);
            if (response.StatusCode == HttpStatusCode.Created)
            {
                var session = response.Headers.Location is { } location ? new Uri(endpoint, location) : null;
                return new SignalledSession(RemoteDescription.Parse(body), ThisEndOffered: true, token => LeaveAsync(session, token));
            }

            if (attempt == Attempts || !IsTemporary(response.StatusCode)) throw new SignallingException($"{endpoint} answered {(int)response.StatusCode}: {body}");
            var wait = response.Headers.RetryAfter?.Delta ?? DefaultWait;
            await Task.Delay(wait < LongestWait ? wait : LongestWait, cancellation);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>No publication yet, too many requests, node full: worth another try, as a player would.</summary>
    private static bool IsTemporary(HttpStatusCode status) =>
        status is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;

    private Uri EndpointOf(string stream, string protocol)
    {
        var address = Uri.UnescapeDataString(_server.AbsoluteUri);
        return address.Contains("{stream}", StringComparison.Ordinal)
            ? new Uri(address.Replace("{stream}", stream, StringComparison.Ordinal).Replace("{protocol}", protocol, StringComparison.Ordinal))
            : new Uri($"{address.TrimEnd('/')}/{protocol}/{Uri.EscapeDataString(stream)}");
    }

    private async Task LeaveAsync(Uri? session, CancellationToken cancellation)
    {
        if (session is null) return;
        using var response = await _http.DeleteAsync(session, cancellation);
    }
}
