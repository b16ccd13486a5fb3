using Broadcast.Grains.Abstractions.Relays;
using Broadcast.RelayPlane;

namespace Broadcast.Grains.Cluster;

/// <summary>The newest order of each stream, so that an older one that comes late is not carried out. Thread-safe.</summary>
/// <remarks>Outlives the generations of the silo, and a stream's detachment by <see cref="Memory"/>: longer than any order is on its way.</remarks>
internal sealed class Placements(IRelayPlane plane, TimeProvider time)
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (StreamStamp Stamp, long At)> _newest = new(StringComparer.Ordinal);

    /// <returns>False when a newer order was carried out, or the same.</returns>
    public bool Apply(RelayOrder order)
    {
        var stamp = new StreamStamp(order.Epoch.Number, order.Epoch.Claim, order.Version);
        lock (_lock)
        {
            if (!Advance(order.StreamId, stamp)) return false;
            plane.Apply(ToCommand(order, stamp));
            return true;
        }
    }

    /// <summary>The publisher that is connected here has the stream.</summary>
    /// <returns>False when a higher epoch has been seen meanwhile.</returns>
    public bool BecomeRoot(string streamId, StreamStamp stamp)
    {
        lock (_lock)
        {
            // The same claim asked for again is granted with the same epoch.
            if (_newest.TryGetValue(streamId, out var known) && stamp < known.Stamp && (known.Stamp.Epoch, known.Stamp.Claim) != (stamp.Epoch, stamp.Claim)) return false;
            Advance(streamId, stamp);
            plane.Apply(new BecomeRoot(streamId, stamp));
            return true;
        }
    }

    /// <summary>The stamp of the newest order of a stream; the default when there was none.</summary>
    public StreamStamp Newest(string streamId)
    {
        lock (_lock) return _newest.TryGetValue(streamId, out var known) ? known.Stamp : default;
    }

    /// <summary>Forgets streams that have not been here for long.</summary>
    public void Prune()
    {
        lock (_lock)
        {
            foreach (var (streamId, (_, at)) in _newest.ToArray())
            {
                if (time.GetElapsedTime(at) > Memory && plane.Find(streamId) is null) _newest.Remove(streamId);
            }
        }
    }

    private bool Advance(string streamId, StreamStamp stamp)
    {
        if (_newest.TryGetValue(streamId, out var known) && stamp <= known.Stamp) return false;
        _newest[streamId] = (stamp, time.GetTimestamp());
        return true;
    }

    // By what is, not by what the writer thinks differs: orders may be skipped, and the media plane moves by itself when a parent dies.
    private RelayCommand ToCommand(RelayOrder order, StreamStamp stamp)
    {
        if (order.Parent is not { } parent) return new Detach(order.StreamId, stamp);
        return plane.Find(order.StreamId) switch
        {
            { IsRoot: false, ParentNodeId: { } now } when now == parent => new SetStandby(order.StreamId, stamp, order.Standby),
            { IsRoot: false, ParentNodeId: not null } => new SwitchParent(order.StreamId, stamp, parent, order.Standby),
            _ => new Attach(order.StreamId, stamp, parent, order.Standby),
        };
    }
}
