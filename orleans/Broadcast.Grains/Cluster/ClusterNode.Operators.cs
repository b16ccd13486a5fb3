using Broadcast.Grains.Abstractions.Relays;
using Broadcast.Grains.Relays;
using Broadcast.RelayPlane;

namespace Broadcast.Grains.Cluster;

public sealed partial class ClusterNode
{
    private volatile Func<byte[], Task<byte[]>>? _answers;

    /// <summary>Something that the media plane reported: takeovers, silent parents. Raised on one thread, in order; a handler must not block.</summary>
    public event Action<RelayEvent>? Happened;

    /// <summary>Says who answers questions of operators' pages that other nodes serve; called once.</summary>
    public void Connect(Func<byte[], Task<byte[]>> answers) => _answers = answers;

    /// <summary>Asks another node, or this one, on behalf of an operator's page; null when it does not answer.</summary>
    public Task<byte[]?> AskAsync(string nodeId, byte[] question) => TryAsync(grains => grains.GetGrain<IRelayNodeGrain>(nodeId).Ask(question));

    Task<byte[]> IRelayNode.AnswerAsync(byte[] question) => _answers?.Invoke(question) ?? Task.FromResult<byte[]>([]);
}
