namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>An audio or video m-line of an offer that is in use.</summary>
internal sealed record OfferedMedia(int Index, MediaKind Kind, MediaDescription Description)
{
    /// <summary>Lists the m-lines that carry RTP, are not stopped, and flow the wanted way.</summary>
    public static List<OfferedMedia> Alive(SessionDescription offer, Func<MediaDirection, bool> flows)
    {
        var alive = new List<OfferedMedia>();
        for (var i = 0; i < offer.Media.Count; i++)
        {
            var media = offer.Media[i];

            // A zero port inside a bundle is bundle-only, not stopped (RFC 9143 §6).
            var stopped = media.Port == 0 && !media.BundleOnly && !offer.BundledMids.Contains(media.Mid);
            if (stopped || !media.IsRtp || !flows(media.Direction)) continue;
            if (media.Kind == "audio") alive.Add(new OfferedMedia(i, MediaKind.Audio, media));
            else if (media.Kind == "video") alive.Add(new OfferedMedia(i, MediaKind.Video, media));
        }

        return alive;
    }

    /// <summary>The media source and its repair source, as far as a=ssrc lines tell.</summary>
    public (uint? Ssrc, uint? RtxSsrc) DeclaredSources()
    {
        foreach (var group in Description.SsrcGroups)
        {
            if (group.Semantics == "FID" && group.Ssrcs.Count == 2) return (group.Ssrcs[0], group.Ssrcs[1]);
        }

        return (Description.Ssrcs.Count > 0 ? Description.Ssrcs[0] : null, null);
    }
}
