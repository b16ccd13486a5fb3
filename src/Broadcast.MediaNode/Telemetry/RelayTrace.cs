using System.Diagnostics;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Telemetry;

/// <summary>The present attachment or healing of a stream that comes from another node, as a span; it ends with the first media.</summary>
/// <remarks>Guarded by the media plane's control lock.</remarks>
internal sealed class RelayTrace
{
    /// <summary>A standby goes on within milliseconds; what it is told comes a little later.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(1);

    private Activity? _span;
    private MonotonicTime _endedAt;

    /// <summary>What parents are told of it; null while there is none.</summary>
    public string? Header { get; private set; }

    /// <summary>True once after it has been over for a while: parents that come later have nothing to do with it.</summary>
    public bool IsForgotten(MonotonicTime now)
    {
        if (_span is not null || Header is null || now - _endedAt < Memory) return false;
        Header = null;
        return true;
    }

    /// <summary>The node was told to carry the stream, in the course of what the caller does: a viewer's join, or a question of another node.</summary>
    public void BeginAttachment(string streamId, string nodeId, string parent, MonotonicTime now)
    {
        if (_span is not null || Activity.Current is not { Recorded: true } cause) return;
        _span = MediaTraces.Begin("relay.attach", ActivityKind.Internal, cause.Context, now);
        _span?.SetTag("broadcast.stream", streamId).SetTag("broadcast.node", nodeId).SetTag("broadcast.parent", parent);
        SetHeader();
    }

    /// <summary>A parent was lost.</summary>
    /// <returns>Where what follows from it belongs; null when it is not traced.</returns>
    public string? BeginHealing(string streamId, string nodeId, string lost, string? taken, MonotonicTime since)
    {
        _span ??= MediaTraces.Begin("relay.heal", ActivityKind.Internal, default, since);
        _span?.AddEvent(new ActivityEvent(taken is null ? "parent lost" : "standby taken"));
        _span?.SetTag("broadcast.stream", streamId).SetTag("broadcast.node", nodeId).SetTag("broadcast.lost", lost);
        if (taken is not null) _span?.SetTag("broadcast.parent", taken);
        SetHeader();
        return Header;
    }

    /// <summary>Another parent was chosen.</summary>
    public void Choose(string parent)
    {
        if (_span?.OperationName == "relay.heal") _span.SetTag("broadcast.parent", parent);
    }

    /// <summary>Media comes.</summary>
    public void End(MonotonicTime now) => Finish(now, null);

    /// <summary>Nobody waits for it any more.</summary>
    public void GiveUp(MonotonicTime now) => Finish(now, "The stream is not carried any more.");

    private void SetHeader() => Header = _span is null ? null : MediaTraces.Header(_span.Context);

    private void Finish(MonotonicTime now, string? failure)
    {
        if (_span is not { } span) return;
        (_span, _endedAt) = (null, now);
        if (failure is not null) span.SetStatus(ActivityStatusCode.Error, failure);
        MediaTraces.End(span, now);
    }
}
