using System.Text;

namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>Writes SDP answers: m-lines in the offer's order, CRLF line ends, "v=0" as the very first bytes.</summary>
internal sealed class AnswerWriter(SessionDescription offer, LocalTransport local, bool isDtlsClient)
{
    private readonly StringBuilder _text = new(4096);

    /// <summary>Writes the whole answer; offered m-lines that are not in the list are held or rejected.</summary>
    /// <param name="accepted">In the order of their index; at least one.</param>
    public string Write(IReadOnlyList<AnsweredMedia> accepted)
    {
        var held = HeldIndex(accepted);
        Line("v=0");
        Line($"o=- {SessionId(local.Ice.UsernameFragment)} 1 IN IP4 127.0.0.1");
        Line("s=-");
        Line("t=0 0");

        // An answer bundles nothing that the offer did not, and keeps its order: the first mid owns the transport (RFC 9143 §7.3).
        var mids = accepted.Select(m => m.Negotiated.Mid).ToHashSet();
        if (held >= 0) mids.Add(offer.Media[held].Mid);
        var bundled = offer.BundledMids.Distinct().Where(mids.Contains).ToList();
        if (bundled.Count > 0) Line($"a=group:BUNDLE {string.Join(' ', bundled)}");
        Line("a=ice-lite");
        Line("a=ice-options:ice2 trickle");
        Line("a=msid-semantic: WMS *");
        if (offer.ExtensionMapAllowMixed) Line("a=extmap-allow-mixed");

        // The first m-line in use carries the candidates of the bundle: some clients read no further, all look there.
        var first = held >= 0 ? Math.Min(held, accepted[0].Negotiated.Index) : accepted[0].Negotiated.Index;
        for (var index = 0; index < offer.Media.Count; index++)
        {
            var media = accepted.FirstOrDefault(m => m.Negotiated.Index == index);
            if (media != null) WriteAccepted(media, withCandidates: index == first);
            else if (index == held) WriteHeld(offer.Media[index], withCandidates: index == first);
            else WriteRejected(offer.Media[index]);
        }

        return _text.ToString();
    }

    /// <summary>
    /// The m-line whose transport the whole bundle uses, when it is not accepted itself; -1 when there is none. Chromium
    /// with bundlePolicy "max-bundle" cannot move a transport off a rejected m-line and fails the whole answer
    /// ("Failed to setup RTCP mux"), so this one stays in the bundle and carries nothing.
    /// </summary>
    private int HeldIndex(IReadOnlyList<AnsweredMedia> accepted)
    {
        if (offer.BundledMids.Count == 0 || !offer.BundledMids.Contains(accepted[0].Negotiated.Mid)) return -1;
        for (var index = 0; index < offer.Media.Count; index++)
        {
            var media = offer.Media[index];
            if (media.Mid != offer.BundledMids[0]) continue;
            return media.IsRtp && media.Formats.Count > 0 && accepted.All(m => m.Negotiated.Index != index) ? index : -1;
        }

        return -1;
    }

    private void WriteHeld(MediaDescription media, bool withCandidates)
    {
        var format = media.Formats[0];
        Line($"m={media.Kind} 9 {media.Protocol} {format.PayloadType}");
        Line("c=IN IP4 0.0.0.0");
        WriteTransport(withCandidates);
        Line($"a=mid:{media.Mid}");
        Line("a=inactive");
        Line("a=rtcp-mux");
        var channels = format.Channels > 1 ? $"/{format.Channels}" : "";
        Line($"a=rtpmap:{format.PayloadType} {format.EncodingName}/{format.ClockRateHz}{channels}");
        if (format.FormatParameters.Length > 0) Line($"a=fmtp:{format.PayloadType} {format.FormatParameters}");
    }

    /// <summary>A zero port outside the bundle is a refusal (RFC 3264 §6, RFC 9143 §7.3.2).</summary>
    private void WriteRejected(MediaDescription media)
    {
        Line($"m={media.Kind} 0 {media.Protocol} {media.FormatTokens[0]}");
        Line("c=IN IP4 0.0.0.0");
        if (media.Mid.Length > 0) Line($"a=mid:{media.Mid}");
        Line("a=inactive");
    }

    private void WriteAccepted(AnsweredMedia media, bool withCandidates)
    {
        var negotiated = media.Negotiated;
        var codec = negotiated.Codec;
        Line($"m={media.Offered.Kind} 9 {media.Offered.Protocol} {PayloadTypes(codec, media.PrefersRed)}");
        Line("c=IN IP4 0.0.0.0");
        if (media.MaxKilobitsPerSecond > 0)
        {
            Line($"b=AS:{media.MaxKilobitsPerSecond}");
            Line($"b=TIAS:{media.MaxKilobitsPerSecond * 1000L}");
        }

        WriteTransport(withCandidates);
        if (negotiated.Mid.Length > 0) Line($"a=mid:{negotiated.Mid}");
        foreach (var extension in media.Extensions)
        {
            var direction = extension.Direction is { } suffix ? "/" + suffix.ToSdp() : "";
            Line($"a=extmap:{extension.Id}{direction} {extension.Uri}");
        }

        Line($"a={media.Direction.ToSdp()}");
        if (media.Source is { } source) Line($"a=msid:{source.StreamLabel} {source.TrackLabel}");
        Line("a=rtcp-mux");
        if (negotiated.ReducedSizeRtcp) Line("a=rtcp-rsize");
        WriteCodec(codec, media.FormatParameters);
        WriteLayers(negotiated.Rids);
        if (media.Source != null) WriteSources(media.Source, codec.RtxPayloadType != null);
    }

    private static string PayloadTypes(NegotiatedCodec codec, bool prefersRed)
    {
        var text = codec.RtxPayloadType is { } rtx ? $"{codec.PayloadType} {rtx}" : $"{codec.PayloadType}";
        if (codec.RedPayloadType is not { } red) return text;
        return prefersRed ? $"{red} {text}" : $"{text} {red}";
    }

    private void WriteTransport(bool withCandidates)
    {
        for (var i = 0; withCandidates && i < local.Candidates.Count; i++) Line($"a={local.Candidates[i]}");
        if (withCandidates) Line("a=end-of-candidates");
        Line($"a=ice-ufrag:{local.Ice.UsernameFragment}");
        Line($"a=ice-pwd:{local.Ice.Password}");
        Line($"a=fingerprint:sha-256 {local.FingerprintSha256}");
        Line(isDtlsClient ? "a=setup:active" : "a=setup:passive");
    }

    private void WriteCodec(NegotiatedCodec codec, string formatParameters)
    {
        var channels = codec.Channels > 1 ? $"/{codec.Channels}" : "";
        Line($"a=rtpmap:{codec.PayloadType} {codec.Codec.RtpMapName()}/{codec.ClockRateHz}{channels}");
        if (codec.Remb) Line($"a=rtcp-fb:{codec.PayloadType} goog-remb");
        if (codec.TransportCc) Line($"a=rtcp-fb:{codec.PayloadType} transport-cc");
        if (codec.Fir) Line($"a=rtcp-fb:{codec.PayloadType} ccm fir");
        if (codec.Nack) Line($"a=rtcp-fb:{codec.PayloadType} nack");
        if (codec.Pli) Line($"a=rtcp-fb:{codec.PayloadType} nack pli");
        if (formatParameters.Length > 0) Line($"a=fmtp:{codec.PayloadType} {formatParameters}");
        if (codec.RedPayloadType is { } red)
        {
            Line($"a=rtpmap:{red} red/{codec.ClockRateHz}{channels}");
            Line($"a=fmtp:{red} {codec.PayloadType}/{codec.PayloadType}");
        }

        if (codec.RtxPayloadType is not { } rtx) return;
        Line($"a=rtpmap:{rtx} rtx/{codec.ClockRateHz}");
        Line($"a=fmtp:{rtx} apt={codec.PayloadType}");
    }

    private void WriteLayers(IReadOnlyList<string> rids)
    {
        if (rids.Count == 0) return;
        foreach (var rid in rids) Line($"a=rid:{rid} recv");
        Line($"a=simulcast:recv {string.Join(';', rids)}");
    }

    /// <summary>Every source of a group needs lines of its own, or Chrome refuses the answer.</summary>
    private void WriteSources(AnsweredSource source, bool withRtx)
    {
        var (_, ssrc, rtxSsrc) = source.Identity;
        if (withRtx) Line($"a=ssrc-group:FID {ssrc} {rtxSsrc}");
        WriteSource(ssrc, source);
        if (withRtx) WriteSource(rtxSsrc, source);
    }

    private void WriteSource(uint ssrc, AnsweredSource source)
    {
        Line($"a=ssrc:{ssrc} cname:{source.CanonicalName}");
        Line($"a=ssrc:{ssrc} msid:{source.StreamLabel} {source.TrackLabel}");
    }

    private void Line(string line) => _text.Append(line).Append("\r\n");

    /// <summary>A number that differs between sessions (RFC 8866 §5.2), made from what already does; below 2^62 for old parsers.</summary>
    private static ulong SessionId(string usernameFragment)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in usernameFragment) hash = (hash ^ c) * 1099511628211UL;
        return hash >> 2;
    }
}
