using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Operate.Figures;

namespace Broadcast.Signalling.Operate;

/// <summary>Nobody says anything: the nodes are seen, and not what they do.</summary>
internal sealed class NoFigures(NodeIdentity node) : IClusterFigures
{
    public string NodeId => node.Id;

    public ValueTask<NodeReport?> ReportAsync(string nodeId, long eventsAfter, CancellationToken cancellation) => new((NodeReport?)null);

    public ValueTask<SessionPage?> SessionsAsync(string nodeId, string streamId, int skip, int take, CancellationToken cancellation) => new((SessionPage?)null);

    public ValueTask<PastFigures?> PastAsync(string nodeId, string subject, CancellationToken cancellation) => new((PastFigures?)null);

    public ValueTask<bool> EndSessionAsync(string nodeId, string sessionId, CancellationToken cancellation) => new(false);

    public ValueTask<IReadOnlyList<string>> SpreadAsync(IReadOnlyList<Ban> bans, CancellationToken cancellation) => new([]);
}
