using Broadcast.Grains.Cluster;
using Broadcast.Media.Sessions;
using Broadcast.Trees.Cluster;

namespace Broadcast.Server.Cluster;

/// <summary>Where clients could go if this node died: other nodes that take them, near ones first, in turn.</summary>
/// <remarks>Thought out once for each picture of the cluster, not for each session. Thread-safe.</remarks>
internal sealed class Alternates(ClusterNode node)
{
    /// <summary>A second one, for when both fail together.</summary>
    private const int Told = 2;

    /// <summary>So many share those who come when this node dies.</summary>
    private const int Candidates = 8;

    private Picture _picture = new(ClusterSnapshot.Empty, [], []);
    private int _turn;

    /// <summary>For the next session.</summary>
    public IReadOnlyList<Uri> Next(SessionKind kind)
    {
        var cluster = node.LatestCluster;
        var picture = Volatile.Read(ref _picture);
        if (!ReferenceEquals(picture.Cluster, cluster)) Volatile.Write(ref _picture, picture = Look(cluster));
        var nodes = kind == SessionKind.Publisher ? picture.Ingests : picture.Edges;
        if (nodes.Length == 0) return [];
        var first = (int)((uint)Interlocked.Increment(ref _turn) % (uint)nodes.Length);
        return [.. Enumerable.Range(0, Math.Min(Told, nodes.Length)).Select(i => nodes[(first + i) % nodes.Length])];
    }

    private Picture Look(ClusterSnapshot cluster)
    {
        var self = cluster.Find(new NodeId(node.NodeId));
        NodeInfo[] open = [.. cluster.Nodes.Where(other => other.State == NodeState.Up && other.Id.Value != node.NodeId).OrderBy(Distance).ThenBy(other => other.ViewerShare)];
        return new Picture(cluster, Pick(open.Where(other => other.IsOpenEdge)), Pick(open.Where(other => (other.Roles & NodeRoles.Ingest) != 0)));

        // What fails together with this node is no way out of its failure.
        int Distance(NodeInfo other) => self is null ? 0 : other.SharesZoneWith(self) ? 1 : other.Region == self.Region ? 0 : 2;
    }

    private Uri[] Pick(IEnumerable<NodeInfo> nodes) =>
        [.. nodes.Select(other => node.UrlOf(other.Id.Value)).OfType<string>().Take(Candidates).Select(url => new Uri(url))];

    private sealed record Picture(ClusterSnapshot Cluster, Uri[] Edges, Uri[] Ingests);
}
