namespace Broadcast.Signalling.Api;

/// <summary>A node in the REST interface.</summary>
/// <param name="NodeId">Its name.</param>
/// <param name="Region">Where it is.</param>
/// <param name="Zone">What fails together with it.</param>
/// <param name="Roles">Out of "ingest", "relay", "edge" and "recorder".</param>
/// <param name="State">"up", "draining" (takes nothing new and gives up what it has) or "suspect" (does not report).</param>
/// <param name="IsThis">The node that answers.</param>
/// <param name="Url">Where viewers are sent to reach it; null when they are not.</param>
/// <param name="Share">How full it is, 0 to 1: the fullest of viewer places, uplink and processors.</param>
/// <param name="Load">What it carries.</param>
/// <param name="Capacity">What it can carry; zeros while it is not known.</param>
public sealed record NodeView(
    string NodeId,
    string Region,
    string Zone,
    IReadOnlyList<string> Roles,
    string State,
    bool IsThis,
    string? Url,
    double Share,
    NodeLoadView Load,
    NodeCapacityView Capacity);

/// <summary>What a node carries.</summary>
/// <param name="BitsPerSecond">Sent to viewers and other nodes.</param>
/// <param name="PacketsPerSecond">Sent to viewers and other nodes.</param>
/// <param name="Viewers">Connected.</param>
/// <param name="Children">Nodes that it feeds, counted once for each stream.</param>
/// <param name="Busy">Share of its busiest media thread's time, 0 to 1.</param>
public sealed record NodeLoadView(double BitsPerSecond, double PacketsPerSecond, int Viewers, int Children, double Busy);

/// <summary>What a node can carry.</summary>
/// <param name="BitsPerSecond">That it may send.</param>
/// <param name="PacketsPerSecond">That it can send.</param>
/// <param name="Viewers">Places.</param>
/// <param name="Children">Nodes that it feeds at most, counted once for each stream.</param>
public sealed record NodeCapacityView(double BitsPerSecond, double PacketsPerSecond, int Viewers, int Children);

/// <summary>Who feeds whom with a stream.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="Root">The publisher's node; null while nobody publishes.</param>
/// <param name="Epoch">Counts the publisher sessions of the stream in the cluster.</param>
/// <param name="Version">Rises with each change of the tree.</param>
/// <param name="Nodes">By depth, then by name.</param>
public sealed record TreeView(string StreamId, string? Root, long Epoch, long Version, IReadOnlyList<TreeNodeView> Nodes);

/// <summary>One node of a tree with the edge to its parent.</summary>
/// <param name="NodeId">Its name.</param>
/// <param name="Region">Where it is.</param>
/// <param name="State">As in the list of nodes; "gone" when it is not there any more.</param>
/// <param name="Parent">Who feeds it; null for the root, and while nobody does.</param>
/// <param name="Standby">Whom it asks when the parent falls silent; null without one.</param>
/// <param name="Depth">Hops from the root.</param>
/// <param name="Reason">Why this parent.</param>
/// <param name="StandbyReason">Why this standby, or why none.</param>
/// <param name="Version">The tree's version that last changed this place.</param>
/// <param name="Viewers">Connected to the node, of all streams.</param>
/// <param name="Share">How full the node is, 0 to 1.</param>
public sealed record TreeNodeView(
    string NodeId,
    string Region,
    string State,
    string? Parent,
    string? Standby,
    int Depth,
    string Reason,
    string StandbyReason,
    long Version,
    int Viewers,
    double Share);

/// <summary>How many nodes a region should have, for autoscalers.</summary>
/// <param name="Region">Its name.</param>
/// <param name="Nodes">That take viewers now.</param>
/// <param name="Wanted">That there should be.</param>
/// <param name="Reason">What decided.</param>
public sealed record ScaleView(string Region, int Nodes, int Wanted, string Reason);
