using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>Answers a WHIP offer: at most one audio and one video track, one codec each, nothing partially (RFC 9725 §4.4).</summary>
public static class PublisherNegotiation
{
    private const int MaxLayers = 8;

    /// <summary>
    /// Makes the answer. (1) Pick the m-lines that send. (2) Choose a codec for each. (3) Read the shared transport.
    /// (4) Settle extensions, feedback and layers. (5) Write. Never throws on any parsed offer.
    /// </summary>
    /// <param name="offer">The publisher's offer; m-lines that do not send are rejected in the answer, or answered inactive where they own the bundle's transport.</param>
    /// <param name="local">What the answer says about this node.</param>
    /// <param name="policy">Allowed codecs and limits.</param>
    public static NegotiationResult Answer(SessionDescription offer, LocalTransport local, PublisherPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(policy);

        // :: Step 1
        var sending = OfferedMedia.Alive(offer, direction => direction.Sends());
        if (sending.Count == 0)
            return Refuse(NegotiationFailure.Unusable, "The offer sends nothing: it needs an audio or a video m-line that is sendonly or sendrecv.");
        foreach (var kind in (ReadOnlySpan<MediaKind>)[MediaKind.Audio, MediaKind.Video])
        {
            var count = sending.Count(m => m.Kind == kind);
            if (count > 1)
                return Refuse(NegotiationFailure.Unusable, $"The offer sends {count} {OfferedCodec.MediaKindName(kind)} tracks; publish at most one audio and one video track per stream.");
        }

        // :: Step 2
        var chosen = new List<OfferedCodec>();
        foreach (var media in sending)
        {
            if (!PublisherCodecChoice.TryChoose(media, policy, out var codec, out var detail)) return Refuse(NegotiationFailure.NoCommonCodec, detail);
            chosen.Add(codec);
        }

        // :: Step 3
        if (!OfferedTransport.TryRead(offer, sending.ConvertAll(m => m.Description), out var transport, out var refusal)) return refusal;

        // :: Step 4
        var answered = new List<AnsweredMedia>();
        for (var i = 0; i < sending.Count; i++) answered.Add(AnswerMedia(sending[i], chosen[i], policy));

        // :: Step 5
        return transport.Accept(offer, local, answered);
    }

    private static AnsweredMedia AnswerMedia(OfferedMedia media, OfferedCodec codec, PublisherPolicy policy)
    {
        var description = media.Description;
        var extensions = AnsweredExtensions.ForPublisher(description);
        var rids = Layers(description, extensions.Map);
        var (ssrc, rtxSsrc) = media.DeclaredSources();
        return new AnsweredMedia
        {
            Offered = description,
            Direction = MediaDirection.ReceiveOnly,
            Extensions = extensions.Lines,
            FormatParameters = AnsweredFormatParameters.ForPublisher(codec.Kind, codec.Format.FormatParameters, policy, rids.Count > 1),
            PrefersRed = policy.PreferRed || codec.PrefersRed(description),
            MaxKilobitsPerSecond = media.Kind == MediaKind.Video ? policy.MaxVideoKilobitsPerSecond : 0,
            Negotiated = new NegotiatedMedia
            {
                Index = media.Index,
                Mid = description.Mid,
                Kind = media.Kind,
                Codec = AnsweredFeedback.For(codec.Format, extensions.Map).Codec(codec),
                Extensions = extensions.Map,
                ReducedSizeRtcp = description.ReducedSizeRtcp,
                Rids = rids,
                OfferedSsrcs = description.Ssrcs,
                OfferedSsrc = ssrc,
                OfferedRtxSsrc = rtxSsrc,
            },
        };
    }

    /// <summary>
    /// All offered layers or none: OBS stops unless each is confirmed, and libwebrtc refuses layers without the MID and
    /// RID extensions.
    /// </summary>
    private static IReadOnlyList<string> Layers(MediaDescription media, HeaderExtensionMap extensions)
    {
        var rids = media.SimulcastSend;
        if (rids.Count is 0 or > MaxLayers) return [];
        if (!extensions.Has(HeaderExtensionKind.Mid) || !extensions.Has(HeaderExtensionKind.RtpStreamId)) return [];
        if (rids.Distinct().Count() != rids.Count) return [];
        return rids.All(id => IsRid(id) && media.Rids.Any(r => r.IsSend && r.Id == id)) ? rids : [];
    }

    /// <summary>RFC 8851 §10; 16 bytes fit a one-byte header extension.</summary>
    private static bool IsRid(string id) => id.Length is > 0 and <= 16 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static NegotiationResult.Refused Refuse(NegotiationFailure failure, string detail) => new(failure, detail);
}
