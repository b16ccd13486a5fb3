using System.Collections.Concurrent;
using System.Threading.Channels;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Sessions;
using Broadcast.Usage.Records;

namespace Broadcast.Usage.Collect;

/// <summary>The sessions of this node, open and lately ended. Thread-safe; nothing here waits for a disk.</summary>
internal sealed class UsageBook : ISessionJournal, IDisposable
{
    /// <summary>Ended sessions that may wait for the disk; those beyond are lost, and counted.</summary>
    private const int QueueLength = 100_000;

    private readonly ConcurrentDictionary<string, OpenUsage> _open = new(StringComparer.Ordinal);
    private readonly Channel<UsageRecord> _ended = Channel.CreateBounded<UsageRecord>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly IMediaPlane _media;
    private readonly NodeIdentity _node;
    private readonly TimeProvider _time;
    private long _lost;
    private long _unconnected;

    public UsageBook(IMediaPlane media, NodeIdentity node, TimeProvider time)
    {
        (_media, _node, _time) = (media, node, time);
        _media.SessionEnded += OnEnded;
        _media.LayerChanged += OnLayerChanged;
    }

    /// <summary>Sessions in any state.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Ended sessions of which there will be no record.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Sessions that ended without ever being connected; there are no records of them.</summary>
    public long Unconnected => Interlocked.Read(ref _unconnected);

    public void Opened(OpenedSession session)
    {
        _open[session.SessionId] = new OpenUsage(session, _node.Id, _time);
        if (_media.GetSession(session.SessionId) is null) _open.TryRemove(session.SessionId, out _); // over before it was told of
    }

    /// <summary>The next ended session that waits to be written.</summary>
    public bool TryTake(out UsageRecord record) => _ended.Reader.TryRead(out record!);

    /// <summary>Records that are given up, from the disk's side.</summary>
    public void CountLost(int records) => Interlocked.Add(ref _lost, records);

    /// <summary>What the connected sessions have used until now.</summary>
    public IEnumerable<UsageRecord> Open()
    {
        foreach (var (_, usage) in _open)
        {
            if (RecordOf(usage) is { } record) yield return record;
        }
    }

    /// <summary>The same, to write it.</summary>
    /// <param name="newOnly">Only those that were not taken before.</param>
    public IReadOnlyList<UsageRecord> Take(bool newOnly)
    {
        var records = new List<UsageRecord>();
        foreach (var (_, usage) in _open)
        {
            if ((newOnly && usage.IsTaken) || RecordOf(usage) is not { } record) continue;
            usage.IsTaken = true;
            records.Add(record);
        }

        return records;
    }

    public void Dispose()
    {
        _media.SessionEnded -= OnEnded;
        _media.LayerChanged -= OnLayerChanged;
    }

    private void OnLayerChanged(SessionSnapshot session)
    {
        if (_open.TryGetValue(session.SessionId, out var usage)) usage.Layer(session.Layer);
    }

    private UsageRecord? RecordOf(OpenUsage usage) =>
        _media.GetSession(usage.SessionId) is { State: not SessionState.Ended, ConnectedFor.Ticks: > 0 } session ? usage.Record(session) : null;

    // First into the queue, then out of the book: whoever looks at the book and then into the queue misses none.
    private void OnEnded(SessionSnapshot session)
    {
        if (!_open.TryGetValue(session.SessionId, out var usage)) return;
        if (session.ConnectedFor <= TimeSpan.Zero) Interlocked.Increment(ref _unconnected);
        else if (!_ended.Writer.TryWrite(usage.Record(session))) Interlocked.Increment(ref _lost);
        _open.TryRemove(session.SessionId, out _);
    }
}
