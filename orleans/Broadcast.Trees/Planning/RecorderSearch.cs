using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>Chooses who records a stream, and who records beside it. Pure: equal arguments give equal choices in every process.</summary>
public static class RecorderSearch
{
    /// <summary>Where the publisher is nothing has to travel; else near it, and there the least busy.</summary>
    /// <param name="root">The publisher's node.</param>
    /// <param name="avoid">Nodes that could not lately.</param>
    /// <returns>Null when no node with the role can take anything new.</returns>
    public static NodeInfo? FindRecorder(ClusterSnapshot cluster, NodeId? root, Func<NodeId, bool> avoid)
    {
        var home = root is { } id ? cluster.Find(id) : null;
        return Candidates(cluster, avoid)
            .OrderBy(node => node.Id == root ? 0 : 1)
            .ThenBy(node => node.Region == home?.Region ? 0 : 1)
            .ThenBy(Busy)
            .ThenBy(node => node.Id)
            .FirstOrDefault();
    }

    /// <summary>Another node: where one is, in a zone that does not fail with the recorder's.</summary>
    /// <param name="recorder">Who records.</param>
    /// <param name="root">The publisher's node; what lies with it is near.</param>
    /// <param name="avoid">Nodes that could not lately.</param>
    public static NodeInfo? FindStandby(ClusterSnapshot cluster, NodeId recorder, NodeId? root, Func<NodeId, bool> avoid)
    {
        var first = cluster.Find(recorder);
        var home = root is { } id ? cluster.Find(id) : null;
        return Candidates(cluster, node => node == recorder || avoid(node))
            .OrderBy(node => first is not null && node.SharesZoneWith(first) ? 1 : 0)
            .ThenBy(node => node.Region == home?.Region ? 0 : 1)
            .ThenBy(Busy)
            .ThenBy(node => node.Id)
            .FirstOrDefault();
    }

    private static IEnumerable<NodeInfo> Candidates(ClusterSnapshot cluster, Func<NodeId, bool> avoid) =>
        cluster.Nodes.Where(node => node.State == NodeState.Up && (node.Roles & NodeRoles.Recorder) != 0 && !avoid(node.Id));

    // In tenths: what differs less is chance, and the choice shall not hop about with it.
    private static double Busy(NodeInfo node) => Math.Round(Math.Max(node.Load.CpuBusy, 1 - node.UplinkLeft(default, 0)), 1);
}
