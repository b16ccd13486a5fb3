using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Stores;

namespace Broadcast.Vod.Jobs;

/// <summary>What shall be cut.</summary>
/// <param name="From">Of the recording.</param>
/// <param name="To">Of the recording.</param>
/// <param name="Title">Empty for none.</param>
internal sealed record ClipParameters(TimeSpan From, TimeSpan To, string Title);

/// <summary>What shall be made.</summary>
/// <param name="Format">webm, mkv or mp4.</param>
/// <param name="Video">How the picture gets there.</param>
internal sealed record ExportParameters(string Format, ExportVideo Video);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ClipParameters))]
[JsonSerializable(typeof(ExportParameters))]
internal sealed partial class JobJson : JsonSerializerContext;

/// <summary>Cuts clips and makes exports of finished files, which are fetched from the store where they are not on this machine.</summary>
internal sealed class CutWork(RecordingSpool spool, ICatalogue catalogue, IVodStore store, IMediaWorkshop workshop, Lazy<JobQueue> jobs) : IJobWork
{
    public bool Does(JobKind kind) => kind is JobKind.Clip or JobKind.Export;

    public async Task<string?> RunAsync(Job job, IProgress<double> progress, CancellationToken cancellation)
    {
        if (await catalogue.GetDetailsAsync(job.Recording, cancellation) is not { Recording.State: RecordingState.Ready } details)
            throw new WorkshopException("The recording is not there any more.");
        var folder = spool.FinishedFolderOf(job.Recording);
        Directory.CreateDirectory(folder);
        var borrowed = Path.Combine(folder, "borrowed-" + job.Id);
        StoredFile made;
        try
        {
            made = job.Kind is JobKind.Clip
                ? await ClipAsync(job, details, folder, borrowed, progress, cancellation)
                : await ExportAsync(job, details, folder, borrowed, progress, cancellation);
        }
        finally
        {
            if (Directory.Exists(borrowed)) Directory.Delete(borrowed, recursive: true);
        }

        await catalogue.AddFileAsync(job.Recording, made, cancellation);
        await jobs.Value.AddAsync(JobKind.Upload, details.Recording, "", cancellation);
        return made.Name;
    }

    private static T Read<T>(Job job, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(job.Parameters, type) ?? throw new WorkshopException("The order cannot be read.");

    // The end of a job's id is chance: two clips of one recording do not meet.
    private static string NameOf(Job job, string extension) => $"{(job.Kind is JobKind.Clip ? "clip" : "export")}-{job.Id[^10..]}.{extension}";

    private async Task<StoredFile> ClipAsync(
        Job job, RecordingDetails details, string folder, string borrowed, IProgress<double> progress, CancellationToken cancellation)
    {
        var wish = Read(job, JobJson.Default.ClipParameters);
        var part = details.Files.LastOrDefault(file => file.Kind is FileKind.Part && file.Start <= wish.From && wish.From < file.Start + file.Duration)
            ?? throw new WorkshopException("At the beginning of the clip nothing was recorded.");
        var path = await LocalPathAsync(details, part, borrowed, cancellation);
        // Browsers do not play Matroska; what WebM does not allow goes into MP4.
        var output = Path.Combine(folder, NameOf(job, part.Name.EndsWith(".webm", StringComparison.Ordinal) ? "webm" : "mp4"));
        var to = wish.To < part.Start + part.Duration ? wish.To : part.Start + part.Duration;
        var title = wish.Title.Length > 0 ? wish.Title : TitleOf(details);
        var made = await workshop.ClipAsync(new ClipOrder(path, output, wish.From - part.Start, to - part.Start, title), progress, cancellation);
        // The workshop knows the file's time, not the recording's.
        return FinishWork.FileOf(made, FileKind.Clip, wish.Title) with { Start = wish.From };
    }

    private async Task<StoredFile> ExportAsync(
        Job job, RecordingDetails details, string folder, string borrowed, IProgress<double> progress, CancellationToken cancellation)
    {
        var wish = Read(job, JobJson.Default.ExportParameters);
        var parts = new List<(string, TimeSpan)>();
        foreach (var part in details.Files.Where(file => file.Kind is FileKind.Part).OrderBy(file => file.Start))
            parts.Add((await LocalPathAsync(details, part, borrowed, cancellation), part.Start));
        if (parts.Count == 0) throw new WorkshopException("The recording has no files.");
        var order = new ExportOrder(parts, Path.Combine(folder, NameOf(job, wish.Format)), wish.Video, TitleOf(details));
        return FinishWork.FileOf(await workshop.ExportAsync(order, progress, cancellation), FileKind.Export, "") with { Start = parts[0].Item2 };
    }

    private static string TitleOf(RecordingDetails details) => details.Recording.Title.Length > 0 ? details.Recording.Title : details.Recording.Stream;

    private async Task<string> LocalPathAsync(RecordingDetails details, StoredFile file, string borrowed, CancellationToken cancellation)
    {
        var path = Path.Combine(spool.FinishedFolderOf(details.Recording.Id), file.Name);
        if (File.Exists(path)) return path;
        await using var stored = await store.OpenAsync(StoreKey.Of(details.Recording.Id, file.Name), 0, file.Bytes, cancellation)
            ?? throw new WorkshopException($"The file {file.Name} is missing.");
        Directory.CreateDirectory(borrowed);
        var copy = Path.Combine(borrowed, file.Name);
        await using var target = File.Create(copy);
        await stored.CopyToAsync(target, cancellation);
        return copy;
    }
}
