using System.Net;
using System.Threading.RateLimiting;
using Broadcast.Signalling.Http;

namespace Broadcast.Signalling.Auth;

/// <summary>Counts invalid tokens per source address, so that guessing becomes slow.</summary>
/// <remarks>Requests without a token are not failures: a player asks first and learns from the 401.</remarks>
public sealed class FailedAttempts : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress?>? _limiter;
    private long _invalid;
    private long _refused;

    /// <summary>Invalid tokens since the start.</summary>
    public long Invalid => Interlocked.Read(ref _invalid);

    /// <summary>Times that an address had used up its failures.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>A budget of failures per minute and address; none when the option is 0.</summary>
    public FailedAttempts(AuthOptions options)
    {
        if (options.FailuresPerMinute == 0)
            return;
        _limiter = PartitionedRateLimiter.Create<IPAddress?, SourceAddress>(address =>
            RateLimitPartition.GetFixedWindowLimiter(new SourceAddress(address), _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = options.FailuresPerMinute,
                Window = TimeSpan.FromMinutes(1),
                QueueLimit = 0,
            }));
    }

    /// <summary>True when the address has used up its failures of this minute.</summary>
    public bool IsExhausted(IPAddress? address)
    {
        if (_limiter is null)
            return false;
        using var lease = _limiter.AttemptAcquire(address, permitCount: 0);
        if (!lease.IsAcquired) Interlocked.Increment(ref _refused);
        return !lease.IsAcquired;
    }

    /// <summary>Notes one invalid token.</summary>
    public void Count(IPAddress? address)
    {
        Interlocked.Increment(ref _invalid);
        _limiter?.AttemptAcquire(address).Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter?.Dispose();
}
