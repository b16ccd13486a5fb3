using Broadcast.Vod.Jobs;

namespace Broadcast.Recording.Finishing;

/// <summary>Joining: files of one format become one file, every packet at its place.</summary>
public sealed partial class FfmpegWorkshop
{
    /// <summary>A file with its place.</summary>
    private sealed record Piece(ProbedFile File, TimeSpan Start, TimeSpan Duration)
    {
        public TimeSpan End => Start + Duration;
    }

    /// <summary>Joins pieces of one format without encoding again. Time 0 of the output is the start of the first piece.</summary>
    /// <remarks>
    /// The concat demuxer moves the first packet of every file to where the file before ends. With the time between first packets as a file's
    /// duration, and the first packet's own time added to everything, each packet comes out where it was, and what lies between stays empty.
    /// </remarks>
    private async Task<ProbedFile> JoinAsync(
        IReadOnlyList<Piece> pieces, FileFormat format, WorkFolder work, string output, string metadata, IProgress<double> progress, CancellationToken cancellation)
    {
        var first = pieces[0];
        var duration = pieces.Max(p => p.End) - first.Start;
        var list = FfmpegInput.ConcatList(pieces.Select((piece, i) => (piece.File.Path, i + 1 < pieces.Count ? Between(piece, pieces[i + 1]) : default(TimeSpan?))));
        var lead = first.File.FirstTime > TimeSpan.Zero ? first.File.FirstTime : TimeSpan.Zero;
        await RunAsync(
            FfmpegInput.FromList(work.Write("list", list), "-copyts").AndMetadata(metadata).To(output, [
                .. CopyArguments(first.File.Tracks, format), "-output_ts_offset", FfmpegInput.Seconds(lead),
                .. Limit(pieces.Sum(p => p.File.Bytes)), .. format.Arguments,
            ]),
            duration,
            progress,
            cancellation);

        var expected = first.File.Tracks.Select((track, i) => track with { Packets = pieces.Sum(p => p.File.Tracks[i].Packets) }).ToList();
        return await VerifyAsync(output, expected, duration, countsPackets: true, cancellation);
    }

    private static TimeSpan Between(Piece piece, Piece next)
    {
        var between = next.Start + next.File.FirstTime - piece.Start - piece.File.FirstTime;
        return between > TimeSpan.Zero ? between : TimeSpan.FromMilliseconds(1);
    }

    /// <summary>The tracks of input 0 as they are, the tags of input 1.</summary>
    /// <remarks>Chapters in MP4 are a track of text, which browsers do not expect: the interface has them anyway.</remarks>
    private static string[] CopyArguments(IReadOnlyList<ProbedTrack> tracks, FileFormat format)
    {
        var isMp4 = format == FileFormat.Mp4;
        return
        [
            "-map", "0:v?", "-map", "0:a?", "-c", "copy", "-map_metadata", "1", "-map_chapters", isMp4 ? "-1" : "1",
            // Apple's players want parameter sets of H.265 in the header only, which this tag says.
            .. isMp4 && tracks.Any(t => t.Codec == "hevc") ? (string[])["-tag:v", "hvc1"] : [],
            // Without pictures there is no keyframe to begin a fragment at.
            .. isMp4 && !tracks.Any(t => t.IsVideo) ? (string[])["-frag_duration", "5000000"] : [],
        ];
    }

    /// <summary>An end for an output that grows without reason; one that meets it is found by its duration.</summary>
    private static string[] Limit(long bytes) => ["-fs", (bytes * 2 + 64 * 1024 * 1024).ToString(System.Globalization.CultureInfo.InvariantCulture)];
}
