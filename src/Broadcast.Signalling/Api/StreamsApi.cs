using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Api;

/// <summary>What is live, as far as the caller may know.</summary>
internal sealed class StreamsApi(Gatekeeper gatekeeper, IMediaPlane media)
{
    public async Task<IResult> ListAsync(HttpContext context, int? limit = null, string? after = null)
    {
        if (!Paging.IsValid(limit))
            return Answer.Problem(Problem.BadRequest(Paging.Rule));
        if (await gatekeeper.IdentifyAsync(context) is not { } grant)
            return Results.Empty;
        StreamView[] visible = [.. Paging.Page(context, media.Streams.Where(stream => MaySee(grant, stream.StreamId)), stream => stream.StreamId, limit, after).Select(StreamView.Of)];
        return Answer.Json(context, visible, SignallingJson.Default.StreamViewArray);
    }

    public async Task<IResult> GetAsync(string stream, HttpContext context)
    {
        if (!StreamName.IsValid(stream))
            return Answer.Problem(Problem.BadRequest(StreamName.Rule));
        if (await gatekeeper.IdentifyAsync(context, gatekeeper.IsPublic(stream) ? TokenScope.None : TokenScope.Watch, stream) is not { } grant)
            return Results.Empty;
        if (!MaySee(grant, stream))
            return await Answer.RefusedAsync(context, grant, TokenScope.Watch, stream);
        return media.GetStream(stream) is { } snapshot
            ? Answer.Json(context, StreamView.Of(snapshot), SignallingJson.Default.StreamView)
            : Answer.Problem(Problem.NotFound("The stream is neither live nor watched."));
    }

    // A private stream must not show by name to callers who hold nothing for it.
    private bool MaySee(Grant grant, string stream) =>
        gatekeeper.IsPublic(stream)
        || grant.Allows(TokenScope.Watch, stream) || grant.Allows(TokenScope.Publish, stream) || grant.Allows(TokenScope.Operate, stream);
}
