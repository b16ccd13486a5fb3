namespace Broadcast.Rtc.Sdp;

/// <summary>One a=ssrc-group line (RFC 5576 §4.2).</summary>
/// <param name="Semantics">"FID" pairs a source with its retransmissions (RFC 4588 §8.8), "SIM" lists layers.</param>
/// <param name="Ssrcs">At least one.</param>
public sealed record SsrcGroup(string Semantics, IReadOnlyList<uint> Ssrcs);
