using System.Diagnostics;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Telemetry;

/// <summary>Spans of the media plane. Workers note times in plain fields; spans are made of them afterwards, by the control side.</summary>
public static class MediaTraces
{
    /// <summary>The name under which they are listened to.</summary>
    public const string Name = "Broadcast.MediaNode";

    internal static readonly ActivitySource Source = new(Name);

    /// <summary>Begins a span that does not become the caller's present one: it ends somewhere else.</summary>
    /// <returns>Null when nobody listens, or it is not to be recorded.</returns>
    internal static Activity? Begin(string name, ActivityKind kind, ActivityContext parent, MonotonicTime start)
    {
        if (!Source.HasListeners()) return null;
        var present = Activity.Current;
        Activity.Current = null;
        var activity = Source.StartActivity(name, kind, parent, tags: null, links: null, WallClock(start));
        Activity.Current = present;
        return activity;
    }

    /// <summary>Records a span that is over.</summary>
    internal static void Record(string name, ActivityKind kind, ActivityContext parent, MonotonicTime start, MonotonicTime end, params ReadOnlySpan<(string Key, object Value)> tags)
    {
        if (Begin(name, kind, parent, start) is not { } span) return;
        foreach (var (key, value) in tags) span.SetTag(key, value);
        End(span, MonotonicTime.Max(start, end));
    }

    /// <summary>Ends a span at a time that has been.</summary>
    internal static void End(Activity span, MonotonicTime end)
    {
        var present = Activity.Current;
        span.SetEndTime(WallClock(end));
        span.Stop();
        Activity.Current = present;
    }

    /// <summary>How a span is written to another node (W3C traceparent); null when it is not recorded.</summary>
    internal static string? Header(ActivityContext context) =>
        (context.TraceFlags & ActivityTraceFlags.Recorded) == 0 ? null : $"00-{context.TraceId}-{context.SpanId}-01";

    /// <summary>The monotonic time on the wall clock, as spans want it.</summary>
    internal static DateTime WallClock(MonotonicTime time) => DateTime.UtcNow - (MonotonicClock.Now() - time);
}
