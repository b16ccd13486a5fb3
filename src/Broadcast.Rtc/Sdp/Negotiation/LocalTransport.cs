namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>What this node puts into an answer about itself.</summary>
/// <param name="Ice">Credentials of this session.</param>
/// <param name="FingerprintSha256">SHA-256 of the DTLS certificate in its SDP form, "AB:CD:…".</param>
/// <param name="Candidates">Texts as <see cref="HostCandidates.For"/> makes them, preferred first.</param>
public sealed record LocalTransport(IceCredentials Ice, string FingerprintSha256, IReadOnlyList<string> Candidates);
