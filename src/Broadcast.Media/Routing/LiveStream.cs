namespace Broadcast.Media.Routing;

/// <summary>A stream by name: its present publication and which workers have viewers of it.</summary>
/// <remarks>Workers meet here in a few atomic fields; nothing is locked on the packet path.</remarks>
public sealed class LiveStream(string streamId)
{
    private Publication? _publication;
    private long _subscribedEngines;
    private long _enginesWithNews;
    private int _viewers;

    /// <summary>The name in its URL.</summary>
    public string StreamId { get; } = streamId;

    /// <summary>The present publication; the ended one remains until it is replaced, so that its last packets go out.</summary>
    public Publication? Publication => Volatile.Read(ref _publication);

    /// <summary>Connected viewers on all workers.</summary>
    public int Viewers => Volatile.Read(ref _viewers);

    /// <summary>Bit i is set when worker i has viewers.</summary>
    public long SubscribedEngines => Volatile.Read(ref _subscribedEngines);

    /// <summary>Replaces the publication; viewers go over to it at its next keyframe.</summary>
    public void Replace(Publication publication)
    {
        Interlocked.Exchange(ref _publication, publication)?.End();
    }

    /// <summary>Counts a viewer in or out.</summary>
    public void CountViewer(int change) => Interlocked.Add(ref _viewers, change);

    /// <summary>Notes that a worker (0–63) must look for new packets.</summary>
    /// <returns>False when that was noted already and the worker has not begun to look.</returns>
    public bool TryMarkNews(int engineIndex)
    {
        var bit = 1L << engineIndex;
        return (Interlocked.Or(ref _enginesWithNews, bit) & bit) == 0;
    }

    /// <summary>Takes the mark away; to be called before the logs are read, so that what comes after is marked again.</summary>
    public void ClearNews(int engineIndex) => Interlocked.And(ref _enginesWithNews, ~(1L << engineIndex));

    /// <summary>Notes whether a worker (0–63) has viewers of this stream.</summary>
    public void SetSubscribed(int engineIndex, bool subscribed)
    {
        var bit = 1L << engineIndex;
        if (subscribed) Interlocked.Or(ref _subscribedEngines, bit);
        else Interlocked.And(ref _subscribedEngines, ~bit);
    }
}
