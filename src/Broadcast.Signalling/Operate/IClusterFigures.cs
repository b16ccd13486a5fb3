using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Operate.Figures;

namespace Broadcast.Signalling.Operate;

/// <summary>What each node of the cluster says to an operator's page. Asked only while somebody looks.</summary>
/// <remarks>Safe to use from any thread. No call takes longer than a few seconds; null when the node does not answer.</remarks>
public interface IClusterFigures
{
    /// <summary>Name of the node that asks.</summary>
    string NodeId { get; }

    /// <summary>A node's streams, links and counters, and what happened there.</summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="eventsAfter">Number of the last of its events that is known; 0 for none.</param>
    /// <param name="cancellation">To give up waiting.</param>
    ValueTask<NodeReport?> ReportAsync(string nodeId, long eventsAfter, CancellationToken cancellation);

    /// <summary>Some of the sessions of a stream at a node.</summary>
    ValueTask<SessionPage?> SessionsAsync(string nodeId, string streamId, int skip, int take, CancellationToken cancellation);

    /// <summary>The last minutes of a subject at a node; see <see cref="PastSubject"/>.</summary>
    ValueTask<PastFigures?> PastAsync(string nodeId, string subject, CancellationToken cancellation);

    /// <summary>Ends a session at a node.</summary>
    /// <returns>False when there is no such session, or the node does not answer.</returns>
    ValueTask<bool> EndSessionAsync(string nodeId, string sessionId, CancellationToken cancellation);

    /// <summary>Tells every other node of bans that were set or lifted here.</summary>
    /// <returns>Names of nodes that did not answer.</returns>
    ValueTask<IReadOnlyList<string>> SpreadAsync(IReadOnlyList<Ban> bans, CancellationToken cancellation);
}
