using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Sessions;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Limits;

/// <summary>Gives a new session its place at this node, or answers why there is none.</summary>
/// <remarks>
/// A caller who has too many sessions gets 429. Where the node has no room the caller is sent to another one that has, or gets 503; whoever takes
/// over a stream that is published here brings no more work, and is let in however busy the node is.
/// </remarks>
internal sealed class SessionAdmission(SessionCounts counts, BusyGate gate, IStreamPlacement placement, LimitMeters meters)
{
    private static readonly TimeSpan CallerWait = TimeSpan.FromSeconds(10);

    /// <summary>The least and the most: those who were sent away together do not all come back together.</summary>
    private static readonly (double Least, double Most) RoomWait = (5, 10);

    /// <returns>The place, to be kept with the session; null when the request has been answered.</returns>
    public async ValueTask<SessionPlace?> AdmitAsync(HttpContext context, SessionKind kind, string stream, Grant grant)
    {
        var limit = gate.IsClosed(kind) && !(kind == SessionKind.Publisher && counts.IsPublished(stream)) ? SessionLimit.Busy : SessionLimit.None;
        SessionPlace? place = null;
        if (limit == SessionLimit.None) limit = counts.TryTake(kind, stream, context.Connection.RemoteIpAddress, grant.Subject, out place);
        if (limit == SessionLimit.None) return place;
        if (limit is SessionLimit.Address or SessionLimit.Subject)
        {
            meters.Refused(kind, limit);
            await ProblemWriter.WriteAsync(context, Problem.TooManySessions(Sentence(limit)), CallerWait);
            return null;
        }

        if (!NodeRedirect.Has(context.Request) && await placement.FindRoomAsync(kind, context.RequestAborted) is { } node)
        {
            meters.Redirected(kind, limit);
            NodeRedirect.Write(context, node);
            return null;
        }

        meters.Refused(kind, limit);
        var wait = RoomWait.Least + ((RoomWait.Most - RoomWait.Least) * Random.Shared.NextDouble());
        await ProblemWriter.WriteAsync(context, Problem.AtCapacity(Sentence(limit)), TimeSpan.FromSeconds(wait));
        return null;
    }

    private static string Sentence(SessionLimit limit) => limit switch
    {
        SessionLimit.Address => "As many sessions as one address may have come from yours. End some, or try again later.",
        SessionLimit.Subject => "As many sessions as one person may have are open with tokens of yours. End some, or try again later.",
        SessionLimit.Streams => "This node has as many streams as it may. Try again later, or another node.",
        SessionLimit.Viewers => "This node has as many viewers as it may. Try again soon, or another node.",
        SessionLimit.StreamViewers => "The stream has as many viewers at this node as it may. Try again soon, or another node.",
        SessionLimit.Busy => "This node has as much to do as it can. Try again soon, or another node.",
        _ => throw new ArgumentOutOfRangeException(nameof(limit), limit, "A limit without a sentence."),
    };
}
