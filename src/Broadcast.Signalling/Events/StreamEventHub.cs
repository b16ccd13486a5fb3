using System.Collections.Concurrent;
using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Events;

/// <summary>Hands stream events of the media plane to the subscriptions of that stream.</summary>
/// <remarks>The number of viewers changes with every join, so it is told at most once a second and stream.</remarks>
internal sealed class StreamEventHub : IDisposable
{
    private const int KeepAliveEverySeconds = 15;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, StreamTopic> _topics = new(StringComparer.Ordinal);
    private readonly IMediaPlane _media;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private int _ticks;

    public StreamEventHub(IMediaPlane media, TimeProvider time)
    {
        (_media, _time) = (media, time);
        _media.StreamChanged += OnStreamChanged;
        _timer = time.CreateTimer(_ => OnTick(), null, Tick, Tick);
    }

    /// <summary>Starts delivery.</summary>
    public void Subscribe(EventSubscription subscription)
    {
        StreamTopic topic;
        lock (_gate)
        {
            topic = _topics.GetOrAdd(subscription.StreamId, static _ => new StreamTopic());
            topic.Add(subscription);
        }

        // Asked outside the lock: the media plane may be raising an event that needs it.
        topic.Seed(_media.GetStream(subscription.StreamId));
    }

    public void Unsubscribe(EventSubscription subscription)
    {
        lock (_gate)
        {
            if (_topics.TryGetValue(subscription.StreamId, out var topic) && topic.Remove(subscription))
                _topics.TryRemove(subscription.StreamId, out _);
        }
    }

    /// <summary>The stream as last told; null when nobody subscribes to it any more.</summary>
    public StreamSnapshot? Latest(string streamId) => _topics.TryGetValue(streamId, out var topic) ? topic.Latest : null;

    public void Dispose()
    {
        _media.StreamChanged -= OnStreamChanged;
        _timer.Dispose();
    }

    private void OnStreamChanged(StreamEvent change)
    {
        if (!_topics.TryGetValue(change.Stream.StreamId, out var topic))
            return;
        if (change.Spread > TimeSpan.Zero)
            SpreadEvent.Begin(topic.BeginSpread(change), change, _time);
        else
            topic.Raise(change);
    }

    private void OnTick()
    {
        var keepAlive = ++_ticks % KeepAliveEverySeconds == 0;
        foreach (var (streamId, topic) in _topics)
        {
            // Rates change without an event; the next layers event should not tell those of the last one.
            var before = topic.Latest;
            topic.Refresh(before, _media.GetStream(streamId));
            topic.Tick(keepAlive);
        }
    }
}
