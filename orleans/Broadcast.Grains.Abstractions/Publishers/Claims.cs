using Broadcast.Grains.Abstractions.Nodes;

namespace Broadcast.Grains.Abstractions.Publishers;

/// <summary>One publisher session of a stream; the higher one wins, by number, then by claim.</summary>
[GenerateSerializer, Immutable, Alias("broadcast.epoch")]
public readonly record struct Epoch([property: Id(0)] long Number, [property: Id(1)] ulong Claim);

/// <summary>A publisher at a node.</summary>
/// <param name="Node">Where it connected; it comes along so that a node is known as soon as it asks.</param>
/// <param name="Session">Names the publisher over reconnects.</param>
/// <param name="Claim">Drawn by chance for each connection of a publisher; the same again, for an answer that got lost, gets the same answer.</param>
/// <param name="Replace">Also over one who has the stream.</param>
[GenerateSerializer, Immutable, Alias("broadcast.claim-request")]
public sealed record ClaimRequest(
    [property: Id(0)] NodeStatus Node, [property: Id(1)] string Session, [property: Id(2)] ulong Claim, [property: Id(3)] bool Replace);

/// <summary>The answer to a claim.</summary>
/// <param name="Granted">False: <paramref name="HeldBy"/> has it, or the node may not take publishers, or come back later.</param>
/// <param name="Epoch">Valid when granted.</param>
/// <param name="Version">Of the tree, when granted.</param>
/// <param name="HeldBy">The node of the publisher who has the stream; null for other refusals.</param>
/// <param name="RetryAfter">When refused.</param>
/// <param name="Reason">For people, when refused.</param>
[GenerateSerializer, Immutable, Alias("broadcast.claim-reply")]
public sealed record ClaimReply(
    [property: Id(0)] bool Granted,
    [property: Id(1)] Epoch Epoch,
    [property: Id(2)] long Version,
    [property: Id(3)] string? HeldBy,
    [property: Id(4)] TimeSpan RetryAfter,
    [property: Id(5)] string Reason);
