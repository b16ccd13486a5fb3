using Broadcast.Grains.Abstractions.Nodes;

namespace Broadcast.Grains.Nodes;

/// <summary>The newest status of every node that this process ever heard of. Thread-safe; outlives the generations of its silo.</summary>
internal sealed class KnownNodes
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, NodeStatus> _statuses = new(StringComparer.Ordinal);

    public NodeStatus? Find(string nodeId)
    {
        lock (_lock) return _statuses.GetValueOrDefault(nodeId);
    }

    /// <returns>True when it tells of a node, or of a generation of it, that was not known.</returns>
    public bool Learn(NodeStatus status)
    {
        lock (_lock)
        {
            var known = _statuses.GetValueOrDefault(status.NodeId);
            if (known is not null && (status.Generation, status.Sequence).CompareTo((known.Generation, known.Sequence)) <= 0) return false;
            _statuses[status.NodeId] = status;
            return known is null || known.Generation != status.Generation || known.Draining != status.Draining;
        }
    }
}
