using System.Diagnostics;
using Broadcast.Rtc;

namespace Broadcast.MediaNode;

/// <summary>The shell's clock: monotonic time, and the kernel's receive times mapped onto it.</summary>
/// <remarks>
/// <see cref="Now"/> may be called by any thread and agrees between instances. The mapping state belongs to one
/// worker; not thread-safe.
/// </remarks>
public sealed class MonotonicClock
{
    // Both clocks are slewed alike, so their difference changes only when somebody sets the wall clock.
    private const long RefreshNanoseconds = 1_000_000_000;

    // A datagram that waited longer in a socket queue than this is not credible; the wall clock was stepped.
    private const long OldestNanoseconds = 10_000_000_000;

    private readonly Func<long> _wallClockNanoseconds;
    private long _offset;
    private long _refreshedAt = long.MinValue;

    /// <summary>Creates a clock on the system's wall clock.</summary>
    public MonotonicClock()
        : this(static () => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * 100)
    {
    }

    internal MonotonicClock(Func<long> wallClockNanoseconds) => _wallClockNanoseconds = wallClockNanoseconds;

    /// <summary>The present moment, from <see cref="Stopwatch"/> (CLOCK_MONOTONIC on Linux).</summary>
    public static MonotonicTime Now()
    {
        var ticks = Stopwatch.GetTimestamp();
        return new MonotonicTime(Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)(ticks * (1e9 / Stopwatch.Frequency)));
    }

    /// <summary>Maps a CLOCK_REALTIME stamp of the kernel (nanoseconds since 1970) onto the monotonic clock.</summary>
    /// <param name="realtimeNanoseconds">What SO_TIMESTAMPNS gave.</param>
    /// <param name="now">The present moment; the result is never later.</param>
    /// <returns><paramref name="now"/> itself when the stamp is older than 10 s: then the wall clock was set, not the packet late.</returns>
    public MonotonicTime FromKernel(long realtimeNanoseconds, MonotonicTime now)
    {
        if (_refreshedAt == long.MinValue || now.Nanoseconds - _refreshedAt >= RefreshNanoseconds) Refresh(now);
        var mapped = realtimeNanoseconds - _offset;
        var age = now.Nanoseconds - mapped;
        return age is >= 0 and <= OldestNanoseconds ? new MonotonicTime(mapped) : now;
    }

    private void Refresh(MonotonicTime now)
    {
        // The tightest of three readings: a preemption between the two clocks would show as an offset.
        var best = long.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var before = Now().Nanoseconds;
            var wall = _wallClockNanoseconds();
            var after = Now().Nanoseconds;
            if (after - before >= best) continue;
            best = after - before;
            _offset = wall - (before + (best / 2));
        }

        _refreshedAt = now.Nanoseconds;
    }
}
