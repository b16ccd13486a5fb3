namespace Broadcast.Grains.Abstractions.Relays;

/// <summary>A child's half of the handshake of a transport between two nodes.</summary>
/// <param name="ChildNodeId">Who asks.</param>
/// <param name="ChildGeneration">The generation of its silo: one that was declared dead is no member any more.</param>
/// <param name="Attempt">Names this handshake.</param>
/// <param name="Fingerprint">SHA-256 of the child's certificate.</param>
/// <param name="UsernameFragment">ICE.</param>
/// <param name="Password">ICE.</param>
[GenerateSerializer, Immutable, Alias("broadcast.link-offer")]
public sealed record LinkOffer(
    [property: Id(0)] string ChildNodeId,
    [property: Id(1)] int ChildGeneration,
    [property: Id(2)] Guid Attempt,
    [property: Id(3)] byte[] Fingerprint,
    [property: Id(4)] string UsernameFragment,
    [property: Id(5)] string Password);

/// <summary>The parent's half.</summary>
/// <param name="Attempt">The handshake.</param>
/// <param name="Fingerprint">SHA-256 of the parent's certificate.</param>
/// <param name="UsernameFragment">ICE.</param>
/// <param name="Password">ICE.</param>
/// <param name="Addresses">"ip:port" of the parent's media port, the best first.</param>
[GenerateSerializer, Immutable, Alias("broadcast.link-acceptance")]
public sealed record LinkAcceptance(
    [property: Id(0)] Guid Attempt,
    [property: Id(1)] byte[] Fingerprint,
    [property: Id(2)] string UsernameFragment,
    [property: Id(3)] string Password,
    [property: Id(4)] string[] Addresses);
