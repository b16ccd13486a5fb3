using System.Collections.Immutable;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Control;

/// <summary>What one node does for one stream. Also the acknowledgement of all commands up to <paramref name="Version"/>.</summary>
/// <param name="Node">Who reports.</param>
/// <param name="Epoch">The highest epoch it has seen.</param>
/// <param name="Version">The version of the last command it applied.</param>
/// <param name="IsRoot">The publisher is here.</param>
/// <param name="Parent">Who feeds it, as it is; null when nobody does.</param>
/// <param name="Target">The parent it is changing to; null when it is not.</param>
/// <param name="Standby">Whom it keeps warm.</param>
/// <param name="IsRooted">Its way up leads to a publisher.</param>
/// <param name="Path">From the root to its parent, as the parent told it.</param>
/// <param name="Viewers">Viewers of the stream here.</param>
/// <param name="Children">Nodes it feeds with the stream.</param>
/// <param name="Failed">Parents that refused or did not answer lately; it asks for another when it has none.</param>
/// <param name="WantsToLeave">Nobody has needed the stream here for the linger.</param>
/// <param name="Session">The publisher's session, from the root only.</param>
/// <param name="Records">It records the stream, or stands by for who does.</param>
public sealed record NodeReport(
    NodeId Node, StreamEpoch Epoch, long Version, bool IsRoot, NodeId? Parent, NodeId? Target, NodeId? Standby, bool IsRooted,
    ImmutableArray<NodeId> Path, int Viewers, int Children, ImmutableArray<NodeId> Failed, bool WantsToLeave, string? Session = null, bool Records = false)
{
    /// <summary>Somebody depends on this node having the stream.</summary>
    public bool IsNeeded => Viewers > 0 || Children > 0 || Records;
}
