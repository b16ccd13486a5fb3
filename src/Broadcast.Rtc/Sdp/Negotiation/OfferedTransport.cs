using System.Diagnostics.CodeAnalysis;

namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>The one transport of a bundled offer: ICE credentials, certificate hashes, DTLS role.</summary>
internal sealed record OfferedTransport(IceCredentials Ice, IReadOnlyList<string> Fingerprints, bool LocalIsDtlsClient)
{
    /// <summary>Settles the session on this transport and writes its answer.</summary>
    /// <param name="offer">The offer that this was read from.</param>
    /// <param name="local">What the answer says about this node.</param>
    /// <param name="answered">Accepted m-lines in the order of their index; at least one.</param>
    public NegotiationResult.Accepted Accept(SessionDescription offer, LocalTransport local, List<AnsweredMedia> answered) => new(new NegotiatedSession
    {
        RemoteIce = Ice,
        RemoteFingerprints = Fingerprints,
        LocalIsDtlsClient = LocalIsDtlsClient,
        Media = answered.ConvertAll(m => m.Negotiated),
        Answer = new AnswerWriter(offer, local, LocalIsDtlsClient).Write(answered),
    });

    /// <summary>Reads the transport of the m-lines that will be accepted.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="accepted">At least one.</param>
    /// <param name="transport">Null when refused.</param>
    /// <param name="refusal">Why.</param>
    public static bool TryRead(
        SessionDescription offer,
        IReadOnlyList<MediaDescription> accepted,
        [NotNullWhen(true)] out OfferedTransport? transport,
        [NotNullWhen(false)] out NegotiationResult.Refused? refusal)
    {
        transport = null;
        refusal = CheckBundle(offer, accepted);
        if (refusal != null) return false;

        // Bundle-only m-lines may leave the transport to the first m-line of the group (RFC 9143 §7.1).
        var candidates = accepted.Concat(offer.Media.Where(m => m.Mid.Length > 0 && offer.BundledMids.Contains(m.Mid))).ToList();
        var ice = candidates.Find(m => m.IceUsernameFragment.Length > 0);
        if (ice is null || !IceCredentials.AreUsable(ice.IceUsernameFragment, ice.IcePassword))
            return Refuse(NegotiationFailure.Malformed, "The offer needs a=ice-ufrag (4 to 256 characters) and a=ice-pwd (22 to 256).", out refusal);

        var secured = candidates.Find(m => m.Fingerprints.Count > 0);
        if (secured is null)
            return Refuse(NegotiationFailure.Malformed, "The offer has no a=fingerprint; media is accepted over DTLS-SRTP only.", out refusal);
        var fingerprints = FingerprintAttribute.Usable(secured.Fingerprints);
        if (fingerprints.Count == 0)
            return Refuse(NegotiationFailure.Unusable, "The offer has no a=fingerprint of SHA-256, SHA-384 or SHA-512.", out refusal);

        // Without a=setup the offerer can take either role: this side stays the server.
        var setup = candidates.Find(m => m.Setup.Length > 0)?.Setup ?? "actpass";
        if (setup is not ("actpass" or "active" or "passive"))
            return Refuse(NegotiationFailure.Unusable, "a=setup of the offer must be actpass, active or passive.", out refusal);

        transport = new OfferedTransport(new IceCredentials(ice.IceUsernameFragment, ice.IcePassword), fingerprints, setup == "passive");
        refusal = null;
        return true;
    }

    private static NegotiationResult.Refused? CheckBundle(SessionDescription offer, IReadOnlyList<MediaDescription> accepted)
    {
        if (accepted.Any(m => !m.RtcpMux && !m.BundleOnly))
            return new(NegotiationFailure.Unusable, "The offer needs a=rtcp-mux on every m-line: RTP and RTCP share one port here.");

        var mids = new HashSet<string>();
        if (offer.Media.Any(m => m.Mid.Length > 0 && !mids.Add(m.Mid)))
            return new(NegotiationFailure.Malformed, "Two m-lines of the offer have the same a=mid.");
        if (offer.Media.Any(m => m.Mid.Length > 64 || !SdpText.IsToken(m.Mid)))
            return new(NegotiationFailure.Malformed, "An a=mid of the offer is longer than 64 characters or not a token.");
        if (accepted.Count > 1 && accepted.Any(m => m.Mid.Length == 0 || !offer.BundledMids.Contains(m.Mid)))
            return new(NegotiationFailure.Unusable, "The offer needs a=group:BUNDLE with all its m-lines: everything shares one transport here.");
        return null;
    }

    private static bool Refuse(NegotiationFailure failure, string detail, out NegotiationResult.Refused refusal)
    {
        refusal = new NegotiationResult.Refused(failure, detail);
        return false;
    }
}
