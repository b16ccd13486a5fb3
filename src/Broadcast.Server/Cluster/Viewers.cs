using System.Collections.Concurrent;
using Broadcast.Grains.Abstractions.Viewers;
using Broadcast.Grains.Cluster;
using Broadcast.Grains.Viewers;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Sessions;

namespace Broadcast.Server.Cluster;

/// <summary>The viewers of this node: who they are over their sessions, and to their grains what they have used. Thread-safe.</summary>
internal sealed class Viewers : IViewerContinuity, IDisposable
{
    /// <summary>How often a grain is told; after a silo was restarted it knows again by then.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, string> _viewerOf = new(StringComparer.Ordinal);
    private readonly ResumeTokens _tokens;
    private readonly IMediaPlane _media;
    private readonly ClusterNode? _cluster;
    private readonly ITimer? _timer;

    /// <param name="tokens">Of the cluster.</param>
    /// <param name="media">Where sessions end.</param>
    /// <param name="cluster">Where the grains are; null without.</param>
    /// <param name="time">The clock.</param>
    public Viewers(ResumeTokens tokens, IMediaPlane media, ClusterNode? cluster, TimeProvider time)
    {
        (_tokens, _media, _cluster) = (tokens, media, cluster);
        if (cluster is null) return; // nobody to tell
        _media.SessionEnded += OnSessionEnded;
        _timer = time.CreateTimer(_ => Tell(cluster), null, Period, Period);
    }

    public string Issue(string viewerId, string streamId) => _tokens.Issue(viewerId, streamId);

    public string? Redeem(string token, string streamId) => _tokens.Redeem(token, streamId);

    public void Opened(string sessionId, string viewerId)
    {
        if (_cluster is null) return;
        _viewerOf[sessionId] = viewerId;
        if (_media.GetSession(sessionId) is { } session) _cluster.UpdateViewer(Progress(session, viewerId));
        else _viewerOf.TryRemove(sessionId, out _); // over before it was told of
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _media.SessionEnded -= OnSessionEnded;
    }

    private void Tell(ClusterNode cluster)
    {
        foreach (var (sessionId, viewerId) in _viewerOf)
        {
            if (_media.GetSession(sessionId) is { } session) cluster.UpdateViewer(Progress(session, viewerId));
        }
    }

    private void OnSessionEnded(SessionSnapshot session)
    {
        if (_viewerOf.TryRemove(session.SessionId, out var viewerId)) _cluster?.EndViewer(Progress(session, viewerId));
    }

    private static ViewerProgress Progress(SessionSnapshot session, string viewerId) =>
        new(session.SessionId, viewerId, session.StreamId, session.CreatedAt, session.Bytes, session.Packets);
}
