using System.Collections.Concurrent;
using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Sessions;

namespace Broadcast.Signalling.Webhooks;

/// <summary>Tells of viewers that are connected and leave, many at once: each second, up to 500 in a delivery. Thread-safe.</summary>
internal sealed class ViewerNews : ISessionJournal, IDisposable
{
    private const string Joined = "viewer.joined";
    private const string Left = "viewer.left";
    private const int MaxBatch = 500;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Viewer> _viewers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(bool Came, ViewerFacts Facts)> _news = new();
    private readonly Lock _telling = new();
    private readonly IMediaPlane _media;
    private readonly IWebhooks _webhooks;
    private readonly NodeIdentity _node;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public ViewerNews(IMediaPlane media, IWebhooks webhooks, NodeIdentity node, TimeProvider time)
    {
        (_media, _webhooks, _node, _time) = (media, webhooks, node, time);
        _media.SessionEnded += OnEnded;
        _timer = time.CreateTimer(_ => Tell(), null, Period, Period);
    }

    public void Opened(OpenedSession session)
    {
        if (session.Kind != SessionKind.Viewer || !(_webhooks.Wants(Joined) || _webhooks.Wants(Left))) return;
        _viewers[session.SessionId] = new Viewer(session);
        if (_media.GetSession(session.SessionId) is null) _viewers.TryRemove(session.SessionId, out _); // over before it was told of
    }

    public void Dispose()
    {
        _timer.Dispose();
        _media.SessionEnded -= OnEnded;
        Tell();
    }

    private void OnEnded(SessionSnapshot session)
    {
        if (!_viewers.TryRemove(session.SessionId, out var viewer) || session.ConnectedFor <= TimeSpan.Zero) return;
        lock (_telling)
        {
            Came(viewer);
            _news.Enqueue((false, Facts(viewer.Session) with { Seconds = Math.Round(session.ConnectedFor.TotalSeconds, 3), Bytes = session.Bytes, EndReason = session.EndReason ?? "" }));
        }
    }

    /// <summary>In their order: who comes and goes between two deliveries has come before it has gone.</summary>
    private void Tell()
    {
        lock (_telling)
        {
            foreach (var (sessionId, viewer) in _viewers)
            {
                if (!viewer.HasCome && _media.GetSession(sessionId) is { ConnectedFor.Ticks: > 0 }) Came(viewer);
            }

            var batch = new List<ViewerFacts>();
            var came = true;
            while (_news.TryDequeue(out var news))
            {
                if (news.Came != came || batch.Count == MaxBatch) Send(came, batch);
                came = news.Came;
                batch.Add(news.Facts);
            }

            Send(came, batch);
        }
    }

    private void Came(Viewer viewer)
    {
        if (viewer.HasCome) return;
        viewer.HasCome = true;
        _news.Enqueue((true, Facts(viewer.Session)));
    }

    private ViewerFacts Facts(OpenedSession session) => new(session.StreamId, session.SessionId, session.ViewerId, session.Subject, _time.GetUtcNow(), null, null, null);

    private void Send(bool came, List<ViewerFacts> batch)
    {
        var name = came ? Joined : Left;
        if (batch.Count > 0 && _webhooks.Wants(name))
            _webhooks.Raise(name, JsonSerializer.SerializeToUtf8Bytes(new ViewerNewsBody(name, _time.GetUtcNow(), _node.Id, [.. batch]), WebhookJson.Default.ViewerNewsBody));
        batch.Clear();
    }

    private sealed class Viewer(OpenedSession session)
    {
        public OpenedSession Session => session;

        public bool HasCome { get; set; }
    }
}
