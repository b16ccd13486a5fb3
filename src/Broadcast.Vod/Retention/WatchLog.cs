using System.Collections.Concurrent;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Retention;

/// <summary>Which recordings were watched lately. Thread-safe.</summary>
internal sealed class WatchLog(TimeProvider time)
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<RecordingId, DateTimeOffset> _last = new();

    public void Note(RecordingId id) => _last[id] = time.GetUtcNow();

    public bool WasWatched(RecordingId id, TimeSpan within) => _last.TryGetValue(id, out var last) && time.GetUtcNow() - last <= within;

    public void Trim()
    {
        foreach (var (id, last) in _last)
        {
            if (time.GetUtcNow() - last > Forgotten) _last.TryRemove(KeyValuePair.Create(id, last));
        }
    }
}
