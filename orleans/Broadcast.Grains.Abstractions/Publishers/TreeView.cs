namespace Broadcast.Grains.Abstractions.Publishers;

/// <summary>A stream's tree for operators.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="Root">The publisher's node; null while nobody publishes.</param>
/// <param name="Epoch">The publisher session.</param>
/// <param name="Version">Of the tree.</param>
/// <param name="Nodes">By depth, then by name.</param>
[GenerateSerializer, Immutable, Alias("broadcast.tree-view")]
public sealed record TreeView(
    [property: Id(0)] string StreamId,
    [property: Id(1)] string? Root,
    [property: Id(2)] Epoch Epoch,
    [property: Id(3)] long Version,
    [property: Id(4)] TreeNodeView[] Nodes);

/// <summary>One node of a tree with the edge to its parent.</summary>
/// <param name="NodeId">Its name.</param>
/// <param name="Region">Where it is.</param>
/// <param name="Parent">Who feeds it; null for the root and for an orphan.</param>
/// <param name="Standby">Whom it asks when the parent falls silent.</param>
/// <param name="Depth">Hops from the root.</param>
/// <param name="Reason">Why this parent.</param>
/// <param name="StandbyReason">Why this standby, or why none.</param>
/// <param name="Version">The tree's version that last changed this place.</param>
[GenerateSerializer, Immutable, Alias("broadcast.tree-node-view")]
public sealed record TreeNodeView(
    [property: Id(0)] string NodeId,
    [property: Id(1)] string Region,
    [property: Id(2)] string? Parent,
    [property: Id(3)] string? Standby,
    [property: Id(4)] int Depth,
    [property: Id(5)] string Reason,
    [property: Id(6)] string StandbyReason,
    [property: Id(7)] long Version);
