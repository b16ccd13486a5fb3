using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Hooks;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Jobs;

/// <summary>Makes the segments of a recording to seekable files with pictures. They can be played at once, wherever the store is.</summary>
/// <remarks>1. join; 2. pictures; 3. journal, then catalogue; 4. upload.</remarks>
internal sealed partial class FinishWork(
    RecordingLedger ledger, RecordingSpool spool, ICatalogue catalogue, IMediaWorkshop workshop, LedgerNews news, Lazy<JobQueue> jobs, ILogger<FinishWork> log) : IJobWork
{
    private const double JoiningShare = 0.9;

    public bool Does(JobKind kind) => kind is JobKind.Finish;

    public async Task<string?> RunAsync(Job job, IProgress<double> progress, CancellationToken cancellation)
    {
        if (await catalogue.FindAsync(job.Recording, cancellation) is not { } recording) return null;
        if (!ledger.TryGet(job.Recording, out var history))
            throw new WorkshopException("The segments of this recording are not in the spool of this node.");
        var made = history.Made ?? await MakeAsync(recording, history, progress, cancellation);
        if (history.Made is null) ledger.Append(made);
        await catalogue.AddFilesAsync(job.Recording, made.Files, made.Previews, cancellation);
        if (await catalogue.FindAsync(job.Recording, cancellation) is not { } ready) return null;
        news.Ready(ready);
        await jobs.Value.AddAsync(JobKind.Upload, ready, "", cancellation);
        return null;
    }

    public async Task OnFailedAsync(Job job, string error, CancellationToken cancellation)
    {
        await catalogue.SetStateAsync(job.Recording, RecordingState.Failed, error, cancellation);
        if (await catalogue.FindAsync(job.Recording, cancellation) is { } recording) news.Failed(recording);
    }

    private async Task<FilesMade> MakeAsync(Recording recording, RecordingHistory history, IProgress<double> progress, CancellationToken cancellation)
    {
        // :: Step 1: what an earlier try has left is in the way
        var folder = spool.FinishedFolderOf(recording.Id);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var segments = history.Segments.Where(segment => segment.IsPlayable)
            .Select(segment => new SegmentToJoin(
                spool.PathOf(recording.Id, segment.Number, segment.Container), segment.Start, segment.Duration, segment.Container, segment.Tracks)).ToList();
        var there = segments.Where(segment => File.Exists(segment.Path)).ToList();
        if (there.Count == 0) throw new WorkshopException("No segment of this recording is left on the disk.");
        if (there.Count < segments.Count) SegmentsMissing(log, recording.Id, segments.Count - there.Count);
        var title = recording.Title.Length > 0 ? recording.Title : recording.Stream;
        var order = new FinishOrder(there, folder, title, history.Started.At, [.. history.Chapters.Select(chapter => (chapter.At, chapter.Name))]);
        var parts = await workshop.FinishAsync(order, new DirectProgress<double>(value => progress.Report(value * JoiningShare)), cancellation);

        // :: Step 2
        var files = new List<StoredFile>();
        var previews = new List<Preview>();
        foreach (var part in parts)
        {
            files.Add(FileOf(part, FileKind.Part, ""));
            if (await TryPreviewAsync(part, folder, parts.Count > 1 ? Path.GetFileNameWithoutExtension(part.Path) + "-" : "", cancellation) is not { } pictures) continue;
            string[] paths = [pictures.Poster, .. pictures.Sprites];
            files.AddRange(paths.Select(path => new StoredFile(
                Path.GetFileName(path), FileKind.Picture, "image/jpeg", part.Start, TimeSpan.Zero, new FileInfo(path).Length, 0, 0)));
            previews.Add(new Preview(
                Path.GetFileName(part.Path), Path.GetFileName(pictures.Poster), [.. pictures.Sprites.Select(path => Path.GetFileName(path))], pictures.Interval, pictures.TileWidth,
                pictures.TileHeight, pictures.Columns, pictures.Rows, pictures.Tiles));
        }

        return new FilesMade(recording.Id, files, previews);
    }

    /// <summary>A file that was made, as the catalogue knows it.</summary>
    internal static StoredFile FileOf(MediaFile file, FileKind kind, string title) => new(
        Path.GetFileName(file.Path), kind, file.MediaType, file.Start, file.Duration, file.Bytes, file.Width, file.Height, title);

    // A recording without pictures is better than none.
    private async Task<PreviewFiles?> TryPreviewAsync(MediaFile part, string folder, string prefix, CancellationToken cancellation)
    {
        try
        {
            return await workshop.PreviewAsync(new PreviewOrder(part.Path, folder, prefix), cancellation);
        }
        catch (WorkshopException exception)
        {
            NoPreview(log, part.Path, exception.Message);
            return null;
        }
    }

    [LoggerMessage(630, LogLevel.Warning, "No pictures could be made of {Path}: {Reason}")]
    private static partial void NoPreview(ILogger logger, string path, string reason);

    [LoggerMessage(631, LogLevel.Warning, "{Count} segments of recording {RecordingId} are gone; it is finished without them")]
    private static partial void SegmentsMissing(ILogger logger, RecordingId recordingId, int count);
}
