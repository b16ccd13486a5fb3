using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Events;

/// <summary>The subscriptions of one stream and its latest state. Safe to use from any thread.</summary>
internal sealed class StreamTopic
{
    private readonly Lock _gate = new();
    private readonly HashSet<EventSubscription> _subscriptions = [];
    private bool _viewerCountDue;
    private bool _viewerCountToldThisTick;

    public StreamSnapshot? Latest { get; private set; }

    public void Add(EventSubscription subscription)
    {
        lock (_gate)
            _subscriptions.Add(subscription);
    }

    /// <summary>Gives a new topic its first state; an event that came meanwhile is newer and stays.</summary>
    public void Seed(StreamSnapshot? now)
    {
        lock (_gate)
            Latest ??= now;
    }

    /// <summary>Takes a later state, unless an event has brought one since it was asked for.</summary>
    public void Refresh(StreamSnapshot? before, StreamSnapshot? now)
    {
        lock (_gate)
        {
            if (ReferenceEquals(Latest, before))
                Latest = now ?? Latest;
        }
    }

    /// <summary>True when that was the last one.</summary>
    public bool Remove(EventSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
            return _subscriptions.Count == 0;
        }
    }

    public void Raise(StreamEvent change)
    {
        lock (_gate)
        {
            Latest = change.Stream;
            if (change.Kind == StreamEventKind.ViewerCount)
            {
                if (_viewerCountToldThisTick)
                {
                    _viewerCountDue = true;
                    return;
                }

                _viewerCountToldThisTick = true;
            }

            RaiseAll(EventSet.Of(change.Kind));
        }
    }

    /// <summary>Takes the state of an event that is told to one after the other, and those whom it is to be told.</summary>
    public EventSubscription[] BeginSpread(StreamEvent change)
    {
        lock (_gate)
        {
            Latest = change.Stream;
            return [.. _subscriptions];
        }
    }

    public void Tick(bool keepAlive)
    {
        lock (_gate)
        {
            _viewerCountToldThisTick = _viewerCountDue;
            if (_viewerCountDue)
                RaiseAll(EventSet.Of(StreamEventKind.ViewerCount));
            _viewerCountDue = false;
            if (!keepAlive)
                return;
            foreach (var subscription in _subscriptions)
                subscription.RaiseKeepAlive();
        }
    }

    private void RaiseAll(EventSet events)
    {
        foreach (var subscription in _subscriptions)
            subscription.Raise(events);
    }
}
