using Broadcast.Rtc;

namespace Broadcast.MediaNode.Udp;

/// <summary>Remembers the peers to which segmented sends were refused, so that not every run is tried twice.</summary>
/// <remarks>
/// A small table where a newer peer may push out an older one: forgetting costs one refused call. An entry is tried
/// again after a while, because a route or its MTU may have changed. Owned by one worker.
/// </remarks>
internal sealed class UnsegmentedPaths
{
    /// <summary>Runs sent one by one before segmentation is tried again; about 5 minutes of video.</summary>
    internal const int RunsUntilRetry = 10_000;

    private const int Size = 256;

    private readonly Entry[] _entries = new Entry[Size];
    private int _count;

    private struct Entry
    {
        public TransportAddress Remote;
        public int RunsLeft;
    }

    /// <summary>Records a refusal.</summary>
    public void Add(in TransportAddress remote)
    {
        ref var entry = ref EntryOf(remote);
        if (entry.RunsLeft == 0) _count++;
        entry = new Entry { Remote = remote, RunsLeft = RunsUntilRetry };
    }

    /// <summary>True when runs to this peer have to go one datagram at a time. Counts as one run.</summary>
    public bool Contains(in TransportAddress remote)
    {
        if (_count == 0) return false;
        ref var entry = ref EntryOf(remote);
        if (entry.RunsLeft == 0 || entry.Remote != remote) return false;
        if (--entry.RunsLeft != 0) return true;
        _count--;
        return false;
    }

    private ref Entry EntryOf(in TransportAddress remote) => ref _entries[remote.GetHashCode() & (Size - 1)];
}
