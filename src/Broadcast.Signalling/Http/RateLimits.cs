using System.Threading.RateLimiting;
using Broadcast.Signalling.Auth;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace Broadcast.Signalling.Http;

/// <summary>Sets up the rate limiting middleware: one bucket per source address, then one per token.</summary>
internal static class RateLimits
{
    private const int NoToken = 0;

    public static void Configure(RateLimiterOptions limiter, RateLimitOptions options)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = static (rejected, _) => new ValueTask(ProblemWriter.WriteAsync(
            rejected.HttpContext,
            Problem.TooManyRequests("You send more requests than this server takes. Wait as long as Retry-After says."),
            rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1)));

        var limits = new List<PartitionedRateLimiter<HttpContext>>(2);
        if (options.PerAddress > 0)
        {
            limits.Add(PartitionedRateLimiter.Create<HttpContext, SourceAddress>(context => ApiSurface.Contains(context.Request.Path)
                ? Bucket(new SourceAddress(context.Connection.RemoteIpAddress), options.PerAddress, options.BurstSeconds)
                : RateLimitPartition.GetNoLimiter(default(SourceAddress))));
        }

        if (options.PerToken > 0)
        {
            limits.Add(PartitionedRateLimiter.Create<HttpContext, int>(context => TokenOf(context) is var token and not NoToken
                ? Bucket(token, options.PerToken, options.BurstSeconds)
                : RateLimitPartition.GetNoLimiter(NoToken)));
        }

        if (limits.Count > 0)
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained([.. limits]);
    }

    // The randomised string hash: two tokens that share a bucket by chance harm nobody, and no token is kept.
    private static int TokenOf(HttpContext context)
    {
        if (!ApiSurface.Contains(context.Request.Path))
            return NoToken;
        var token = BearerToken.FromHeader(context.Request);
        return token.IsEmpty ? NoToken : token.Reveal().GetHashCode(StringComparison.Ordinal);
    }

    private static RateLimitPartition<TKey> Bucket<TKey>(TKey key, int perSecond, int burstSeconds) =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond * burstSeconds,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
            AutoReplenishment = true,
        });
}
