using Microsoft.Extensions.Primitives;

namespace Broadcast.Signalling.Http;

/// <summary>Link headers that name ICE servers (RFC 9725 §4.6), one header line for each.</summary>
internal sealed class IceServerLinks
{
    private readonly IceServerOptions _options;
    private readonly TimeProvider _time;
    private readonly string[] _stun;
    private readonly string[] _turn;

    public IceServerLinks(IceServerOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _stun = [.. options.StunUrls.Select(url => $"<{url}>; rel=\"ice-server\"")];
        _turn = string.IsNullOrEmpty(options.TurnSecret) ? [] : [.. options.TurnUrls.Select(url => $"<{url}>; rel=\"ice-server\"")];
    }

    /// <summary>The links of one session's 201, with credentials of its own, and one more link when given.</summary>
    public StringValues For(string sessionId, string? extra)
    {
        if (_stun.Length + _turn.Length == 0)
            return extra is null ? StringValues.Empty : new StringValues(extra);

        var links = new List<string>(_stun.Length + _turn.Length + 1);
        links.AddRange(_stun);
        if (_turn.Length > 0)
        {
            var credentials = Credentials(sessionId);
            foreach (var link in _turn)
                links.Add($"{link}; username=\"{credentials.Username}\"; credential=\"{credentials.Credential}\"; credential-type=\"password\"");
        }

        if (extra is not null)
            links.Add(extra);
        return links.ToArray();
    }

    private TurnCredentials Credentials(string sessionId) =>
        TurnCredentials.ForSession(_options.TurnSecret!, sessionId, _time.GetUtcNow() + _options.TurnLifetime);
}
