using Broadcast.Signalling.Api;
using Broadcast.Signalling.Cluster;
using Broadcast.Vod.Catalogue;

namespace Broadcast.Vod.Api;

/// <summary>One look at the members of the cluster, taken when an answer first needs it. For one request.</summary>
/// <remarks>
/// In a catalogue that nodes share, what a dead node recorded stays <see cref="RecordingState.Recording"/>: only the node itself knows how far
/// it came, and ends it when it is back. Others say that it stands still, and leave the row alone.
/// </remarks>
internal sealed class MemberLook(IClusterOperations cluster, NodeIdentity node)
{
    private HashSet<string>? _members;

    /// <summary>True when a recording would be running, but its node is not in sight.</summary>
    public async ValueTask<bool> IsInterruptedAsync(Recording recording, CancellationToken cancellation) =>
        recording.State is RecordingState.Recording && await IsAwayAsync(recording, cancellation);

    /// <summary>True when the node that recorded it is not in sight.</summary>
    public async ValueTask<bool> IsAwayAsync(Recording recording, CancellationToken cancellation)
    {
        if (recording.Node == node.Id) return false;
        _members ??= [.. (await cluster.GetNodesAsync(cancellation)).Select(member => member.NodeId)];
        return !_members.Contains(recording.Node);
    }
}
