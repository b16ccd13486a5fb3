using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Api;

namespace Broadcast.Signalling.Webhooks;

/// <summary>Tells of streams that are published at this node, so that in a cluster each event is told once.</summary>
/// <remarks>
/// (nothing) → started → stopped. In between: unhealthy, when nothing has come for 2 s ("silent") or much is lost for 10 s ("loss"), and healthy again.
/// A publisher that takes over begins another publication: stopped, then started. Called on control threads of the media plane and by a timer.
/// </remarks>
internal sealed class StreamNews : IDisposable
{
    private const double MuchLost = 0.1;
    private const double LittleLost = 0.02;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Live> _live = new(StringComparer.Ordinal);
    private readonly IMediaPlane _media;
    private readonly IWebhooks _webhooks;
    private readonly NodeIdentity _node;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public StreamNews(IMediaPlane media, IWebhooks webhooks, NodeIdentity node, TimeProvider time)
    {
        (_media, _webhooks, _node, _time) = (media, webhooks, node, time);
        _media.StreamChanged += OnStreamChanged;
        _timer = time.CreateTimer(_ => MeasureLoss(), null, Look, Look);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _media.StreamChanged -= OnStreamChanged;
    }

    private SessionSnapshot? PublisherOf(string streamId) =>
        _media.GetSessions(streamId).FirstOrDefault(session => session is { Kind: SessionKind.Publisher, State: not SessionState.Ended });

    private void OnStreamChanged(StreamEvent change)
    {
        if (change.Kind is not (StreamEventKind.Active or StreamEventKind.Inactive)) return;
        lock (_lock)
        {
            _live.TryGetValue(change.Stream.StreamId, out var live);
            var isHere = PublisherOf(change.Stream.StreamId) is not null;
            if (change.Kind == StreamEventKind.Inactive)
            {
                if (live is null) return;
                if (isHere) Fall(live, change.Stream, "silent");
                else Stop(live, change.Stream);
                return;
            }

            if (!isHere) return; // it comes from another node, which tells of it
            if (live is not null && live.Epoch == change.Stream.Epoch)
            {
                Rise(live, change.Stream, "silent");
                return;
            }

            if (live is not null) Stop(live, change.Stream);
            _live[change.Stream.StreamId] = new Live { Epoch = change.Stream.Epoch };
            Raise("stream.started", change.Stream, change.Stream.Epoch, null);
        }
    }

    private void MeasureLoss()
    {
        lock (_lock)
        {
            foreach (var (streamId, live) in _live)
            {
                if (PublisherOf(streamId) is not { } publisher || _media.GetStream(streamId) is not { } stream) continue;
                var (lost, packets) = (publisher.Lost - live.Lost, publisher.Packets - live.Packets);
                (live.Lost, live.Packets) = (publisher.Lost, publisher.Packets);
                if (packets <= 0) continue;
                var share = (double)Math.Max(0, lost) / (packets + Math.Max(0, lost));

                // Twice in a row: one burst is no illness, and one good look no cure.
                live.Bad = share >= MuchLost ? live.Bad + 1 : 0;
                live.Good = share <= LittleLost ? live.Good + 1 : 0;
                if (live.Bad >= 2) Fall(live, stream, "loss");
                else if (live.Good >= 2) Rise(live, stream, "loss");
            }
        }
    }

    private void Fall(Live live, StreamSnapshot stream, string reason)
    {
        if (live.Reasons.Add(reason)) Raise("stream.unhealthy", stream, live.Epoch, reason);
    }

    private void Rise(Live live, StreamSnapshot stream, string reason)
    {
        if (live.Reasons.Remove(reason) && live.Reasons.Count == 0) Raise("stream.healthy", stream, live.Epoch, null);
    }

    private void Stop(Live live, StreamSnapshot stream)
    {
        _live.Remove(stream.StreamId);
        Raise("stream.stopped", stream, live.Epoch, null);
    }

    private void Raise(string name, StreamSnapshot stream, int epoch, string? reason)
    {
        if (!_webhooks.Wants(name)) return;
        var body = new StreamNewsBody(name, _time.GetUtcNow(), _node.Id, new StreamFacts(stream.StreamId, epoch, stream.StartedAt, stream.Viewers, reason));
        _webhooks.Raise(name, JsonSerializer.SerializeToUtf8Bytes(body, WebhookJson.Default.StreamNewsBody));
    }

    private sealed class Live
    {
        public required int Epoch { get; init; }

        public HashSet<string> Reasons { get; } = [];

        public long Lost { get; set; }

        public long Packets { get; set; }

        public int Bad { get; set; }

        public int Good { get; set; }
    }
}
