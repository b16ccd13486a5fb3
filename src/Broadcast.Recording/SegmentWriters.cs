using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Mp4;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording;

/// <summary>Which container a segment has, and who writes it.</summary>
public static class SegmentWriters
{
    /// <summary>The container of a segment that a browser can play while it grows.</summary>
    /// <param name="codecs">Of all of its tracks.</param>
    /// <returns><see cref="SegmentContainer.Matroska"/> for what neither WebM nor MP4 can have together.</returns>
    public static SegmentContainer ContainerOf(IEnumerable<CodecKind> codecs)
    {
        var all = codecs.ToList();
        if (all.TrueForAll(codec => codec is CodecKind.Vp8 or CodecKind.Vp9 or CodecKind.Av1 or CodecKind.Opus)) return SegmentContainer.WebM;
        return all.TrueForAll(codec => codec is CodecKind.H264 or CodecKind.H265 or CodecKind.Opus) ? SegmentContainer.Mp4 : SegmentContainer.Matroska;
    }

    /// <summary>Begins a file, which must not exist.</summary>
    /// <param name="path">Of it.</param>
    /// <param name="container">One that allows all tracks.</param>
    /// <param name="tracks">1 to 8.</param>
    /// <param name="options">How.</param>
    /// <exception cref="IOException">The disk is full or gone, or the file exists.</exception>
    public static ISegmentWriter Create(string path, SegmentContainer container, IReadOnlyList<TrackFormat> tracks, SegmentOptions options) =>
        container == SegmentContainer.Mp4 ? FragmentWriter.Create(path, tracks, options) : SegmentWriter.Create(path, container, tracks, options);
}
