using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Sessions;

/// <summary>The part of a POST that WHIP and WHEP share; what differs is which call takes the offer.</summary>
/// <remarks>
/// 1. the stream's name, then who is asking; 2. a redirect when another node should serve it;
/// 3. media type and length, then the body; 4. the media plane answers or refuses; 5. 201 with Location, ETag, Link.
/// </remarks>
internal sealed class OfferEndpoint(Gatekeeper gatekeeper, SessionDirectory sessions, IceServerLinks iceServers, ISessionRedirect redirect)
{
    public async Task PostAsync(HttpContext context, SessionProtocol protocol, Func<string, string, SessionResult> open, string? eventsLink = null)
    {
        // :: Step 1
        if (await AdmitAsync(context, protocol) is not { } stream)
            return;

        // :: Step 2: 307 keeps method and body (RFC 9725 §4.5)
        if (redirect.Elsewhere(protocol.Kind, stream) is { } elsewhere)
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = elsewhere.AbsoluteUri;
            return;
        }

        // :: Step 3
        if (!MediaTypes.Matches(context.Request, MediaTypes.Sdp))
        {
            context.Response.Headers["Accept-Post"] = MediaTypes.Sdp;
            await ProblemWriter.WriteAsync(context, Problem.UnsupportedMediaType($"Send the SDP offer as {MediaTypes.Sdp}, not compressed."));
            return;
        }

        if (await RequestBody.ReadAsync(context) is not { } offer)
            return;
        if (offer.Length == 0)
        {
            await ProblemWriter.WriteAsync(context, Problem.BadRequest("The body is empty. Send an SDP offer."));
            return;
        }

        // :: Step 4
        var result = open(stream, offer);
        if (result is SessionResult.Refused refused)
        {
            await OfferRefusal.WriteAsync(context, refused);
            return;
        }

        // :: Step 5
        var accepted = (SessionResult.Accepted)result;
        var session = new SessionResource(protocol.Kind, stream, accepted, offer);
        sessions.Add(session);
        var path = protocol.SessionPath(context.Request.PathBase.Value ?? "", stream, accepted.SessionId);
        var headers = context.Response.Headers;
        headers.Location = path;
        headers.ETag = session.EntityTag;
        headers["Accept-Patch"] = MediaTypes.SdpFragment;
        headers.Link = iceServers.For(accepted.SessionId, eventsLink is null ? null : $"<{path}{eventsLink}");
        context.Response.StatusCode = StatusCodes.Status201Created;
        await TextResponse.WriteAsync(context, MediaTypes.Sdp, accepted.Answer);
    }

    /// <summary>Checks name and token; null when the request has been answered.</summary>
    public async ValueTask<string?> AdmitAsync(HttpContext context, SessionProtocol protocol, bool tokenInQuery = false)
    {
        var stream = (string?)context.Request.RouteValues["stream"] ?? "";
        if (!StreamName.IsValid(stream))
        {
            await ProblemWriter.WriteAsync(context, Problem.BadRequest(StreamName.Rule));
            return null;
        }

        return await gatekeeper.AdmitAsync(context, protocol.Scope, stream, tokenInQuery) is null ? null : stream;
    }
}
