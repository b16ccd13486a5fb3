using Broadcast.Grains.Abstractions.Nodes;
using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.Grains.Abstractions.Recordings;
using Broadcast.Grains.Hosting;
using Broadcast.RelayPlane;

namespace Broadcast.Grains.Cluster;

/// <summary>What a node tells others of itself, made from what its media plane says. Thread-safe.</summary>
internal sealed class Reporter(ClusterOptions options, IRelayPlane plane, Placements placements)
{
    private long _sequence;

    /// <summary>For the directory.</summary>
    public NodeStatus Status(int generation, bool draining)
    {
        var load = plane.Load;
        return new NodeStatus
        {
            NodeId = options.NodeId,
            Generation = generation,
            Sequence = Interlocked.Increment(ref _sequence),
            Region = options.Region,
            Zone = options.Zone,
            Roles = (int)options.Roles,
            Draining = draining,
            Capacity = new NodeFigures(load.CapacityBitsPerSecond, load.CapacityPacketsPerSecond, load.CapacityViewers, load.CapacityChildren),
            Load = new NodeFigures(load.BitsPerSecond, load.PacketsPerSecond, load.Viewers, load.Children),
            Busy = load.Busy,
            PublicUrl = options.PublicUrl,
        };
    }

    /// <summary>For a stream's grain, also when the stream is not here: then it says which order was carried out.</summary>
    public StreamReport Stream(string streamId, string? session, StreamRecording? recording)
    {
        var newest = placements.Newest(streamId);
        var carried = plane.Find(streamId);
        if (carried is null)
        {
            return new StreamReport { NodeId = options.NodeId, Epoch = new Epoch(newest.Epoch, newest.Claim), Version = newest.Version, Recording = recording };
        }

        // The media plane may have learned of a higher epoch by its links before any order came.
        var stamp = carried.Stamp > newest ? carried.Stamp : newest;
        return new StreamReport
        {
            NodeId = options.NodeId,
            Epoch = new Epoch(stamp.Epoch, stamp.Claim),
            Version = stamp.Version,
            IsRoot = carried.IsRoot,
            Session = carried.IsRoot ? session : null,
            Parent = carried.ParentNodeId,
            NextParent = carried.NextParentNodeId,
            Standby = carried.StandbyNodeId,
            IsRooted = carried.IsRoot || (carried.ParentNodeId is not null && carried.IsActive),
            Path = [.. carried.Path],
            Viewers = carried.Viewers,
            Children = carried.Children,
            Failed = [.. carried.FailedParents],
            WantsToLeave = carried is { IsIdle: true, IsRoot: false },
            BitsPerSecond = carried.IsRoot ? carried.BitsPerSecond : 0,
            PacketsPerSecond = carried.IsRoot ? carried.PacketsPerSecond : 0,
            Recording = recording,
        };
    }
}
