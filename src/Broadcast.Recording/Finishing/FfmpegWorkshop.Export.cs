using System.Globalization;
using Broadcast.Vod.Jobs;

namespace Broadcast.Recording.Finishing;

/// <summary>Exports: one file of all parts.</summary>
/// <remarks>
/// What is encoded again is encoded part by part with the same settings, and then joined like segments are: positions stay, whatever the
/// parts were. In a gap the picture stands still, as no frame comes; within a part sound is filled up with silence, between parts none comes.
/// </remarks>
public sealed partial class FfmpegWorkshop
{
    /// <summary>Of the whole progress, the part for encoding; the rest is joining.</summary>
    private const double EncodingShare = 0.9;

    /// <summary>No encoder here is tried with more, and a broken header can claim anything.</summary>
    private const int MaximumSide = 3840;

    /// <summary>The smallest that SVT-AV1 takes.</summary>
    private const int MinimumSide = 64;

    /// <summary>What encoded video takes at most; one that meets it is found by its duration.</summary>
    private const int MaximumBytesPerSecond = 4_000_000;

    /// <inheritdoc/>
    public async Task<MediaFile> ExportAsync(ExportOrder order, IProgress<double> progress, CancellationToken cancellation)
    {
        var format = FileFormat.OfPath(order.Output);
        if (order.Paths.Count == 0) throw new WorkshopException("There is nothing to export.");
        var pieces = new List<Piece>();
        foreach (var (path, start) in order.Paths)
        {
            var file = await ProbeAsync(path, cancellation) ?? throw new WorkshopException($"Part {pieces.Count + 1} of the recording cannot be played.");
            pieces.Add(new Piece(file, start, file.Duration ?? throw new WorkshopException($"Part {pieces.Count + 1} of the recording does not tell its duration.")));
        }

        using var work = new WorkFolder(Path.GetDirectoryName(Path.GetFullPath(order.Output))!);
        var joining = progress;
        if (order.Video == ExportVideo.Copy)
        {
            CheckSameFormat(pieces);
        }
        else
        {
            pieces = await EncodeAsync(order.Video, pieces, work, new Share(progress, 0, EncodingShare), cancellation);
            joining = new Share(progress, EncodingShare, 1);
        }

        format.Check(pieces[0].File.Tracks);
        var end = pieces.Max(p => p.End) - pieces[0].Start;
        var metadata = work.Write("metadata", FfmpegInput.Metadata(order.Title, null, end, []));
        var made = await JoinAsync(pieces, format, work, work["export"], metadata, joining, cancellation);
        File.Move(made.Path, order.Output, overwrite: true);
        progress.Report(1);
        return Describe(made, order.Output, format, pieces[0].Start, made.Tracks.Select(CodecStrings.Of));
    }

    private static void CheckSameFormat(List<Piece> pieces)
    {
        var first = pieces[0].File;
        if (pieces.FirstOrDefault(p => !p.File.Tracks.Select(t => t.Format).SequenceEqual(first.Tracks.Select(t => t.Format))) is not { } other) return;
        throw new WorkshopException(
            $"The parts cannot be put into one file as they are: one is {Look(first)}, another {Look(other.File)}. Choose VP9 or AV1, which encodes them again.");
    }

    private static string Look(ProbedFile file) => string.Join(
        " with ", file.Tracks.Select(t => t.IsVideo ? $"{t.Codec.ToUpperInvariant()} {t.Width}×{t.Height}" : t.Codec.ToUpperInvariant()));

    private async Task<List<Piece>> EncodeAsync(ExportVideo video, List<Piece> pieces, WorkFolder work, Share progress, CancellationToken cancellation)
    {
        var hasVideo = pieces.Any(p => p.File.Video is not null);
        var hasAudio = pieces.Any(p => p.File.Audio is not null);
        string[] codec = hasVideo ? VideoCodec(video) : [];
        var (width, height) = Largest(pieces);
        var total = pieces.Aggregate(TimeSpan.Zero, (sum, p) => sum + p.Duration);
        var done = TimeSpan.Zero;
        var encoded = new List<Piece>();
        foreach (var piece in pieces)
        {
            var output = work[$"encoded-{encoded.Count + 1}"];
            var seconds = FfmpegInput.Seconds(piece.Duration);
            // What a part lacks and others have: black, silence.
            var lacksVideo = hasVideo && piece.File.Video is null;
            var lacksAudio = hasAudio && piece.File.Audio is null;
            var inputs = FfmpegInput.From(piece.File.Path, "-copyts");
            if (lacksVideo) inputs.AndGenerated($"color=black:size={width}x{height}:rate=10:duration={seconds}");
            if (lacksAudio) inputs.AndGenerated("anullsrc=channel_layout=stereo:sample_rate=48000", "-t", seconds);
            await RunAsync(
                inputs.To(output, [
                    .. hasVideo ? (string[])["-map", lacksVideo ? "1:v" : "0:v:0", tools.FrameTimesOption, "passthrough", "-enc_time_base", "1:1000", "-vf", Fit(width, height), .. codec] : [],
                    .. hasAudio ? (string[])["-map", lacksAudio ? "1:a" : "0:a:0", "-af", "aresample=48000:async=1:min_hard_comp=0.1:first_pts=0", "-c:a", "libopus", "-b:a", "96k", "-ac", "2"] : [],
                    "-map_metadata", "-1", "-map_chapters", "-1",
                    "-fs", ((long)(piece.Duration.TotalSeconds * MaximumBytesPerSecond) + 64 * 1024 * 1024).ToString(CultureInfo.InvariantCulture),
                    .. FileFormat.Matroska.Arguments,
                ]),
                piece.Duration,
                new Share(progress, done / total, (done + piece.Duration) / total),
                cancellation);
            var expected = new List<ProbedTrack>();
            if (hasVideo) expected.Add(Expected(video == ExportVideo.Av1 ? "av1" : "vp9", true));
            if (hasAudio) expected.Add(Expected("opus", false));
            var file = await VerifyAsync(output, expected, piece.Duration, countsPackets: false, cancellation);
            if (piece.File.Video is { } before && file.Video!.Packets != before.Packets)
                throw new WorkshopException($"FFmpeg encoded {file.Video.Packets} pictures of {before.Packets}: the recording is damaged there.");
            encoded.Add(new Piece(file, piece.Start, file.Duration!.Value));
            done += piece.Duration;
        }

        return encoded;
    }

    private static ProbedTrack Expected(string codec, bool isVideo) => new(codec, isVideo, 0, 0, "", 0, "", 0);

    /// <summary>Speed before size: the machine has live streams to serve.</summary>
    /// <exception cref="WorkshopException">This FFmpeg has no such encoder.</exception>
    private string[] VideoCodec(ExportVideo video)
    {
        var encoder = video == ExportVideo.Vp9 ? tools.Vp9Encoder : tools.Av1Encoder;
        var threads = options.EncoderThreads.ToString(CultureInfo.InvariantCulture);
        return encoder switch
        {
            null => throw new WorkshopException($"This FFmpeg cannot encode {video.ToString().ToUpperInvariant()}: install one with {(video == ExportVideo.Vp9 ? "libvpx" : "SVT-AV1 or libaom")}."),
            "libsvtav1" => ["-c:v", encoder, "-preset", "10", "-crf", "38", "-g", "120", "-svtav1-params", $"lp={threads}"],
            "libaom-av1" => ["-c:v", encoder, "-usage", "realtime", "-cpu-used", "8", "-crf", "38", "-b:v", "0", "-g", "120", "-threads", threads],
            _ => ["-c:v", encoder, "-deadline", "realtime", "-cpu-used", "6", "-row-mt", "1", "-crf", "34", "-b:v", "0", "-g", "120", "-threads", threads],
        };
    }

    private static (int Width, int Height) Largest(List<Piece> pieces)
    {
        var largest = pieces.Select(p => p.File.Video).OfType<ProbedTrack>().MaxBy(v => (long)v.Width * v.Height);
        if (largest is null) return (0, 0);
        var shrink = Math.Min(1, (double)MaximumSide / Math.Max(largest.Width, largest.Height));
        return (Math.Max(MinimumSide, Even(largest.Width * shrink)), Math.Max(MinimumSide, Even(largest.Height * shrink)));
    }

    private static string Fit(int width, int height) => string.Create(
        CultureInfo.InvariantCulture,
        $"scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2,pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p");
}
