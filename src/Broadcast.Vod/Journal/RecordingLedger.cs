using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Journal;

/// <summary>Keeps journals, and what they come to for as long as the recording is in the spool. Thread-safe.</summary>
/// <remarks>
/// Who wants to follow listens to <see cref="Changed"/>, which is raised on the recorder's thread: a listener notes the id and returns.
/// </remarks>
internal sealed class RecordingLedger(RecordingSpool spool, TimeProvider time, ILogger<RecordingLedger> log) : IRecordingLedger, IDisposable
{
    private readonly ConcurrentDictionary<RecordingId, Entry> _entries = new();
    private readonly ConcurrentDictionary<RecordingId, byte> _removed = new();

    /// <summary>An event was kept. Not raised for <see cref="SegmentGrown"/>.</summary>
    public event Action<RecordingEvent, RecordingHistory>? Changed;

    /// <summary>All that is in the spool.</summary>
    public IEnumerable<RecordingHistory> Histories => _entries.Values.Select(entry => entry.History).OfType<RecordingHistory>();

    /// <inheritdoc/>
    public void Append(RecordingEvent what)
    {
        var entry = what is RecordingStarted ? _entries.GetOrAdd(what.Id, _ => new Entry()) : _entries.GetValueOrDefault(what.Id);
        if (entry is null) throw new InvalidOperationException($"The recording {what.Id} was not started.");
        RecordingHistory history;
        lock (entry)
        {
            if (what is SegmentGrown grown)
            {
                entry.BoundariesOf(grown.Number).Add(grown.Duration, grown.Bytes);
                entry.History = entry.History?.With(grown, default);
                return;
            }

            var folder = spool.FolderOf(what.Id);
            if (what is RecordingStarted) Directory.CreateDirectory(folder);
            entry.Journal ??= JournalFile.Open(folder);
            entry.Journal.Append(what);
            history = entry.History = what is RecordingStarted started ? new RecordingHistory(started) : entry.History!.With(what, time.GetUtcNow());
            if (what is SegmentClosed closed) entry.BoundariesOf(closed.Number).Thin();
            if (history.Ended is not null) entry.Close();
        }

        Changed?.Invoke(what, history);
    }

    /// <summary>Takes over a journal that an earlier process has written.</summary>
    /// <returns>Null when it has no beginning.</returns>
    public RecordingHistory? Load(RecordingId id)
    {
        var folder = spool.FolderOf(id);
        // The end is not told by the journal; its file was last written then.
        var written = new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(folder, JournalFile.Name)), TimeSpan.Zero);
        if (RecordingHistory.Of(JournalFile.Read(folder, log), written) is not { } history || history.Id != id) return null;
        return _entries.GetOrAdd(id, _ => new Entry { History = history }).History;
    }

    public bool TryGet(RecordingId id, [NotNullWhen(true)] out RecordingHistory? history) =>
        (history = _entries.GetValueOrDefault(id)?.History) is not null;

    /// <summary>Ends of whole clusters of a segment; empty when they are not known.</summary>
    public Boundaries BoundariesOf(RecordingId id, int number) => _entries.TryGetValue(id, out var entry) ? entry.BoundariesOf(number) : new Boundaries();

    /// <summary>The recording is deleted, and nothing that was told of it before counts any more.</summary>
    public void Remove(RecordingId id)
    {
        _removed[id] = 0;
        Forget(id);
    }

    /// <summary>True for what was deleted since the start of this process.</summary>
    public bool IsRemoved(RecordingId id) => _removed.ContainsKey(id);

    /// <summary>The recording is in the spool no more.</summary>
    public void Forget(RecordingId id)
    {
        if (_entries.TryRemove(id, out var entry)) Close(entry);
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values) Close(entry);
    }

    private static void Close(Entry entry)
    {
        lock (entry) entry.Close();
    }

    private sealed class Entry
    {
        private readonly ConcurrentDictionary<int, Boundaries> _boundaries = new();

        public RecordingHistory? History { get; set; }

        public JournalFile? Journal { get; set; }

        public Boundaries BoundariesOf(int number) => _boundaries.GetOrAdd(number, _ => new Boundaries());

        public void Close()
        {
            Journal?.Dispose();
            Journal = null;
        }
    }
}
