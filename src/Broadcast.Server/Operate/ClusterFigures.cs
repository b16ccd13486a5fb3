using Broadcast.Grains.Cluster;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Operate.Figures;

namespace Broadcast.Server.Operate;

/// <summary>What the nodes say to operators' pages: this one directly, others through their grain. Thread-safe.</summary>
/// <param name="desk">This node.</param>
/// <param name="identity">Its name.</param>
/// <param name="cluster">Null for a node alone.</param>
internal sealed class ClusterFigures(NodeDesk desk, NodeIdentity identity, ClusterNode? cluster = null) : IClusterFigures
{
    public string NodeId => identity.Id;

    public async ValueTask<NodeReport?> ReportAsync(string nodeId, long eventsAfter, CancellationToken cancellation) =>
        nodeId == NodeId ? desk.Report(eventsAfter) : QuestionCodec.Read<NodeReport>(await AskAsync(nodeId, QuestionKind.Report, "", eventsAfter, 0, [], cancellation));

    public async ValueTask<SessionPage?> SessionsAsync(string nodeId, string streamId, int skip, int take, CancellationToken cancellation) =>
        nodeId == NodeId ? desk.Sessions(streamId, skip, take) : QuestionCodec.Read<SessionPage>(await AskAsync(nodeId, QuestionKind.Sessions, streamId, skip, take, [], cancellation));

    public async ValueTask<PastFigures?> PastAsync(string nodeId, string subject, CancellationToken cancellation) =>
        nodeId == NodeId ? desk.Past(subject) : QuestionCodec.Read<PastFigures>(await AskAsync(nodeId, QuestionKind.Past, subject, 0, 0, [], cancellation));

    public async ValueTask<bool> EndSessionAsync(string nodeId, string sessionId, CancellationToken cancellation) =>
        nodeId == NodeId ? desk.End(sessionId) : await AskAsync(nodeId, QuestionKind.End, sessionId, 0, 0, [], cancellation) is [1];

    public async ValueTask<IReadOnlyList<string>> SpreadAsync(IReadOnlyList<Ban> bans, CancellationToken cancellation)
    {
        if (cluster is null) return [];
        var others = cluster.LatestCluster.Nodes.Select(node => node.Id.Value).Where(nodeId => nodeId != NodeId).ToArray();
        var told = await Task.WhenAll(others.Select(nodeId => TellAsync(nodeId, bans, cancellation)));
        return [.. others.Where((_, i) => !told[i])];
    }

    /// <summary>Tells one other node of bans.</summary>
    /// <returns>False when it does not answer.</returns>
    public async Task<bool> TellAsync(string nodeId, IReadOnlyList<Ban> bans, CancellationToken cancellation) =>
        await AskAsync(nodeId, QuestionKind.Ban, "", 0, 0, bans, cancellation) is [1];

    private async Task<byte[]?> AskAsync(string nodeId, QuestionKind kind, string text, long number, long take, IReadOnlyList<Ban> bans, CancellationToken cancellation) =>
        cluster is null ? null : await cluster.AskAsync(nodeId, QuestionCodec.Write(new Question(kind, text, number, take, bans))).WaitAsync(cancellation);
}
