using System.Net;
using System.Net.Http.Headers;

namespace Broadcast.Client.Signalling;

/// <summary>WHIP (RFC 9725) and WHEP: POST an offer, get an answer; DELETE ends the session.</summary>
internal sealed class WhipWhepSignalling : ISignalling
{
    private const int Attempts = 20;
    private const string LayerExtension = "urn:ietf:params:whep:ext:core:layer";
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
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false, AllowAutoRedirect = false };
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(15) };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <inheritdoc/>
    public async Task<SignalledSession> JoinAsync(string stream, LocalDescription local, CancellationToken cancellation)
    {
        var address = EndpointOf(stream, local.Sends ? "whip" : "whep");
        var endpoint = address;
        var offer = OfferWriter.Write(local);
        for (var attempt = 1; ; attempt++)
        {
            using var content = new StringContent(offer);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
            using var response = await _http.PostAsync(endpoint, content, cancellation);
            var body = await response.Content.ReadAsStringAsync(cancellation);
            if (response.StatusCode == HttpStatusCode.Created)
            {
                // Where the request ended up: another node may have answered it (307).
                var answered = response.RequestMessage?.RequestUri ?? endpoint;
                var session = response.Headers.Location is { } location ? new Uri(answered, location) : null;
                return new SignalledSession(RemoteDescription.Parse(body), ThisEndOffered: true, token => LeaveAsync(session, token))
                {
                    ChooseLayerAsync = LayerResource(response, answered) is { } layers ? (json, token) => ChooseLayerAsync(layers, json, token) : null,
                };
            }

            // Followed here and not by HttpClient, which would leave the token behind, and hide where the session is.
            if (response is { StatusCode: HttpStatusCode.TemporaryRedirect, Headers.Location: { } elsewhere } && attempt < Attempts)
            {
                endpoint = new Uri(endpoint, elsewhere);
                continue;
            }

            if (attempt == Attempts || !IsTemporary(response.StatusCode)) throw new SignallingException($"{endpoint} answered {(int)response.StatusCode}: {body}");
            endpoint = address;
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

    /// <summary>Where the answer's Link header leads for the layer extension; null when there is none.</summary>
    private static Uri? LayerResource(HttpResponseMessage response, Uri endpoint)
    {
        if (!response.Headers.TryGetValues("Link", out var links)) return null;
        var link = links.FirstOrDefault(link => link.Contains($"\"{LayerExtension}\"", StringComparison.Ordinal));
        return link is null ? null : new Uri(endpoint, link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)]);
    }

    private async Task ChooseLayerAsync(Uri layers, string json, CancellationToken cancellation)
    {
        using var content = new StringContent(json, MediaTypeHeaderValue.Parse("application/json"));
        using var response = await _http.PostAsync(layers, content, cancellation);
        if (!response.IsSuccessStatusCode) throw new SignallingException($"{layers} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation)}");
    }

    private async Task LeaveAsync(Uri? session, CancellationToken cancellation)
    {
        if (session is null) return;
        using var response = await _http.DeleteAsync(session, cancellation);
    }
}
