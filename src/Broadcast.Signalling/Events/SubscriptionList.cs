namespace Broadcast.Signalling.Events;

/// <summary>The event streams of one session, a few at most. Safe to use from any thread.</summary>
internal sealed class SubscriptionList
{
    /// <summary>More than a page needs; the oldest goes when another comes.</summary>
    public const int Capacity = 4;

    private readonly Lock _gate = new();
    private List<Entry>? _entries;
    private bool _closed;

    /// <summary>Adds one; false when the session is over.</summary>
    public bool Add(EventSubscription subscription, Action<EventSubscription> onClosed)
    {
        Entry? oldest = null;
        lock (_gate)
        {
            if (_closed)
                return false;
            _entries ??= new(1);
            if (_entries.Count == Capacity)
            {
                oldest = _entries[0];
                _entries.RemoveAt(0);
            }

            _entries.Add(new Entry(subscription, onClosed));
        }

        if (oldest is not null)
            Close(oldest);
        return true;
    }

    /// <summary>Marks kinds as due for those who asked for them.</summary>
    public void Raise(EventSet events)
    {
        lock (_gate)
            _entries?.ForEach(entry => entry.Subscription.Raise(events));
    }

    public EventSubscription? Find(string id)
    {
        lock (_gate)
            return _entries?.Find(entry => entry.Subscription.Id == id)?.Subscription;
    }

    public bool Remove(string id)
    {
        Entry entry;
        lock (_gate)
        {
            var index = _entries?.FindIndex(candidate => candidate.Subscription.Id == id) ?? -1;
            if (index < 0)
                return false;
            entry = _entries![index];
            _entries.RemoveAt(index);
        }

        Close(entry);
        return true;
    }

    public void CloseAll()
    {
        List<Entry>? entries;
        lock (_gate)
        {
            _closed = true;
            entries = _entries;
            _entries = null;
        }

        entries?.ForEach(Close);
    }

    private static void Close(Entry entry)
    {
        entry.OnClosed(entry.Subscription);
        entry.Subscription.Dispose();
    }

    private sealed record Entry(EventSubscription Subscription, Action<EventSubscription> OnClosed);
}
