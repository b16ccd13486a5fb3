using Broadcast.Media.Sessions;
using Broadcast.Rtc.Sdp;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Broadcast.Signalling.Sessions;

/// <summary>PATCH, DELETE, GET and HEAD of a session URL, alike for WHIP and WHEP.</summary>
internal sealed class SessionEndpoint(OfferEndpoint offers, SessionDirectory sessions, SessionLinks links, IMediaPlane media)
{
    /// <summary>The sentence for a session that is over.</summary>
    public const string Gone = "There is no such session, or it is over. Start a new one at the endpoint.";
    private const string TakenOver = "Another publisher has taken the stream over. Going live again takes it back.";

    /// <summary>Routes the session URLs of a protocol to this.</summary>
    public void Map(IEndpointRouteBuilder routes, SessionProtocol protocol)
    {
        routes.MapPatch(protocol.SessionRoute, context => PatchAsync(context, protocol));
        routes.MapDelete(protocol.SessionRoute, context => DeleteAsync(context, protocol));
        routes.MapMethods(protocol.SessionRoute, ["GET", "HEAD"], context => GetAsync(context, protocol));
    }

    /// <summary>Trickled candidates or an ICE restart (RFC 9725 §4.3).</summary>
    public async Task PatchAsync(HttpContext context, SessionProtocol protocol)
    {
        if (await FindAsync(context, protocol) is not { } session)
            return;
        if (!MediaTypes.Matches(context.Request, MediaTypes.SdpFragment))
        {
            context.Response.Headers["Accept-Patch"] = MediaTypes.SdpFragment;
            await ProblemWriter.WriteAsync(context, Problem.UnsupportedMediaType($"Send candidates as {MediaTypes.SdpFragment}."));
            return;
        }

        string? ifMatch = context.Request.Headers.IfMatch;
        switch (EntityTag.Compare(ifMatch, session.EntityTag))
        {
            case EntityTag.Match.Missing:
                await WriteAsync(context, new PatchOutcome.TagMissing());
                return;
            case EntityTag.Match.Stale:
                await WriteAsync(context, new PatchOutcome.TagStale());
                return;
        }

        if (await RequestBody.ReadAsync(context) is not { } body)
            return;
        if (!TrickleFragment.TryParse(body, out var fragment, out var error))
        {
            await ProblemWriter.WriteAsync(context, Problem.BadRequest(error));
            return;
        }

        await WriteAsync(context, session.Apply(fragment, ifMatch, media));
    }

    /// <summary>Ends the session; 200 also when it has ended within the last minute. If-Match is ignored (RFC 9725 §4.3.1).</summary>
    public async Task DeleteAsync(HttpContext context, SessionProtocol protocol)
    {
        if (await offers.AdmitAsync(context, protocol) is not { } stream)
            return;
        if (!sessions.End(protocol.Kind, stream, SessionId(context)))
            await ProblemWriter.WriteAsync(context, Problem.NotFound(Gone));
    }

    /// <summary>204 with the present tag and links: tells a client whether its session still exists, and where else it could be had by now.</summary>
    public async Task GetAsync(HttpContext context, SessionProtocol protocol)
    {
        if (await FindAsync(context, protocol) is not { } session)
            return;
        context.Response.Headers.ETag = session.EntityTag;
        links.Write(context, protocol, session, extensions: null);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>The caller's live session; null when the request has been answered.</summary>
    public async ValueTask<SessionResource?> FindAsync(HttpContext context, SessionProtocol protocol, bool tokenInQuery = false)
    {
        if (await offers.AdmitAsync(context, protocol, tokenInQuery) is not { } stream)
            return null;
        var session = sessions.Find(protocol.Kind, stream, SessionId(context));
        if (session is null)
            await ProblemWriter.WriteAsync(context, WhyNot(protocol, stream));
        return session;
    }

    // A publisher that comes back by itself must learn that it would drive out somebody who went live after it;
    // two of them would otherwise replace each other without end.
    private Problem WhyNot(SessionProtocol protocol, string stream) =>
        protocol.Kind == SessionKind.Publisher && sessions.HasPublisher(stream) ? Problem.TakenOver(TakenOver) : Problem.NotFound(Gone);

    private static string SessionId(HttpContext context) => (string?)context.Request.RouteValues["session"] ?? "";

    private static Task WriteAsync(HttpContext context, PatchOutcome outcome)
    {
        switch (outcome)
        {
            case PatchOutcome.CandidatesTaken:
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            case PatchOutcome.Restarted restarted:
                context.Response.Headers.ETag = restarted.EntityTag;
                return TextResponse.WriteAsync(context, MediaTypes.SdpFragment, restarted.Fragment);
            case PatchOutcome.TagMissing:
                return ProblemWriter.WriteAsync(context, Problem.PreconditionRequired("Send If-Match with the ETag of the session, or * to restart ICE."));
            case PatchOutcome.TagStale:
                return ProblemWriter.WriteAsync(context, Problem.PreconditionFailed("The tag is not that of the present ICE session. Use the ETag of the last restart."));
            case PatchOutcome.PasswordMissing:
                return ProblemWriter.WriteAsync(context, Problem.BadRequest("An ICE restart needs a=ice-pwd beside a=ice-ufrag."));
            default:
                return ProblemWriter.WriteAsync(context, Problem.NotFound(Gone));
        }
    }
}
