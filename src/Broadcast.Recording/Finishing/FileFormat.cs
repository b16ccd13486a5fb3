using Broadcast.Vod.Jobs;

namespace Broadcast.Recording.Finishing;

/// <summary>A container that the workshop writes.</summary>
/// <param name="Name">For a person.</param>
/// <param name="Extension">Of a file's name, with its dot.</param>
/// <param name="Subtype">Of the media type.</param>
/// <param name="Codecs">What it may hold, by FFmpeg's names.</param>
/// <param name="Arguments">For FFmpeg.</param>
internal sealed record FileFormat(string Name, string Extension, string Subtype, string[] Codecs, string[] Arguments)
{
    public static readonly FileFormat WebM = new(
        "WebM", ".webm", "webm", ["vp8", "vp9", "av1", "opus", "vorbis"], ["-f", "webm", "-cues_to_front", "1"]);

    public static readonly FileFormat Matroska = new(
        "Matroska", ".mkv", "x-matroska", ["vp8", "vp9", "av1", "h264", "hevc", "opus", "vorbis", "aac"], ["-f", "matroska", "-cues_to_front", "1"]);

    /// <remarks>
    /// delay_moov: with an empty one FFmpeg has nowhere to say that a track begins later, and lets it begin at 0. The index of segments at the
    /// front is what lets a browser seek without reading the whole file. Fragments of 10 seconds: with one for each keyframe Chromium sometimes
    /// reads hundreds of megabytes for one seek in an hour.
    /// </remarks>
    public static readonly FileFormat Mp4 = new(
        "MP4", ".mp4", "mp4", ["h264", "hevc", "av1", "vp9", "opus", "aac"],
        ["-f", "mp4", "-movflags", "+frag_keyframe+delay_moov+default_base_moof+global_sidx", "-min_frag_duration", "10000000"]);

    private static readonly FileFormat[] All = [WebM, Matroska, Mp4];

    /// <summary>The container that a path's ending asks for.</summary>
    /// <exception cref="WorkshopException">For another ending.</exception>
    public static FileFormat OfPath(string path) => All.FirstOrDefault(f => path.EndsWith(f.Extension, StringComparison.OrdinalIgnoreCase))
        ?? throw new WorkshopException($"There is no container for “{Path.GetExtension(path)}”: choose .webm, .mkv or .mp4.");

    /// <summary>Refuses what the container may not hold.</summary>
    /// <exception cref="WorkshopException">With what to do instead.</exception>
    public void Check(IEnumerable<ProbedTrack> tracks)
    {
        if (tracks.FirstOrDefault(t => !Codecs.Contains(t.Codec)) is not { } wrong) return;
        var others = string.Join(" or ", All.Where(f => f.Codecs.Contains(wrong.Codec)).Select(f => f.Extension));
        throw new WorkshopException($"{Name} cannot hold {wrong.Codec.ToUpperInvariant()}: choose {others}, or have it encoded again.");
    }
}
