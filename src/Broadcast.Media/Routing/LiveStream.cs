using Broadcast.Media.Layers;

namespace Broadcast.Media.Routing;

/// <summary>A stream by name: its present publication and which workers have viewers of it.</summary>
/// <remarks>Workers meet here in a few atomic fields; nothing is locked on the packet path.</remarks>
public sealed class LiveStream(string streamId)
{
    private Publication? _publication;
    private long _subscribedEngines;
    private long _enginesWithNews;
    private int _viewers;
    private int _children;
    private readonly long[] _demands = new long[64];
    private long _recorderDemand;
    private bool _isRecorded;
    private LayerLimits _limits = LayerLimits.None;
    private IReadOnlyList<string> _nodesAbove = [];

    /// <summary>The name in its URL.</summary>
    public string StreamId { get; } = streamId;

    /// <summary>The present publication; the ended one remains until it is replaced, so that its last packets go out.</summary>
    public Publication? Publication => Volatile.Read(ref _publication);

    /// <summary>What the stream's policy allows its viewers. Any thread.</summary>
    public LayerLimits Limits
    {
        get => Volatile.Read(ref _limits);
        set => Volatile.Write(ref _limits, value);
    }

    /// <summary>Connected viewers on all workers.</summary>
    public int Viewers => Volatile.Read(ref _viewers);

    /// <summary>Nodes that take it from here.</summary>
    public int Children => Volatile.Read(ref _children);

    /// <summary>Counts a node in or out.</summary>
    public void CountChild(int change) => Interlocked.Add(ref _children, change);

    /// <summary>Bit i is set when worker i has viewers.</summary>
    public long SubscribedEngines => Volatile.Read(ref _subscribedEngines);

    /// <summary>The nodes from the origin down to this one's parent; empty where it is published. Any thread.</summary>
    public IReadOnlyList<string> NodesAbove
    {
        get => Volatile.Read(ref _nodesAbove);
        set => Volatile.Write(ref _nodesAbove, value);
    }

    /// <summary>The tracks that anybody on this node watches, by <see cref="SourceTrack.Index"/>: viewers, other nodes and its recorder. Any thread.</summary>
    public ulong Demand
    {
        get
        {
            var demand = (ulong)Volatile.Read(ref _recorderDemand);
            for (var engines = SubscribedEngines; engines != 0; engines &= engines - 1)
                demand |= (ulong)Volatile.Read(ref _demands[System.Numerics.BitOperations.TrailingZeroCount(engines)]);
            return demand;
        }
    }

    /// <summary>Notes what a worker (0–63) needs of the present publication.</summary>
    public void SetDemand(int engineIndex, ulong demand) => Volatile.Write(ref _demands[engineIndex], (long)demand);

    /// <summary>True while it is recorded here, which needs it as a viewer does. Any thread.</summary>
    public bool IsRecorded => Volatile.Read(ref _isRecorded);

    /// <summary>Notes what the recorder of this node needs of the present publication. The recorder's thread only.</summary>
    public void SetRecorderDemand(ulong demand, bool isRecorded)
    {
        Volatile.Write(ref _recorderDemand, (long)demand);
        Volatile.Write(ref _isRecorded, isRecorded);
    }

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
