using System.Net;
using System.Runtime.InteropServices;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Http;

namespace Broadcast.Signalling.Limits;

/// <summary>Counts the sessions of this node in the ways in which they are limited. Thread-safe.</summary>
/// <remarks>A place is taken before the offer is looked at and given back when nothing comes of it, so that requests at the same moment cannot pass together.</remarks>
internal sealed class SessionCounts(Live<LimitOptions> options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _publishers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _viewers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<SourceAddress, int> _addresses = [];
    private int _allViewers;

    /// <summary>True when somebody publishes the stream here.</summary>
    public bool IsPublished(string stream)
    {
        lock (_lock) return _publishers.ContainsKey(stream);
    }

    /// <summary>Takes a place for a session.</summary>
    /// <param name="kind">Publisher or viewer.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="subject">Whose token it comes with; null for nobody's.</param>
    /// <param name="place">To be given back by disposing; null when there is none.</param>
    /// <returns>The limit that is reached; callers' own ones first.</returns>
    public SessionLimit TryTake(SessionKind kind, string stream, IPAddress? address, string? subject, out SessionPlace? place)
    {
        var limits = options.Value;
        var source = new SourceAddress(address);
        place = null;
        lock (_lock)
        {
            if (IsFull(limits.SessionsPerAddress, _addresses.GetValueOrDefault(source))) return SessionLimit.Address;
            if (subject is not null && IsFull(limits.SessionsPerSubject, _subjects.GetValueOrDefault(subject))) return SessionLimit.Subject;
            if (kind == SessionKind.Publisher)
            {
                if (!_publishers.ContainsKey(stream) && IsFull(limits.Streams, _publishers.Count)) return SessionLimit.Streams;
            }
            else
            {
                if (IsFull(limits.Viewers, _allViewers)) return SessionLimit.Viewers;
                if (IsFull(limits.ViewersPerStream, _viewers.GetValueOrDefault(stream))) return SessionLimit.StreamViewers;
            }

            Add(kind, stream, source, subject, 1);
        }

        place = new SessionPlace(() => GiveBack(kind, stream, source, subject));
        return SessionLimit.None;
    }

    private static bool IsFull(int limit, int count) => limit > 0 && count >= limit;

    private static void Add<TKey>(Dictionary<TKey, int> counts, TKey key, int by)
        where TKey : notnull
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
        count += by;
        if (count == 0) counts.Remove(key);
    }

    private void GiveBack(SessionKind kind, string stream, SourceAddress source, string? subject)
    {
        lock (_lock) Add(kind, stream, source, subject, -1);
    }

    private void Add(SessionKind kind, string stream, SourceAddress source, string? subject, int by)
    {
        Add(_addresses, source, by);
        if (subject is not null) Add(_subjects, subject, by);
        Add(kind == SessionKind.Publisher ? _publishers : _viewers, stream, by);
        if (kind == SessionKind.Viewer) _allViewers += by;
    }
}

/// <summary>A session's place among those that are counted; given back once, however often it is disposed.</summary>
internal sealed class SessionPlace(Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
