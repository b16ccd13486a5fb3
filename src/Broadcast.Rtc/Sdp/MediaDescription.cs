namespace Broadcast.Rtc.Sdp;

/// <summary>One m-line with its attributes; what it leaves to the session level has been filled in from there.</summary>
public sealed class MediaDescription
{
    /// <summary>"audio", "video", "application", …</summary>
    public required string Kind { get; init; }

    /// <summary>0 to 65535; 9 means "see the candidates", 0 rejected or bundle-only.</summary>
    public required int Port { get; init; }

    /// <summary>E.g. "UDP/TLS/RTP/SAVPF".</summary>
    public required string Protocol { get; init; }

    /// <summary>The last fields of the m-line as written; payload types where the protocol is RTP.</summary>
    public required IReadOnlyList<string> FormatTokens { get; init; }

    /// <summary>The payload types that are described, in the m-line's order, which is the order of preference.</summary>
    public required IReadOnlyList<PayloadFormat> Formats { get; init; }

    /// <summary>As seen by the writer.</summary>
    public required MediaDirection Direction { get; init; }

    /// <summary>a=mid (RFC 5888); empty when absent.</summary>
    public required string Mid { get; init; }

    /// <summary>a=extmap lines in order.</summary>
    public required IReadOnlyList<ExtensionMapping> Extensions { get; init; }

    /// <summary>Distinct sources of a=ssrc lines in order.</summary>
    public required IReadOnlyList<uint> Ssrcs { get; init; }

    /// <summary>a=ssrc-group lines.</summary>
    public required IReadOnlyList<SsrcGroup> SsrcGroups { get; init; }

    /// <summary>The cname of the first a=ssrc line that has one; empty when absent.</summary>
    public required string CanonicalName { get; init; }

    /// <summary>a=rid lines.</summary>
    public required IReadOnlyList<RidDescription> Rids { get; init; }

    /// <summary>Stream ids of "a=simulcast:send …", the first alternative of each, without the "~" of paused ones.</summary>
    public required IReadOnlyList<string> SimulcastSend { get; init; }

    /// <summary>Stream ids of "a=simulcast:recv …", likewise.</summary>
    public required IReadOnlyList<string> SimulcastReceive { get; init; }

    /// <summary>a=ice-ufrag; empty when absent.</summary>
    public required string IceUsernameFragment { get; init; }

    /// <summary>a=ice-pwd; empty when absent.</summary>
    public required string IcePassword { get; init; }

    /// <summary>Values of a=fingerprint: "algorithm hex:hex:…".</summary>
    public required IReadOnlyList<string> Fingerprints { get; init; }

    /// <summary>a=setup; empty when absent.</summary>
    public required string Setup { get; init; }

    /// <summary>Those a=candidate lines that could be read.</summary>
    public required IReadOnlyList<IceCandidate> Candidates { get; init; }

    /// <summary>a=end-of-candidates (RFC 8838).</summary>
    public required bool EndOfCandidates { get; init; }

    /// <summary>Values of a=msid: "stream track".</summary>
    public required IReadOnlyList<string> MediaStreamIds { get; init; }

    /// <summary>a=rtcp-mux (RFC 5761).</summary>
    public required bool RtcpMux { get; init; }

    /// <summary>a=rtcp-rsize (RFC 5506).</summary>
    public required bool ReducedSizeRtcp { get; init; }

    /// <summary>a=bundle-only (RFC 9143).</summary>
    public required bool BundleOnly { get; init; }

    /// <summary>a=extmap-allow-mixed here or at session level (RFC 8285 §6).</summary>
    public required bool ExtensionMapAllowMixed { get; init; }

    /// <summary>b= lines.</summary>
    public required IReadOnlyList<Bandwidth> Bandwidths { get; init; }

    /// <summary>True for the profiles that carry RTP.</summary>
    public bool IsRtp => Protocol.Contains("RTP", StringComparison.OrdinalIgnoreCase);
}
