using System.Globalization;

namespace Broadcast.Recording.Finishing;

/// <summary>Names of codecs as media types want them (RFC 6381 and what each codec's binding says), and of media types.</summary>
internal static class CodecStrings
{
    /// <summary>Samples of a picture up to which a level of VP9 is meant, with the level times ten.</summary>
    private static readonly (int Samples, int Level)[] Vp9Levels =
        [(36_864, 10), (73_728, 11), (122_880, 20), (245_760, 21), (552_960, 30), (983_040, 31), (2_228_224, 40), (8_912_896, 50), (35_651_584, 60)];

    /// <summary>FFmpeg's name of a codec that an SDP calls otherwise.</summary>
    public static string FfmpegName(string codec) => codec == "h265" ? "hevc" : codec;

    /// <summary>Derives the name of a track's format from what ffprobe says.</summary>
    public static string Of(ProbedTrack track) => track.Codec switch
    {
        "h264" => $"avc1.{H264Profile(track.Profile)}{Math.Max(track.Level, 10):x2}",
        "hevc" => string.Create(CultureInfo.InvariantCulture, $"hvc1.{(Depth(track) > 8 ? "2.4" : "1.6")}.L{Math.Max(track.Level, 30)}.B0"),
        "vp9" => string.Create(CultureInfo.InvariantCulture, $"vp09.{Profile(track):D2}.{Vp9Level(track)}.{Depth(track):D2}"),
        "av1" => string.Create(CultureInfo.InvariantCulture, $"av01.{Av1Profile(track)}.{Math.Clamp(track.Level, 0, 31):D2}M.{Depth(track):D2}"),
        "aac" => "mp4a.40.2",
        var codec => codec,
    };

    /// <summary>A media type with its codecs.</summary>
    public static string MediaType(FileFormat format, bool hasVideo, IEnumerable<string> codecs) =>
        $"{(hasVideo ? "video" : "audio")}/{format.Subtype}; codecs=\"{string.Join(", ", codecs)}\"";

    private static string H264Profile(string profile) => profile switch
    {
        "Constrained Baseline" => "42e0",
        "Baseline" => "4200",
        "Main" => "4d00",
        "Extended" => "5800",
        "High 10" => "6e00",
        "High 4:2:2" => "7a00",
        "High 4:4:4 Predictive" => "f400",
        _ => "6400",
    };

    private static int Profile(ProbedTrack track) => track.Profile is [.., >= '0' and <= '3' and var digit] ? digit - '0' : 0;

    private static int Av1Profile(ProbedTrack track) => track.Profile switch { "High" => 1, "Professional" => 2, _ => 0 };

    private static int Depth(ProbedTrack track) => track.PixelFormat.Contains("10", StringComparison.Ordinal) ? 10 : track.PixelFormat.Contains("12", StringComparison.Ordinal) ? 12 : 8;

    private static int Vp9Level(ProbedTrack track) =>
        Vp9Levels.FirstOrDefault(l => (long)track.Width * track.Height <= l.Samples) is { Level: > 0 and var level } ? level : 62;
}
