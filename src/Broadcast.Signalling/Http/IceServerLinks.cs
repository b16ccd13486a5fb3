using Broadcast.Signalling.Api;
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

    /// <summary>The links of one session's 201, with credentials of its own, and the links of extensions.</summary>
    public StringValues For(string sessionId, string[] extensions)
    {
        if (_stun.Length + _turn.Length == 0)
            return new StringValues(extensions);

        var links = new List<string>(_stun.Length + _turn.Length + extensions.Length);
        links.AddRange(_stun);
        if (_turn.Length > 0)
        {
            var credentials = Credentials(sessionId);
            foreach (var link in _turn)
                links.Add($"{link}; username=\"{credentials.Username}\"; credential=\"{credentials.Credential}\"; credential-type=\"password\"");
        }

        links.AddRange(extensions);
        return links.ToArray();
    }

    /// <summary>The same servers in the shape of RTCConfiguration.iceServers.</summary>
    /// <param name="withTurn">False leaves TURN out: its credentials are for callers who have shown a token.</param>
    public IReadOnlyList<IceServerView> ForCaller(bool withTurn)
    {
        var servers = new List<IceServerView>(2);
        if (_stun.Length > 0)
            servers.Add(new IceServerView([.. _options.StunUrls]));
        if (withTurn && _turn.Length > 0)
        {
            var credentials = Credentials(Guid.NewGuid().ToString("N"));
            servers.Add(new IceServerView([.. _options.TurnUrls], credentials.Username, credentials.Credential));
        }

        return servers;
    }

    private TurnCredentials Credentials(string sessionId) =>
        TurnCredentials.ForSession(_options.TurnSecret!, sessionId, _time.GetUtcNow() + _options.TurnLifetime);
}
