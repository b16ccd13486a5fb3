using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Mp4;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Fuzz.Files;

/// <summary>Frames in a segment, as the recorder writes them.</summary>
internal static class WrittenFile
{
    /// <summary>Every container that takes a codec.</summary>
    public static IReadOnlyList<SegmentContainer> ContainersOf(CodecKind codec) => codec switch
    {
        CodecKind.H264 or CodecKind.H265 => [SegmentContainer.Matroska, SegmentContainer.Mp4],
        CodecKind.Opus => [SegmentContainer.WebM, SegmentContainer.Mp4],
        _ => [SegmentContainer.WebM],
    };

    /// <summary>Writes a file.</summary>
    /// <param name="container">One that takes the format.</param>
    /// <param name="tracks">Frames of one format each, in order; their times are counted from the first frame's.</param>
    /// <param name="isClosed">Else it ends with its last flush, as after a killed process.</param>
    public static byte[] Of(SegmentContainer container, IReadOnlyList<IReadOnlyList<AssembledFrame>> tracks, bool isClosed)
    {
        var file = new MemoryStream();
        var formats = tracks.Select(frames => frames[0].Format).ToList();
        var options = new SegmentOptions();
        using ISegmentWriter writer = container == SegmentContainer.Mp4 ? FragmentWriter.Create(file, formats, options) : SegmentWriter.Create(file, container, formats, options);
        for (var i = 0; i < tracks.Max(frames => frames.Count); i++)
        {
            for (var track = 0; track < tracks.Count; track++)
            {
                if (i >= tracks[track].Count) continue;
                var (first, frame) = (tracks[track][0], tracks[track][i]);
                var time = TimeSpan.FromSeconds(Math.Max(0, frame.Timestamp - first.Timestamp) / (frame.Format.Codec == CodecKind.Opus ? 48_000.0 : 90_000.0));
                writer.Write(track, time, frame.IsKeyframe, frame.Data.Span);
            }
        }

        writer.Flush();
        if (isClosed) writer.Close();
        return file.ToArray();
    }

    /// <summary>True when the project's own scanner finds the file whole up to its end.</summary>
    public static bool IsWhole(byte[] file)
    {
        using var stream = new MemoryStream(file);
        return FragmentScanner.IsMp4(stream) ? FragmentScanner.Scan(stream)?.WholeEnd == file.Length : SegmentScanner.Scan(stream) is { IsComplete: true };
    }
}
