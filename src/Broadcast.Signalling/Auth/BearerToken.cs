using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Auth;

/// <summary>Finds the token of a request (RFC 6750 §2.1).</summary>
public static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>The token in the Authorization header; empty when there is none.</summary>
    public static Secret FromHeader(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        return header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? new Secret(header[Scheme.Length..].Trim())
            : default;
    }

    /// <summary>The token in the header, or else in <c>?token=</c> or <c>?access_token=</c>, as SignalR sends it.</summary>
    /// <remarks>Only for reads by EventSource, players and WebSockets, which cannot set headers; no address with a query is ever logged.</remarks>
    public static Secret FromHeaderOrQuery(HttpRequest request)
    {
        var token = FromHeader(request);
        if (!token.IsEmpty || !request.QueryString.HasValue)
            return token;
        token = new Secret(request.Query["token"]);
        return token.IsEmpty ? new Secret(request.Query["access_token"]) : token;
    }
}
