using Broadcast.Media.Sessions;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Sessions;

/// <summary>What the answer about a session says of others: where else it could be had if this node dies, and as whom (Link, RFC 8288).</summary>
/// <remarks>
/// <c>rel="alternate"</c> is the same endpoint at another node, to be tried when this one does not answer; <c>rel="resume"</c> is the endpoint with a
/// token in its query by which a viewer stays the same one, here and there. <see cref="SessionsApi.Relation"/> leads to what this node knows of a
/// viewer's session and changes too often for events.
/// </remarks>
internal sealed class SessionLinks(IceServerLinks iceServers, IStreamPlacement placement, IViewerContinuity continuity)
{
    /// <summary>In the query of a POST: see <see cref="IViewerContinuity"/>.</summary>
    public const string Resume = "resume";

    /// <summary>Who is asking: the viewer whose token came with the request, or a new one.</summary>
    public string ViewerOf(HttpRequest request, string streamId) =>
        request.Query.TryGetValue(Resume, out var token) && continuity.Redeem(token.ToString(), streamId) is { } viewer ? viewer : ViewerId.New();

    /// <summary>Writes the links of a session; those of ICE servers, which are secrets, and of extensions in the 201 only.</summary>
    /// <param name="context">The request.</param>
    /// <param name="protocol">WHIP or WHEP.</param>
    /// <param name="session">The session.</param>
    /// <param name="extensions">Links of protocol extensions; null for an answer that is not the first.</param>
    public void Write(HttpContext context, SessionProtocol protocol, SessionResource session, string[]? extensions)
    {
        var links = new List<string>(extensions ?? []);
        var pathBase = context.Request.PathBase.Value ?? "";
        var endpoint = $"{pathBase}/{protocol.Name}/{session.StreamId}";
        if (extensions is not null && protocol.Kind == SessionKind.Viewer) links.Add($"<{SessionsApi.PathOf(pathBase, session.SessionId)}>; rel=\"{SessionsApi.Relation}\"");
        foreach (var node in placement.Alternates(protocol.Kind)) links.Add($"<{new Uri(node, endpoint).AbsoluteUri}>; rel=\"alternate\"");
        if (session.ViewerId is { } viewer && continuity.Issue(viewer, session.StreamId) is { Length: > 0 } token) links.Add($"<{endpoint}?{Resume}={token}>; rel=\"resume\"");
        context.Response.Headers.Link = extensions is null ? links.ToArray() : iceServers.For(session.SessionId, [.. links]);
    }
}
