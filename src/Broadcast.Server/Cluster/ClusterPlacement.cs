using System.Buffers.Binary;
using System.Security.Cryptography;
using Broadcast.Grains.Cluster;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Limits;
using Broadcast.Signalling.Sessions;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Server.Cluster;

/// <summary>Asks the cluster where a session is served. Where the stream is already on this node, nobody is asked.</summary>
internal sealed class ClusterPlacement(ClusterNode node, Live<LimitOptions> limits) : IStreamPlacement
{
    private readonly Alternates _alternates = new(node);

    public async ValueTask<StreamPlacement> PlaceAsync(SessionKind kind, string streamId, bool redirected, CancellationToken cancellation) =>
        kind == SessionKind.Publisher ? await ClaimAsync(streamId, cancellation) : await JoinAsync(streamId, redirected, cancellation);

    public async ValueTask<Uri?> FindRoomAsync(SessionKind kind, CancellationToken cancellation)
    {
        var cluster = await node.GetClusterAsync().WaitAsync(cancellation);
        var options = limits.Value;
        var (role, above) = kind == SessionKind.Publisher ? (NodeRoles.Ingest, options.PublishersBusyAbove) : (NodeRoles.Edge, options.BusyAbove);

        // Well below where it would send away itself, by the same options: what the other measures by now is not known here.
        var below = above > 0 ? above - options.BusyMargin : 1;
        var seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        return Overflow.Find(cluster, new NodeId(node.NodeId), role, below, other => node.UrlOf(other.Id.Value) is not null, seed) is { } found ? new Uri(node.UrlOf(found.Id.Value)!) : null;
    }

    public IReadOnlyList<Uri> Alternates(SessionKind kind) => _alternates.Next(kind);

    private async Task<StreamPlacement> ClaimAsync(string streamId, CancellationToken cancellation)
    {
        if (node.IsDraining && await FindIngestAsync(cancellation) is { } other) return new StreamPlacement.Elsewhere(other);

        // Whoever may publish a stream may take it over, on any node as on one: each POST is a session of its own.
        var session = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return await node.ClaimAsync(streamId, session, replace: true, cancellation) switch
        {
            ClaimDecision.Granted => StreamPlacement.Here,
            ClaimDecision.Refused refused => new StreamPlacement.Refused(SessionRefusal.AtCapacity, Sentence("The stream cannot be published here now", refused.Reason), refused.RetryAfter),
            _ => throw new InvalidOperationException("An unknown decision about a publisher."),
        };
    }

    /// <summary>The emptiest other node that takes publishers; null when there is none with an address.</summary>
    private async Task<Uri?> FindIngestAsync(CancellationToken cancellation)
    {
        var cluster = await node.GetClusterAsync().WaitAsync(cancellation);
        var open = cluster.Nodes.Where(other => other.State == NodeState.Up && (other.Roles & NodeRoles.Ingest) != 0 && node.UrlOf(other.Id.Value) is not null);
        return open.MinBy(other => other.ViewerShare) is { } emptiest ? new Uri(node.UrlOf(emptiest.Id.Value)!) : null;
    }

    private async Task<StreamPlacement> JoinAsync(string streamId, bool redirected, CancellationToken cancellation) =>
        await node.JoinAsync(streamId, redirected, cancellation) switch
        {
            JoinDecision.Serve => StreamPlacement.Here,
            JoinDecision.Redirect redirect => new StreamPlacement.Elsewhere(new Uri(redirect.Url)),
            JoinDecision.Refuse { IsLive: false } refuse => new StreamPlacement.Refused(
                SessionRefusal.NotLive, "Nobody is broadcasting this stream now. Try again when it has begun.", refuse.RetryAfter),
            JoinDecision.Refuse refuse => new StreamPlacement.Refused(SessionRefusal.AtCapacity, Sentence("The stream cannot be watched here now", refuse.Reason), refuse.RetryAfter),
            _ => throw new InvalidOperationException("An unknown decision about a viewer."),
        };

    private static string Sentence(string what, string reason) => $"{what}: {reason}. Try again soon.";
}
