using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Finishing;

/// <summary>Finishing: segments become seekable files.</summary>
public sealed partial class FfmpegWorkshop
{
    /// <summary>Segments that lie over each other by more are not one run: no recorder writes such.</summary>
    private static readonly TimeSpan MaximumOverlap = TimeSpan.FromMilliseconds(500);

    /// <summary>Of the whole progress, the part for reading the segments.</summary>
    private const double ReadingShare = 0.2;

    /// <inheritdoc/>
    /// <remarks>
    /// A segment that FFmpeg complains about is copied first, which leaves out what is torn; one of which nothing can be played is left out,
    /// and named by <see cref="MediaFile.LeftOut"/> of the file in whose time it lies.
    /// </remarks>
    public async Task<IReadOnlyList<MediaFile>> FinishAsync(FinishOrder order, IProgress<double> progress, CancellationToken cancellation)
    {
        if (order.Segments.Count == 0) throw new WorkshopException("There is nothing to join: the recording has no segments.");
        var made = new List<string>();
        using var work = new WorkFolder(order.Folder);
        try
        {
            // :: Step 1: read every segment.
            var runs = await ReadRunsAsync(order.Segments, work, new Share(progress, 0, ReadingShare), cancellation);

            // :: Step 2: one file for each run, and one more for what most browsers play only from MP4.
            var total = runs.Sum(r => r.Bytes);
            var files = new List<MediaFile>();
            var done = 0L;
            for (var i = 0; i < runs.Count; i++)
            {
                double At(double of) => ReadingShare + (1 - ReadingShare) * (done + of * runs[i].Bytes) / total;
                var share = new Share(progress, At(0), At(1));
                files.AddRange(await FinishRunAsync(runs[i], order, $"part-{i + 1}", work, made, share, cancellation));
                done += runs[i].Bytes;
            }

            progress.Report(1);
            return files;
        }
        catch
        {
            foreach (var path in made) File.Delete(path);
            throw;
        }
    }

    private async Task<List<Run>> ReadRunsAsync(
        IReadOnlyList<SegmentToJoin> segments, WorkFolder work, Share progress, CancellationToken cancellation)
    {
        var runs = new List<Run>();
        var leftOut = new List<string>();
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            var run = await ReadAsync(segment, work[$"whole-{i + 1}"], cancellation) is { } piece ? RunFor(segment, piece, runs) : null;
            if (run is null) (runs.LastOrDefault()?.LeftOut ?? leftOut).Add(segment.Path);
            progress.Report((i + 1.0) / segments.Count);
        }

        if (runs.Count == 0) throw new WorkshopException("Nothing in the recording can be played: none of its segments could be read.");
        runs[0].LeftOut.InsertRange(0, leftOut);
        return runs;
    }

    /// <summary>Adds a piece to the last run, or to a new one when it is of another format.</summary>
    private static Run RunFor(SegmentToJoin segment, Piece piece, List<Run> runs)
    {
        var continues = runs.LastOrDefault() is { } last
            && last.Container == segment.Container
            && last.Tracks.Select(t => t.CodecString).SequenceEqual(segment.Tracks.Select(t => t.CodecString))
            && last.Pieces[0].File.Tracks.Select(t => t.Format).SequenceEqual(piece.File.Tracks.Select(t => t.Format))
            && piece.Start > last.Pieces[^1].End - MaximumOverlap;
        if (!continues) runs.Add(new Run(segment.Container, segment.Tracks));
        runs[^1].Pieces.Add(piece);
        return runs[^1];
    }

    /// <returns>Null for a segment of which nothing can be played.</returns>
    private async Task<Piece?> ReadAsync(SegmentToJoin segment, string whole, CancellationToken cancellation)
    {
        var file = await ProbeAsync(segment.Path, cancellation);
        if (file is { Complaints.Length: > 0 })
        {
            // An error in the middle of a file would end the joining there.
            try
            {
                await RunAsync(
                    FfmpegInput.From(segment.Path, "-copyts").To(whole, ["-map", "0:v?", "-map", "0:a?", "-c", "copy", .. FileFormat.Matroska.Arguments]),
                    segment.Duration,
                    new Progress<double>(),
                    cancellation);
                file = await ProbeAsync(whole, cancellation);
            }
            catch (WorkshopException)
            {
                file = null;
            }
        }

        return file is null ? null : new Piece(file, segment.Start, file.Duration is { } d && d > TimeSpan.Zero ? d : segment.Duration);
    }

    private async Task<IReadOnlyList<MediaFile>> FinishRunAsync(
        Run run, FinishOrder order, string name, WorkFolder work, List<string> made, Share progress, CancellationToken cancellation)
    {
        var start = run.Pieces[0].Start;
        var end = run.Pieces.Max(p => p.End);
        var chapters = order.Chapters.Where(c => c.At >= start && c.At < end).OrderBy(c => c.At).Select(c => (c.At - start, c.Name)).ToList();
        var metadata = work.Write("metadata", FfmpegInput.Metadata(order.Title, order.Date, end - start, chapters));
        var tracks = run.Pieces[0].File.Tracks;
        var codecs = run.Tracks.Count == tracks.Count && run.Tracks.All(t => t.CodecString.Length > 0)
            ? run.Tracks.Select(t => t.CodecString).ToList()
            : tracks.Select(CodecStrings.Of).ToList();

        async Task<MediaFile> Keep(ProbedFile file, FileFormat format)
        {
            var path = Path.Combine(order.Folder, name + format.Extension);
            await Task.Run(() => File.Move(file.Path, path, overwrite: true), cancellation);
            made.Add(path);
            return Describe(file, path, format, start, codecs) with { LeftOut = run.LeftOut };
        }

        var joined = run.Container == SegmentContainer.WebM ? FileFormat.WebM : FileFormat.Matroska;
        joined.Check(tracks);
        var needsMp4 = joined == FileFormat.Matroska && tracks.All(t => FileFormat.Mp4.Codecs.Contains(t.Codec));
        var file = await JoinAsync(run.Pieces, joined, work, work["joined"], metadata, new Share(progress, 0, needsMp4 ? 0.5 : 1), cancellation);
        if (!needsMp4) return [await Keep(file, joined)];

        // Of the joined file, not of the segments: in it every packet has its place already.
        var piece = new Piece(file, start, file.Duration ?? end - start);
        var mp4 = await JoinAsync([piece], FileFormat.Mp4, work, work["mp4"], metadata, new Share(progress, 0.5, 1), cancellation);
        return [await Keep(file, joined), await Keep(mp4, FileFormat.Mp4)];
    }

    /// <summary>Pieces that become one file.</summary>
    private sealed record Run(SegmentContainer Container, IReadOnlyList<RecordedTrack> Tracks)
    {
        public List<Piece> Pieces { get; } = [];

        public List<string> LeftOut { get; } = [];

        public long Bytes => Pieces.Sum(p => p.File.Bytes);
    }
}
