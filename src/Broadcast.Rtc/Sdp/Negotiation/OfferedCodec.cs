namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>A format of an m-line that this server can carry, with its retransmission format.</summary>
/// <param name="Kind">What it carries.</param>
/// <param name="Format">The offer's format.</param>
/// <param name="Rtx">The format whose apt points to it (RFC 4588 §8.1), or null.</param>
internal sealed record OfferedCodec(CodecKind Kind, PayloadFormat Format, PayloadFormat? Rtx)
{
    /// <summary>Lists them in the offer's order. RED, FEC, comfort noise and telephone events are passed over.</summary>
    public static List<OfferedCodec> Of(MediaDescription media)
    {
        var codecs = new List<OfferedCodec>();
        foreach (var format in media.Formats)
        {
            // With rtcp-mux payload types 64 to 95 cannot be told from RTCP (RFC 5761 §4).
            if (format.PayloadType is >= 64 and <= 95 || !TryRecognize(format, out var kind)) continue;
            if (MediaKindName(kind.Kind()) != media.Kind) continue;
            codecs.Add(new OfferedCodec(kind, format, RtxOf(media, format.PayloadType)));
        }

        return codecs;
    }

    /// <summary>The kind's name in an m-line.</summary>
    public static string MediaKindName(MediaKind kind) => kind == MediaKind.Audio ? "audio" : "video";

    private static PayloadFormat? RtxOf(MediaDescription media, byte payloadType)
    {
        foreach (var format in media.Formats)
        {
            if (format.PayloadType is not (>= 64 and <= 95) && format.Is("rtx")
                && FormatParameters.GetInt32(format.FormatParameters, "apt", -1) == payloadType)
                return format;
        }

        return null;
    }

    private static bool TryRecognize(PayloadFormat format, out CodecKind kind)
    {
        for (kind = CodecKind.Vp8; kind <= CodecKind.Pcma; kind++)
        {
            var (clockRateHz, channels) = kind switch
            {
                CodecKind.Opus => (48000, 2),
                CodecKind.Pcmu or CodecKind.Pcma => (8000, 1),
                _ => (90000, 1),
            };
            if (format.Is(kind.RtpMapName()) && format.ClockRateHz == clockRateHz && format.Channels == channels) return true;
        }

        kind = default;
        return false;
    }
}
