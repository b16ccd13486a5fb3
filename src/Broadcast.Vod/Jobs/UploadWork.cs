using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Stores;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Jobs;

/// <summary>Puts the finished files of a recording into the store, one after the other. The spool has them until all are there.</summary>
internal sealed partial class UploadWork(RecordingLedger ledger, RecordingSpool spool, ICatalogue catalogue, IVodStore store, ILogger<UploadWork> log) : IJobWork
{
    public bool Does(JobKind kind) => kind is JobKind.Upload;

    public async Task<string?> RunAsync(Job job, IProgress<double> progress, CancellationToken cancellation)
    {
        if (await catalogue.GetDetailsAsync(job.Recording, cancellation) is not { } details) return null;
        var waiting = details.Files.Where(file => !file.InStore).ToList();
        long all = Math.Max(1, waiting.Sum(file => file.Bytes)), before = 0;
        foreach (var file in waiting)
        {
            var path = Path.Combine(spool.FinishedFolderOf(job.Recording), file.Name);
            var key = StoreKey.Of(job.Recording, file.Name);
            if (await store.FindAsync(key, cancellation) != file.Bytes)
            {
                if (!File.Exists(path))
                {
                    Gone(log, job.Recording, file.Name);
                    await catalogue.SetErrorAsync(job.Recording, Missing(file.Name), cancellation);
                    continue;
                }

                var begun = before;
                await store.PutAsync(key, path, file.MediaType, new DirectProgress<long>(bytes => progress.Report((double)(begun + bytes) / all)), cancellation);
            }

            await catalogue.MarkStoredAsync(job.Recording, file.Name, cancellation);
            before += file.Bytes;
        }

        if (ledger.TryGet(job.Recording, out var history) && history is { Made: not null, IsStored: false }) ledger.Append(new FilesStored(job.Recording));
        return null;
    }

    /// <summary>What a person is told of a file that is nowhere.</summary>
    public static string Missing(string name) => $"The file {name} is missing.";

    /// <summary>True for what <see cref="Missing"/> says.</summary>
    public static bool IsMissing(string? error) =>
        error is not null && error.StartsWith("The file ", StringComparison.Ordinal) && error.EndsWith(" is missing.", StringComparison.Ordinal);

    public Task OnFailedAsync(Job job, string error, CancellationToken cancellation) =>
        catalogue.SetErrorAsync(job.Recording, $"Its files could not be put into the store: {error}", cancellation);

    [LoggerMessage(632, LogLevel.Error, "The file {Name} of recording {RecordingId} is neither in the spool nor in the store")]
    private static partial void Gone(ILogger logger, RecordingId recordingId, string name);
}
