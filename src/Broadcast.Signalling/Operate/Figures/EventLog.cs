namespace Broadcast.Signalling.Operate.Figures;

/// <summary>What happened at this node last, for operators. Thread-safe; bounded.</summary>
public sealed class EventLog(TimeProvider time)
{
    /// <summary>Older ones are forgotten.</summary>
    public const int Capacity = 200;

    private readonly Lock _lock = new();
    private readonly Queue<NodeEvent> _events = new();
    private long _number;

    /// <summary>Notes something.</summary>
    /// <param name="kind">"stream", "takeover", "recording" or "node".</param>
    /// <param name="subject">The stream or the node.</param>
    /// <param name="text">A sentence for a person.</param>
    public void Add(string kind, string subject, string text)
    {
        lock (_lock)
        {
            if (_events.Count == Capacity) _events.Dequeue();
            _events.Enqueue(new NodeEvent(++_number, time.GetUtcNow().ToUnixTimeMilliseconds(), kind, subject, text));
        }
    }

    /// <summary>Those after a number, oldest first. A number of before a restart of the node gets all there are.</summary>
    public IReadOnlyList<NodeEvent> After(long number)
    {
        lock (_lock) return [.. _events.Where(each => number > _number || each.Number > number)];
    }
}
