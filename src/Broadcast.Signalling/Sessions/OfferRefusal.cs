using Broadcast.Media.Sessions;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Sessions;

/// <summary>Turns a refusal of the media plane into its HTTP answer.</summary>
internal static class OfferRefusal
{
    private static readonly TimeSpan DefaultNotLiveWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DefaultFullWait = TimeSpan.FromSeconds(5);

    public static Task WriteAsync(HttpContext context, SessionResult.Refused refused) => refused.Reason switch
    {
        SessionRefusal.MalformedOffer => ProblemWriter.WriteAsync(context, Problem.BadRequest(refused.Detail), refused.RetryAfter),
        SessionRefusal.UnusableOffer => ProblemWriter.WriteAsync(context, Problem.UnusableOffer(refused.Detail), refused.RetryAfter),
        SessionRefusal.NoCommonCodec => ProblemWriter.WriteAsync(context, Problem.NoCommonCodec(refused.Detail), refused.RetryAfter),
        SessionRefusal.UnknownLayer => ProblemWriter.WriteAsync(context, Problem.UnknownLayer(refused.Detail), refused.RetryAfter),
        SessionRefusal.NotLive => ProblemWriter.WriteAsync(context, Problem.NotLive(refused.Detail), refused.RetryAfter ?? DefaultNotLiveWait),
        SessionRefusal.AtCapacity => ProblemWriter.WriteAsync(context, Problem.AtCapacity(refused.Detail), refused.RetryAfter ?? DefaultFullWait),
        _ => throw new ArgumentOutOfRangeException(nameof(refused), refused.Reason, "A refusal without an HTTP status."),
    };
}
