using Broadcast.Grains.Abstractions.Nodes;
using Broadcast.Grains.Abstractions.Relays;

namespace Broadcast.Grains.Abstractions.Publishers;

/// <summary>A viewer at a node.</summary>
/// <param name="Node">Where the request landed, as it is now.</param>
/// <param name="Seed">Drawn by chance; spreads redirects.</param>
/// <param name="Redirected">The viewer was sent there by another node.</param>
[GenerateSerializer, Immutable, Alias("broadcast.join-request")]
public readonly record struct JoinRequest(
    [property: Id(0)] NodeStatus Node, [property: Id(1)] ulong Seed, [property: Id(2)] bool Redirected);

/// <summary>What becomes of the viewer.</summary>
[Alias("broadcast.join-outcome")]
public enum JoinOutcome
{
    /// <summary>The node serves it, after carrying out the order, if there is one.</summary>
    Serve = 0,

    /// <summary>307 to another node.</summary>
    Redirect = 1,

    /// <summary>404 or 503 with <c>Retry-After</c>.</summary>
    Refuse = 2,
}

/// <summary>The answer to a join.</summary>
/// <param name="Outcome">What becomes of the viewer.</param>
/// <param name="Place">For <see cref="JoinOutcome.Serve"/>: the node's place in the tree; null where it needs none.</param>
/// <param name="NodeId">For <see cref="JoinOutcome.Redirect"/>: where to.</param>
/// <param name="RetryAfter">For <see cref="JoinOutcome.Refuse"/>.</param>
/// <param name="Reason">For people.</param>
/// <param name="IsLive">Somebody publishes the stream.</param>
/// <param name="Url">For <see cref="JoinOutcome.Redirect"/>: where viewers reach that node; null when it has no address of its own.</param>
[GenerateSerializer, Immutable, Alias("broadcast.join-reply")]
public sealed record JoinReply(
    [property: Id(0)] JoinOutcome Outcome,
    [property: Id(1)] RelayOrder? Place,
    [property: Id(2)] string? NodeId,
    [property: Id(3)] TimeSpan RetryAfter,
    [property: Id(4)] string Reason,
    [property: Id(5)] bool IsLive,
    [property: Id(6)] string? Url);
