using System.Diagnostics;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Limits;
using Broadcast.Signalling.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Sessions;

/// <summary>The part of a POST that WHIP and WHEP share; what differs is which call takes the offer.</summary>
/// <remarks>
/// 1. the stream's name, then who is asking; 2. media type and length, then the body; 3. whether there is a place for it, then the node that serves it,
/// which may be another; 4. the media plane answers or refuses; 5. 201 with Location, ETag, Link.
/// </remarks>
internal sealed class OfferEndpoint(
    Gatekeeper gatekeeper, SessionDirectory sessions, SessionLinks links, SessionAdmission admission, IStreamPlacement placement, IViewerContinuity continuity,
    RefusedSessions refusals, IEnumerable<ISessionJournal> journals, TimeProvider time)
{
    private static readonly TimeSpan SentOnWait = TimeSpan.FromSeconds(2);

    private readonly ISessionJournal[] _journals = [.. journals];

    /// <summary>Answers an offer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="protocol">WHIP or WHEP.</param>
    /// <param name="open">Takes stream name and offer, and for how long the request has been worked on.</param>
    /// <param name="extensions">Links that advertise protocol extensions, each from behind the session's path.</param>
    public async Task PostAsync(HttpContext context, SessionProtocol protocol, Func<string, string, TimeSpan, SessionResult> open, params string[] extensions)
    {
        using var span = PostSpan.Begin(context, protocol.Kind);
        var came = time.GetTimestamp();

        // :: Step 1
        if (await IdentifyAsync(context, protocol, tokenInQuery: false) is not var (stream, grant))
        {
            refusals.Count();
            return;
        }

        // :: Step 2
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

        // :: Step 3: nothing is moved for an offer that cannot be one
        span.SetStream(stream);
        if (await admission.AdmitAsync(context, protocol.Kind, stream, grant) is not { } place)
        {
            if (context.Response.StatusCode != StatusCodes.Status307TemporaryRedirect) refusals.Count();
            return;
        }

        SessionResult.Accepted? accepted = null;
        try
        {
            if (!await PlaceAsync(context, protocol, stream))
                return;

            // :: Step 4
            var result = Open(open, stream, offer, time.GetElapsedTime(came));
            accepted = result as SessionResult.Accepted;
            if (result is SessionResult.Refused refused)
            {
                refusals.Count();
                await OfferRefusal.WriteAsync(context, refused);
                return;
            }
        }
        finally
        {
            if (accepted is null) place.Dispose();
        }

        // :: Step 5
        var viewer = protocol.Kind == SessionKind.Viewer ? links.ViewerOf(context.Request, stream) : null;
        var session = new SessionResource(protocol.Kind, stream, accepted!, offer)
        {
            Place = place,
            ViewerId = viewer,
            Address = context.Connection.RemoteIpAddress,
            Subject = grant.Subject,
            TokenId = grant.TokenId,
        };
        sessions.Add(session);
        if (viewer is not null) continuity.Opened(session.SessionId, viewer);
        foreach (var journal in _journals) journal.Opened(new OpenedSession(session.SessionId, stream, protocol.Kind, grant.Subject, viewer));
        var path = protocol.SessionPath(context.Request.PathBase.Value ?? "", stream, session.SessionId);
        var headers = context.Response.Headers;
        headers.Location = path;
        headers.ETag = session.EntityTag;
        headers["Accept-Patch"] = MediaTypes.SdpFragment;
        links.Write(context, protocol, session, [.. extensions.Select(tail => $"<{path}{tail}")]);
        context.Response.StatusCode = StatusCodes.Status201Created;
        await TextResponse.WriteAsync(context, MediaTypes.Sdp, accepted!.Answer);
    }

    private static SessionResult Open(Func<string, string, TimeSpan, SessionResult> open, string stream, string offer, TimeSpan waited)
    {
        using var span = SignallingTraces.Source.StartActivity("negotiate");
        // What becomes of the session later belongs to the request, not to this part of it.
        Activity.Current = span?.Parent ?? Activity.Current;
        return open(stream, offer, waited);
    }

    /// <summary>False when another node serves the session, or none can now: the request has been answered.</summary>
    private async Task<bool> PlaceAsync(HttpContext context, SessionProtocol protocol, string stream)
    {
        using var span = SignallingTraces.Source.StartActivity("place");
        var redirected = NodeRedirect.Has(context.Request);
        switch (await placement.PlaceAsync(protocol.Kind, stream, redirected, context.RequestAborted))
        {
            case StreamPlacement.Elsewhere when redirected:
                refusals.Count();
                await OfferRefusal.WriteAsync(context, new SessionResult.Refused(SessionRefusal.AtCapacity, "Neither this node nor the one that sent you has room. Try again soon.", SentOnWait));
                return false;
            case StreamPlacement.Elsewhere elsewhere:
                NodeRedirect.Write(context, elsewhere.Node);
                return false;
            case StreamPlacement.Refused refused:
                refusals.Count();
                await OfferRefusal.WriteAsync(context, new SessionResult.Refused(refused.Reason, refused.Detail, refused.RetryAfter));
                return false;
            default:
                return true;
        }
    }

    /// <summary>Checks name and token; null when the request has been answered.</summary>
    public async ValueTask<string?> AdmitAsync(HttpContext context, SessionProtocol protocol, bool tokenInQuery = false) =>
        (await IdentifyAsync(context, protocol, tokenInQuery))?.Stream;

    private async ValueTask<(string Stream, Grant Grant)?> IdentifyAsync(HttpContext context, SessionProtocol protocol, bool tokenInQuery)
    {
        var stream = (string?)context.Request.RouteValues["stream"] ?? "";
        if (!StreamName.IsValid(stream))
        {
            await ProblemWriter.WriteAsync(context, Problem.BadRequest(StreamName.Rule));
            return null;
        }

        return await gatekeeper.AdmitAsync(context, protocol.Scope, stream, tokenInQuery) is { } grant ? (stream, grant) : null;
    }
}
