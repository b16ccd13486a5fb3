namespace Broadcast.Grains.Abstractions.Nodes;

/// <summary>One for the cluster: what all nodes can carry and do carry. Kept in memory only; after its silo's death the next reports fill it again.</summary>
[Alias("broadcast.node-directory")]
public interface INodeDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>The only key.</summary>
    const long Key = 0;

    /// <summary>A node's report, about once a second.</summary>
    [Alias("report"), ResponseTimeout(Patience.Control)]
    Task Report(NodeStatus status);

    /// <summary>What changed since a version of this incarnation; everything for another incarnation.</summary>
    [Alias("changes"), ResponseTimeout(Patience.Control)]
    Task<DirectoryChanges> GetChanges(Guid incarnation, long since);
}
