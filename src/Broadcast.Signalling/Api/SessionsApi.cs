using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Sessions;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Api;

/// <summary>Who publishes and watches.</summary>
internal sealed class SessionsApi(Gatekeeper gatekeeper, SessionDirectory sessions, IMediaPlane media)
{
    /// <summary>Relation of the link by which the answer to a viewer's POST tells the address of its session here.</summary>
    public const string Relation = "urn:broadcast:whep:ext:session";

    private static readonly Problem Unknown = Problem.NotFound("There is no such session, or it is over.");

    /// <summary>Absolute path of a session in this interface.</summary>
    public static string PathOf(string pathBase, string sessionId) => $"{pathBase}/api/v1/sessions/{sessionId}";

    public async Task<IResult> ListAsync(string stream, HttpContext context, int? limit = null, string? after = null)
    {
        if (!StreamName.IsValid(stream))
            return Answer.Problem(Problem.BadRequest(StreamName.Rule));
        if (!Paging.IsValid(limit))
            return Answer.Problem(Problem.BadRequest(Paging.Rule));
        if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, stream) is null)
            return Results.Empty;
        SessionView[] views = [.. Paging.Page(context, media.GetSessions(stream), session => session.SessionId, limit, after).Select(View)];
        return Answer.Json(context, views, SignallingJson.Default.SessionViewArray);
    }

    /// <summary>Knowing the id is not enough: a publisher needs its scope too, a viewer only where the stream is private.</summary>
    public async Task<IResult> GetAsync(string session, HttpContext context)
    {
        var snapshot = media.GetSession(session);
        var wanted = snapshot?.Kind == SessionKind.Publisher ? TokenScope.Publish : snapshot is null || gatekeeper.IsPublic(snapshot.StreamId) ? TokenScope.None : TokenScope.Watch;
        if (await gatekeeper.IdentifyAsync(context, wanted, snapshot?.StreamId ?? Grant.AnyStream) is not { } grant)
            return Results.Empty;
        if (snapshot is null)
            return Answer.Problem(Unknown);
        var owns = snapshot.Kind == SessionKind.Publisher
            ? grant.Allows(TokenScope.Publish, snapshot.StreamId)
            : gatekeeper.IsPublic(snapshot.StreamId) || grant.Allows(TokenScope.Watch, snapshot.StreamId);
        return owns || grant.Allows(TokenScope.Operate, snapshot.StreamId)
            ? Answer.Json(context, View(snapshot), SignallingJson.Default.SessionView)
            : await Answer.RefusedAsync(context, grant, TokenScope.Operate, snapshot.StreamId);
    }

    public async Task<IResult> EndAsync(string session, HttpContext context)
    {
        // An unknown id is looked at only after the caller has shown to be an operator of something.
        var snapshot = media.GetSession(session);
        if (await gatekeeper.IdentifyAsync(context, TokenScope.Operate, snapshot?.StreamId ?? Grant.AnyStream) is not { } grant)
            return Results.Empty;
        var stream = snapshot?.StreamId ?? grant.Stream;
        if (!grant.Allows(TokenScope.Operate, stream))
            return await Answer.RefusedAsync(context, grant, TokenScope.Operate, stream);
        return snapshot is not null && media.Close(session) ? Results.NoContent() : Answer.Problem(Unknown);
    }

    private SessionView View(SessionSnapshot session) => SessionView.Of(session, sessions.ViewerOf(session.SessionId));
}
