namespace Broadcast.Signalling.Auth;

/// <summary>Grants that the authorisation webhook gave lately. Thread-safe; bounded: the oldest go first.</summary>
/// <param name="capacity">Grants at most.</param>
/// <param name="time">The clock.</param>
internal sealed class AuthCache(int capacity, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byAge = new();

    public int Count
    {
        get
        {
            lock (_lock) return _entries.Count;
        }
    }

    /// <summary>The grant; null when there is none, or it is over.</summary>
    public Grant? Find(string key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node)) return null;
            if (node.Value.Until > time.GetUtcNow()) return node.Value.Grant;
            Remove(node);
            return null;
        }
    }

    public void Add(string key, Grant grant, DateTimeOffset until)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var old)) Remove(old);
            while (_entries.Count >= capacity) Remove(_byAge.First!);
            _entries[key] = _byAge.AddLast(new Entry(key, grant, until));
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _byAge.Remove(node);
    }

    private sealed record Entry(string Key, Grant Grant, DateTimeOffset Until);
}
