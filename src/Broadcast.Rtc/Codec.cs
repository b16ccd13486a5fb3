namespace Broadcast.Rtc;

/// <summary>What a track carries.</summary>
public enum MediaKind : byte
{
    /// <summary>m=audio.</summary>
    Audio,

    /// <summary>m=video.</summary>
    Video,
}

/// <summary>The codecs that are passed through. Nothing is transcoded on the live path.</summary>
public enum CodecKind : byte
{
    /// <summary>RFC 7741.</summary>
    Vp8,

    /// <summary>RFC 6184.</summary>
    H264,

    /// <summary>RFC 9628.</summary>
    Vp9,

    /// <summary>AOM RTP payload specification 1.0.</summary>
    Av1,

    /// <summary>RFC 7798.</summary>
    H265,

    /// <summary>RFC 7587.</summary>
    Opus,

    /// <summary>G.711 µ-law (RFC 3551 §4.5.14).</summary>
    Pcmu,

    /// <summary>G.711 A-law (RFC 3551 §4.5.14).</summary>
    Pcma,
}

/// <summary>Facts of a codec that do not depend on negotiation.</summary>
public static class CodecKindExtensions
{
    /// <summary>Audio or video.</summary>
    public static MediaKind Kind(this CodecKind codec) => codec >= CodecKind.Opus ? MediaKind.Audio : MediaKind.Video;

    /// <summary>The name in a=rtpmap, in the spelling of its RFC.</summary>
    public static string RtpMapName(this CodecKind codec) => codec switch
    {
        CodecKind.Vp8 => "VP8",
        CodecKind.H264 => "H264",
        CodecKind.Vp9 => "VP9",
        CodecKind.Av1 => "AV1",
        CodecKind.H265 => "H265",
        CodecKind.Opus => "opus",
        CodecKind.Pcmu => "PCMU",
        _ => "PCMA",
    };
}
