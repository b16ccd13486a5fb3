namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>Answers a WHEP offer with the tracks that are live.</summary>
public static class ViewerNegotiation
{
    /// <summary>
    /// Makes the answer. (1) Pick the m-lines that receive. (2) Give each published track the first m-line of its kind that
    /// can play it. (3) Refuse when the picture would be missing. (4) Read the shared transport. (5) Settle and write.
    /// Never throws on any parsed offer.
    /// </summary>
    /// <param name="offer">
    /// The player's offer. m-lines without a track are rejected in the answer, except that the one which owns the bundle's
    /// transport is answered inactive.
    /// </param>
    /// <param name="local">What the answer says about this node.</param>
    /// <param name="tracks">Live tracks, at most one per kind.</param>
    /// <param name="identities">The sources of this session for each kind in <paramref name="tracks"/>.</param>
    /// <param name="cname">RTCP canonical name of everything sent to this viewer (RFC 7022); no spaces.</param>
    /// <param name="streamLabel">One MediaStream id for audio and video, so that players keep them in sync; no spaces.</param>
    /// <exception cref="ArgumentException">A track has no identity.</exception>
    public static NegotiationResult Answer(
        SessionDescription offer,
        LocalTransport local,
        IReadOnlyList<PublishedTrack> tracks,
        IReadOnlyList<ViewerTrackIdentity> identities,
        string cname,
        string streamLabel)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(tracks);
        ArgumentNullException.ThrowIfNull(identities);
        foreach (var track in tracks)
        {
            if (!identities.Any(i => i.Kind == track.Kind)) throw new ArgumentException($"There is no {track.Kind} identity.", nameof(identities));
        }

        // :: Step 1
        var receiving = OfferedMedia.Alive(offer, direction => direction.Receives());
        if (receiving.Count == 0)
            return Refuse(NegotiationFailure.Unusable, "The offer receives nothing: it needs an audio or a video m-line that is recvonly or sendrecv.");

        // :: Step 2
        var matched = new List<(OfferedMedia Media, OfferedCodec Codec, ViewerTrackIdentity Identity)>();
        foreach (var track in tracks)
        {
            foreach (var media in receiving)
            {
                if (media.Kind != track.Kind || CodecMatch.Best(OfferedCodec.Of(media.Description), track) is not { } codec) continue;
                matched.Add((media, codec, identities.First(i => i.Kind == track.Kind)));
                break;
            }
        }

        // :: Step 3
        foreach (var track in tracks)
        {
            var wanted = receiving.Any(m => m.Kind == track.Kind);
            var played = matched.Exists(m => m.Media.Kind == track.Kind);
            if (wanted && !played && (track.Kind == MediaKind.Video || matched.Count == 0))
                return Refuse(NegotiationFailure.NoCommonCodec, CannotPlay(track));
        }

        if (matched.Count == 0)
            return Refuse(NegotiationFailure.Unusable, $"The stream carries {KindsOf(tracks)}, but the offer has no m-line to receive it.");
        matched.Sort((a, b) => a.Media.Index.CompareTo(b.Media.Index));

        // :: Step 4
        if (!OfferedTransport.TryRead(offer, matched.ConvertAll(m => m.Media.Description), out var transport, out var refusal)) return refusal;

        // :: Step 5
        var answered = matched.ConvertAll(m => AnswerMedia(m.Media, m.Codec, m.Identity, cname, streamLabel));
        return transport.Accept(offer, local, answered);
    }

    private static AnsweredMedia AnswerMedia(OfferedMedia media, OfferedCodec codec, ViewerTrackIdentity identity, string cname, string streamLabel)
    {
        var description = media.Description;
        var extensions = AnsweredExtensions.ForViewer(description);
        return new AnsweredMedia
        {
            Offered = description,
            Direction = MediaDirection.SendOnly,
            Extensions = extensions.Lines,
            FormatParameters = AnsweredFormatParameters.ForViewer(codec.Kind, codec.Format.FormatParameters),
            Source = new AnsweredSource(identity, cname, streamLabel, OfferedCodec.MediaKindName(media.Kind)),
            Negotiated = new NegotiatedMedia
            {
                Index = media.Index,
                Mid = description.Mid,
                Kind = media.Kind,
                Codec = AnsweredFeedback.For(codec.Format, extensions.Map).Codec(codec),
                Extensions = extensions.Map,
                ReducedSizeRtcp = description.ReducedSizeRtcp,
            },
        };
    }

    private static string CannotPlay(PublishedTrack track)
    {
        var kind = OfferedCodec.MediaKindName(track.Kind);
        var everywhere = track.Kind == MediaKind.Video ? "VP8 or H264 (constrained baseline)" : "opus";
        var parameters = track.FormatParameters.Length > 0 && track.Kind == MediaKind.Video ? $" ({track.FormatParameters})" : "";
        return $"The stream's {kind} is {track.Codec.RtpMapName()}{parameters}, which this player does not offer. "
            + $"Watch with a browser that plays {track.Codec.RtpMapName()}, or publish {everywhere}, which plays everywhere.";
    }

    private static string KindsOf(IReadOnlyList<PublishedTrack> tracks) =>
        tracks.Count == 0 ? "nothing yet" : string.Join(" and ", tracks.Select(t => OfferedCodec.MediaKindName(t.Kind)));

    private static NegotiationResult.Refused Refuse(NegotiationFailure failure, string detail) => new(failure, detail);
}
