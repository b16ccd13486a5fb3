namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>A format of an m-line that this server can carry, with its retransmission format.</summary>
/// <param name="Kind">What it carries.</param>
/// <param name="Format">The offer's format.</param>
/// <param name="Rtx">The format whose apt points to it (RFC 4588 §8.1), or null.</param>
/// <param name="Red">The RED format that carries nothing but Opus packets of this format (RFC 2198 §5), or null.</param>
internal sealed record OfferedCodec(CodecKind Kind, PayloadFormat Format, PayloadFormat? Rtx, PayloadFormat? Red)
{
    /// <summary>Lists them in the offer's order. RED of video, FEC, comfort noise and telephone events are passed over.</summary>
    public static List<OfferedCodec> Of(MediaDescription media)
    {
        var codecs = new List<OfferedCodec>();
        foreach (var format in media.Formats)
        {
            // With rtcp-mux payload types 64 to 95 cannot be told from RTCP (RFC 5761 §4).
            if (format.PayloadType is >= 64 and <= 95 || !TryRecognize(format, out var kind)) continue;
            if (MediaKindName(kind.Kind()) != media.Kind) continue;
            codecs.Add(new OfferedCodec(kind, format, RtxOf(media, format.PayloadType), RedOf(media, kind, format)));
        }

        return codecs;
    }

    /// <summary>True when the offer names RED before the codec itself: who wants to send it does so only where the answer keeps that order.</summary>
    public bool PrefersRed(MediaDescription media)
    {
        foreach (var format in media.Formats)
        {
            if (format.PayloadType == Format.PayloadType) return false;
            if (format.PayloadType == Red?.PayloadType) return true;
        }

        return false;
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

    /// <summary>Only Opus is carried so: browsers offer RED for nothing else, and it needs the same clock and channels.</summary>
    private static PayloadFormat? RedOf(MediaDescription media, CodecKind kind, PayloadFormat codec)
    {
        if (kind != CodecKind.Opus) return null;
        foreach (var format in media.Formats)
        {
            if (format.PayloadType is not (>= 64 and <= 95) && format.Is("red")
                && format.ClockRateHz == codec.ClockRateHz && format.Channels == codec.Channels
                && CarriesOnly(codec.PayloadType, format.FormatParameters))
                return format;
        }

        return null;
    }

    /// <summary>"111/111": payload types of the primary and of each redundant block. At least one must be redundant.</summary>
    private static bool CarriesOnly(byte payloadType, ReadOnlySpan<char> parameters)
    {
        var blocks = 0;
        foreach (var range in parameters.Split('/'))
        {
            if (!SdpText.TryParsePayloadType(parameters[range].Trim(), out var block) || block != payloadType) return false;
            blocks++;
        }

        return blocks >= 2;
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
