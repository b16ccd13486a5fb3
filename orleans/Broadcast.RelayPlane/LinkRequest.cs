using System.Net;

namespace Broadcast.RelayPlane;

/// <summary>A child's half of the handshake of a transport between two nodes; many streams share the transport.</summary>
/// <param name="ChildNodeId">Who asks.</param>
/// <param name="Attempt">Names this handshake; the same attempt asked again gets the same answer. Random, never reused.</param>
/// <param name="Fingerprint">SHA-256 of the child's DTLS certificate, 32 bytes.</param>
/// <param name="UsernameFragment">ICE (RFC 8445 §5.3) of the child.</param>
/// <param name="Password">ICE password of the child.</param>
public sealed record LinkRequest(string ChildNodeId, Guid Attempt, ReadOnlyMemory<byte> Fingerprint, string UsernameFragment, string Password);

/// <summary>The parent's half.</summary>
/// <param name="Attempt">The attempt that is answered.</param>
/// <param name="Fingerprint">SHA-256 of the parent's DTLS certificate, 32 bytes.</param>
/// <param name="UsernameFragment">ICE of the parent.</param>
/// <param name="Password">ICE password of the parent.</param>
/// <param name="Addresses">Where the parent's media port is reached, the best first.</param>
public sealed record LinkAnswer(
    Guid Attempt, ReadOnlyMemory<byte> Fingerprint, string UsernameFragment, string Password, IReadOnlyList<IPEndPoint> Addresses);
