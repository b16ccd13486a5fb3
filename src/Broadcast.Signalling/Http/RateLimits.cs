using System.Threading.RateLimiting;
using Broadcast.Signalling.Auth;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace Broadcast.Signalling.Http;

/// <summary>Sets up the rate limiting middleware: one bucket per source address, then one per token. New options begin with full buckets.</summary>
internal sealed class RateLimits : PartitionedRateLimiter<HttpContext>
{
    private const int NoToken = 0;

    private volatile PartitionedRateLimiter<HttpContext> _present;
    private PartitionedRateLimiter<HttpContext>? _last;
    private long _refused;

    public RateLimits(Live<RateLimitOptions> options)
    {
        _present = Make(options.Value);
        options.Changed += Replace;
    }

    /// <summary>Requests that got 429, since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public void Configure(RateLimiterOptions limiter)
    {
        limiter.GlobalLimiter = this;
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = (rejected, _) =>
        {
            Interlocked.Increment(ref _refused);
            return new ValueTask(ProblemWriter.WriteAsync(
                rejected.HttpContext,
                Problem.TooManyRequests("You send more requests than this server takes. Wait as long as Retry-After says."),
                rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1)));
        };
    }

    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => _present.GetStatistics(resource);

    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) => _present.AttemptAcquire(resource, permitCount);

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken) =>
        _present.AcquireAsync(resource, permitCount, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _present.Dispose();
        base.Dispose(disposing);
    }

    // A request may be about to ask the one that is replaced: that goes with the replacement after this.
    private void Replace(RateLimitOptions options)
    {
        _last?.Dispose();
        _last = _present;
        _present = Make(options);
    }

    private static PartitionedRateLimiter<HttpContext> Make(RateLimitOptions options)
    {
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

        return limits.Count > 0 ? PartitionedRateLimiter.CreateChained([.. limits]) : PartitionedRateLimiter.Create<HttpContext, int>(_ => RateLimitPartition.GetNoLimiter(NoToken));
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
