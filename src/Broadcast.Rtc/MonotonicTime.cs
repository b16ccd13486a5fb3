namespace Broadcast.Rtc;

/// <summary>A point on a clock that never goes back, in nanoseconds from an arbitrary origin.</summary>
/// <remarks>
/// Protocol code takes it as an argument and never reads a clock. The shell feeds CLOCK_REALTIME-disciplined
/// kernel time mapped onto one origin; tests feed virtual time.
/// </remarks>
public readonly record struct MonotonicTime(long Nanoseconds) : IComparable<MonotonicTime>
{
    /// <summary>Later than every real time: "no deadline".</summary>
    public static readonly MonotonicTime Never = new(long.MaxValue);

    /// <summary>The origin of the clock.</summary>
    public static readonly MonotonicTime Zero = new(0);

    /// <summary>Whole microseconds since the origin.</summary>
    public long Microseconds => Nanoseconds / 1_000;

    /// <summary>Whole milliseconds since the origin.</summary>
    public long Milliseconds => Nanoseconds / 1_000_000;

    /// <summary>Creates a time from milliseconds since the origin.</summary>
    public static MonotonicTime FromMilliseconds(double milliseconds) => new((long)(milliseconds * 1_000_000));

    /// <summary>The earlier of two times.</summary>
    public static MonotonicTime Min(MonotonicTime a, MonotonicTime b) => a.Nanoseconds <= b.Nanoseconds ? a : b;

    /// <summary>The later of two times.</summary>
    public static MonotonicTime Max(MonotonicTime a, MonotonicTime b) => a.Nanoseconds >= b.Nanoseconds ? a : b;

    /// <inheritdoc/>
    public int CompareTo(MonotonicTime other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public static MonotonicTime operator +(MonotonicTime time, TimeSpan span) => new(time.Nanoseconds + (span.Ticks * 100));
    public static MonotonicTime operator -(MonotonicTime time, TimeSpan span) => new(time.Nanoseconds - (span.Ticks * 100));
    public static TimeSpan operator -(MonotonicTime later, MonotonicTime earlier) => new((later.Nanoseconds - earlier.Nanoseconds) / 100);
    public static bool operator <(MonotonicTime a, MonotonicTime b) => a.Nanoseconds < b.Nanoseconds;
    public static bool operator >(MonotonicTime a, MonotonicTime b) => a.Nanoseconds > b.Nanoseconds;
    public static bool operator <=(MonotonicTime a, MonotonicTime b) => a.Nanoseconds <= b.Nanoseconds;
    public static bool operator >=(MonotonicTime a, MonotonicTime b) => a.Nanoseconds >= b.Nanoseconds;
}
