using Broadcast.Signalling.Api;

namespace Broadcast.Signalling.Cluster;

/// <summary>What operators see of the nodes and do with them. A node alone answers about itself.</summary>
/// <remarks>Safe to use from any thread. No call takes longer than a few seconds, whatever has become of the cluster.</remarks>
public interface IClusterOperations
{
    /// <summary>All nodes, by name; this one at least.</summary>
    ValueTask<IReadOnlyList<NodeView>> GetNodesAsync(CancellationToken cancellation);

    /// <summary>Begins or ends draining of a node that <see cref="GetNodesAsync"/> names.</summary>
    /// <returns>False when it cannot be reached now.</returns>
    ValueTask<bool> DrainAsync(string nodeId, bool draining, CancellationToken cancellation);

    /// <summary>Who feeds whom with a stream; without nodes when nobody has it; null when that cannot be found out now.</summary>
    ValueTask<TreeView?> GetTreeAsync(string streamId, CancellationToken cancellation);

    /// <summary>How many nodes each region should have, by its name.</summary>
    ValueTask<IReadOnlyList<ScaleView>> GetScaleAsync(CancellationToken cancellation);
}
