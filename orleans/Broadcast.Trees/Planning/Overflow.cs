using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Planning;

/// <summary>Finds a node for whom a full one sends away, by the last snapshot; asks nobody.</summary>
public static class Overflow
{
    /// <summary>The less busy of two that have room, near ones first: all that a full node sends away in a second see the same snapshot, and must not all go to the emptiest.</summary>
    /// <param name="cluster">All nodes.</param>
    /// <param name="full">Who sends away.</param>
    /// <param name="role">What the other has to be: <see cref="NodeRoles.Edge"/> or <see cref="NodeRoles.Ingest"/>.</param>
    /// <param name="busyBelow">Whose share of busy time is not below this has no room itself.</param>
    /// <param name="isReachable">Clients can be sent there.</param>
    /// <param name="seed">Equal seeds choose equal nodes; draw one for each client.</param>
    /// <returns>Null when none has room.</returns>
    public static NodeInfo? Find(ClusterSnapshot cluster, NodeId full, NodeRoles role, double busyBelow, Func<NodeInfo, bool> isReachable, ulong seed)
    {
        var home = cluster.Find(full)?.Region;
        NodeInfo[] open = [.. cluster.Nodes.Where(node => node.Id != full && HasRoom(node, role, busyBelow) && isReachable(node))];
        NodeInfo[] near = [.. open.Where(node => node.Region == home)];
        if (near.Length > 0) open = near;
        if (open.Length == 0) return null;
        var first = open[(int)(seed % (ulong)open.Length)];
        var second = open[(int)((seed >> 32) % (ulong)open.Length)];
        return second.Load.CpuBusy < first.Load.CpuBusy ? second : first;
    }

    private static bool HasRoom(NodeInfo node, NodeRoles role, double busyBelow) =>
        node.State == NodeState.Up && (node.Roles & role) != 0 && node.Load.CpuBusy < busyBelow && node.ViewerShare < 1 && node.UplinkLeft(default, 0) > 0;
}
