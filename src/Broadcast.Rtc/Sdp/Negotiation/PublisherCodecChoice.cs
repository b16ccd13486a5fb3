using System.Diagnostics.CodeAnalysis;

namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>Chooses the one codec of a publisher's m-line; every viewer will get this one.</summary>
internal static class PublisherCodecChoice
{
    /// <summary>Picks by the policy's order, or else by the offer's.</summary>
    /// <param name="media">A sending m-line.</param>
    /// <param name="policy">Allowed codecs.</param>
    /// <param name="codec">Null when there is none in common.</param>
    /// <param name="detail">A sentence for a person.</param>
    public static bool TryChoose(
        OfferedMedia media, PublisherPolicy policy, [NotNullWhen(true)] out OfferedCodec? codec, [NotNullWhen(false)] out string? detail)
    {
        var offered = OfferedCodec.Of(media.Description);
        var preferred = media.Kind == MediaKind.Audio ? policy.AudioCodecs : policy.VideoCodecs;
        codec = preferred.Count == 0 ? offered.FirstOrDefault() : null;
        for (var i = 0; codec is null && i < preferred.Count; i++) codec = offered.Find(c => c.Kind == preferred[i]);

        if (codec is null)
        {
            var kind = OfferedCodec.MediaKindName(media.Kind);
            var names = media.Description.Formats.Select(f => f.EncodingName).Where(n => n != "rtx").Distinct(StringComparer.OrdinalIgnoreCase).Take(12);
            var allowed = preferred.Count > 0 ? preferred : Enum.GetValues<CodecKind>().Where(c => c.Kind() == media.Kind);
            detail = $"None of the offered {kind} codecs ({string.Join(", ", names)}) can be published here; use one of {string.Join(", ", allowed.Select(c => c.RtpMapName()))}.";
            return false;
        }

        if (codec.Kind == CodecKind.H264) codec = MostPlayable(offered, codec);
        detail = null;
        return true;
    }

    /// <summary>
    /// Chrome lists plain baseline first, which Safari and hardware decoders do not offer; the constrained form of the same
    /// list is what everyone plays. A higher profile that the publisher put first is kept.
    /// </summary>
    private static OfferedCodec MostPlayable(List<OfferedCodec> offered, OfferedCodec first)
    {
        var parameters = H264Parameters.From(first.Format.FormatParameters);
        var wanted = parameters.Profile is H264Profile.Baseline or H264Profile.Unknown ? H264Profile.ConstrainedBaseline : parameters.Profile;
        var sameOrBetter = offered.Find(c =>
            c.Kind == CodecKind.H264 && H264Parameters.From(c.Format.FormatParameters) == new H264Parameters(wanted, 1));
        return sameOrBetter ?? first;
    }
}
