using System.Text;

namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>The a=fmtp values of an answer.</summary>
internal static class AnsweredFormatParameters
{
    /// <summary>Steers a publisher: Opus parameters say what the declaring side wants to receive (RFC 7587 §7.1).</summary>
    public static string ForPublisher(CodecKind codec, string offered, PublisherPolicy policy, bool hasLayers)
    {
        if (codec == CodecKind.Opus)
        {
            var text = new StringBuilder("minptime=10;useinbandfec=1");
            if (policy.OpusStereo) text.Append(";stereo=1");
            if (policy.OpusMaxAverageBitsPerSecond > 0) text.Append(";maxaveragebitrate=").Append(policy.OpusMaxAverageBitsPerSecond);
            return text.ToString();
        }

        // Otherwise libwebrtc answers a PLI for one layer with keyframes on all of them.
        var echoed = Echo(codec, offered);
        if (!hasLayers || codec.Kind() != MediaKind.Video) return echoed;
        return echoed.Length == 0 ? "x-google-per-layer-pli=1" : echoed + ";x-google-per-layer-pli=1";
    }

    /// <summary>Confirms what a viewer declared; a player gets stereo only when its own offer asked for it.</summary>
    public static string ForViewer(CodecKind codec, string offered)
    {
        if (codec != CodecKind.Opus) return Echo(codec, offered);
        var stereo = FormatParameters.GetInt32(offered, "stereo", 0) == 1;
        return stereo ? "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1" : "minptime=10;useinbandfec=1";
    }

    /// <summary>The parameters that identify a configuration; the answer repeats them as offered.</summary>
    private static string Echo(CodecKind codec, string offered)
    {
        ReadOnlySpan<string> keys = codec switch
        {
            CodecKind.H264 => ["level-asymmetry-allowed", "packetization-mode", "profile-level-id"],
            CodecKind.Vp9 => ["profile-id"],
            CodecKind.Av1 => ["level-idx", "profile", "tier"],
            CodecKind.H265 => ["level-id", "profile-id", "tier-flag", "tx-mode"],
            _ => [],
        };
        var text = new StringBuilder();
        foreach (var key in keys)
        {
            if (!FormatParameters.TryGet(offered, key, out var value)) continue;
            if (text.Length > 0) text.Append(';');
            text.Append(key).Append('=').Append(value);
        }

        return text.ToString();
    }
}
