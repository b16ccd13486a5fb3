namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>Everything an offer and its answer have settled.</summary>
public sealed class NegotiatedSession
{
    /// <summary>The peer's credentials; a lite server needs the fragment only.</summary>
    public required IceCredentials RemoteIce { get; init; }

    /// <summary>"sha-256 AB:CD:…": algorithm in lower case, hash in upper case, of the algorithm's length. At least one.</summary>
    public required IReadOnlyList<string> RemoteFingerprints { get; init; }

    /// <summary>True when the offer said setup:passive: this side sends the ClientHello after the first valid check.</summary>
    public required bool LocalIsDtlsClient { get; init; }

    /// <summary>Accepted m-lines in order; at least one.</summary>
    public required IReadOnlyList<NegotiatedMedia> Media { get; init; }

    /// <summary>The SDP answer, complete.</summary>
    public required string Answer { get; init; }
}
