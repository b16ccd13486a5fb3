using System.Diagnostics;
using Broadcast.Media.Peers;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Telemetry;

/// <summary>A session's way from the answer to the first media, as spans below that of its POST.</summary>
/// <remarks>Guarded by the media plane's control lock.</remarks>
internal sealed class SessionTrace
{
    private readonly ActivityContext _post;
    private readonly MonotonicTime _answeredAt;
    private MonotonicTime _connectedAt;
    private bool _isOver;

    private SessionTrace(ActivityContext post, MonotonicTime answeredAt) => (_post, _answeredAt) = (post, answeredAt);

    /// <summary>Begins below the span that is present; null when there is none that is recorded.</summary>
    public static SessionTrace? Begin(MonotonicTime now) =>
        Activity.Current is { Recorded: true } post && MediaTraces.Source.HasListeners() ? new SessionTrace(post.Context, now) : null;

    /// <summary>The keys are there.</summary>
    public void OnConnected(Peer peer)
    {
        if (_connectedAt != MonotonicTime.Zero || _isOver) return;
        _connectedAt = peer.ConnectedAt;
        MediaTraces.Record("ice", ActivityKind.Internal, _post, _answeredAt, peer.ReachedAt, ("broadcast.transport", peer.Ice.SelectedPath.IsTcp ? "tcp" : "udp"));
        MediaTraces.Record("dtls", ActivityKind.Internal, _post, peer.ReachedAt, peer.ConnectedAt);
    }

    /// <summary>The first media came, or left.</summary>
    public void OnMedia(MonotonicTime at)
    {
        if (_isOver) return;
        _isOver = true;
        MediaTraces.Record("first media", ActivityKind.Internal, _post, _connectedAt, at);
    }

    /// <summary>The session ended; before its first media that is what the trace was made for.</summary>
    public void OnEnded(Peer peer, MonotonicTime now)
    {
        if (_isOver) return;
        _isOver = true;
        var (step, since) = _connectedAt != MonotonicTime.Zero ? ("first media", _connectedAt) : peer.ReachedAt != MonotonicTime.Zero ? ("dtls", peer.ReachedAt) : ("ice", _answeredAt);
        if (MediaTraces.Begin(step, ActivityKind.Internal, _post, since) is not { } span) return;
        span.SetStatus(ActivityStatusCode.Error, peer.EndReason);
        MediaTraces.End(span, now);
    }
}
