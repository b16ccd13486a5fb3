namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>Decides whether a viewer's format can take what is published, and how well it fits.</summary>
internal static class CodecMatch
{
    private const int None = 0;
    private const int LastResort = 1;
    private const int Decodable = 2;
    private const int SameProfile = 50;
    private const int Exact = 100;

    /// <summary>The best format of an m-line for a published track; ties go to the viewer's order.</summary>
    /// <returns>Null when the viewer cannot play it.</returns>
    public static OfferedCodec? Best(IReadOnlyList<OfferedCodec> offered, PublishedTrack track)
    {
        OfferedCodec? best = null;
        var bestFit = None;
        foreach (var codec in offered)
        {
            var fit = codec.Kind == track.Codec ? Fit(track, codec.Format.FormatParameters) : None;
            if (fit <= bestFit) continue;
            bestFit = fit;
            best = codec;
        }

        return best;
    }

    private static int Fit(PublishedTrack track, string offered) => track.Codec switch
    {
        CodecKind.H264 => FitH264(H264Parameters.From(track.FormatParameters), H264Parameters.From(offered)),
        CodecKind.Vp9 => SameNumber(track.FormatParameters, offered, "profile-id", 0) ? Exact : None,
        CodecKind.Av1 => SameNumber(track.FormatParameters, offered, "profile", 0) ? Exact : None,
        CodecKind.H265 => FitH265(track.FormatParameters, offered),
        _ => Exact,
    };

    /// <remarks>
    /// Whoever decodes a profile decodes the smaller ones in it. Beyond that, browsers decode higher profiles than they
    /// declare, and publishers declare lower ones than they send (OBS always says 42e01f), so a wrong profile is a last
    /// resort instead of a refusal; only 4:4:4 is not tried. A mode 1 stream has fragments that mode 0 excludes.
    /// </remarks>
    private static int FitH264(H264Parameters published, H264Parameters offered)
    {
        if (published.PacketizationMode > offered.PacketizationMode || offered.PacketizationMode > 1) return None;
        var sameMode = published.PacketizationMode == offered.PacketizationMode ? 1 : 0;
        if (published.Profile == offered.Profile) return SameProfile + sameMode;
        if (published.Profile == H264Profile.PredictiveHigh444) return None;
        return (2 * ProfileFit(published.Profile, offered.Profile)) + sameMode;
    }

    private static int ProfileFit(H264Profile published, H264Profile offered) => (published, offered) switch
    {
        // Baseline's extra tools (FMO, ASO, redundant slices) are used by no WebRTC encoder.
        (H264Profile.Baseline, H264Profile.ConstrainedBaseline) => Decodable + 4,
        (H264Profile.ConstrainedBaseline, H264Profile.Baseline) => Decodable + 4,
        (H264Profile.ConstrainedBaseline or H264Profile.Baseline, H264Profile.Main) => Decodable + 3,
        (H264Profile.ConstrainedBaseline or H264Profile.Baseline, H264Profile.ConstrainedHigh) => Decodable + 2,
        (H264Profile.ConstrainedBaseline or H264Profile.Baseline, H264Profile.High) => Decodable + 1,
        (H264Profile.Main or H264Profile.ConstrainedHigh, H264Profile.High) => Decodable + 3,
        (H264Profile.High, H264Profile.ConstrainedHigh) => Decodable + 2,
        (H264Profile.Main, H264Profile.ConstrainedHigh) => Decodable,
        _ => LastResort,
    };

    /// <summary>RFC 7798 §7.2.2: profile and transmission mode must agree; a high-tier decoder takes the main tier too.</summary>
    private static int FitH265(string published, string offered)
    {
        if (!SameNumber(published, offered, "profile-id", 1) || !SameText(published, offered, "tx-mode", "SRST")) return None;
        var publishedTier = FormatParameters.GetInt32(published, "tier-flag", 0);
        var offeredTier = FormatParameters.GetInt32(offered, "tier-flag", 0);
        if (publishedTier > offeredTier) return None;
        return publishedTier == offeredTier ? Exact : Decodable;
    }

    private static bool SameNumber(string a, string b, string key, int absent) => FormatParameters.GetInt32(a, key, absent) == FormatParameters.GetInt32(b, key, absent);

    private static bool SameText(string a, string b, string key, string absent)
    {
        var left = FormatParameters.TryGet(a, key, out var leftValue) ? leftValue : absent;
        var right = FormatParameters.TryGet(b, key, out var rightValue) ? rightValue : absent;
        return left.Equals(right, StringComparison.OrdinalIgnoreCase);
    }
}
