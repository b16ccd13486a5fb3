using Broadcast.Signalling.Api;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Retention;

/// <summary>Every minute, of what this node has recorded: frees the spool, deletes what is too old or too much, ends what is half deleted.</summary>
internal sealed partial class Housekeeping(
    RecordingLedger ledger, RecordingSpool spool, ICatalogue catalogue, IVodStore store, RecordingRemoval removal, JobQueue jobs, WatchLog watched, VodOptions options,
    NodeIdentity node, TimeProvider time, ILogger<Housekeeping> log) : BackgroundService
{
    private const int Page = 500;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Somebody who watched so lately may go on.</summary>
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(10);

    /// <summary>Who has played segments has this long to find the finished file.</summary>
    private static readonly TimeSpan SegmentsLinger = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1);
    private bool _hasLooked;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunPeriodicallyAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that could not start disposes of this without having stopped it: that is no failure of its own to be told.
        }
    }

    /// <summary>One round; a second caller waits for the first.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            await TidyAsync(cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    private async Task RunPeriodicallyAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            try
            {
                await RunAsync(cancellation);
            }
            catch (Exception exception) when (exception is CatalogueUnavailableException or StoreUnavailableException or IOException or UnauthorizedAccessException)
            {
                Postponed(log, exception.Message);
            }
        }
    }

    private async Task TidyAsync(CancellationToken cancellation)
    {
        watched.Trim();
        if (!_hasLooked) await LookForMissingAsync(cancellation);
        _hasLooked = true;
        await FreeSpoolAsync(cancellation);
        await UploadAsync(cancellation);
        await RetainAsync(cancellation);
        foreach (var deleted in await catalogue.ListAsync(new RecordingQuery(State: RecordingState.Deleted, Node: node.Id, Limit: Page), cancellation))
        {
            // One that was deleted while this node was out of sight, and that it records still, goes when it has ended.
            if (ledger.TryGet(deleted.Id, out var history) && history.Ended is null) continue;
            await removal.FinishAsync(deleted.Id, cancellation);
        }
    }

    /// <summary>Of recordings whose files are in the store the journal stays, from which a lost catalogue can be made again.</summary>
    private async Task FreeSpoolAsync(CancellationToken cancellation)
    {
        foreach (var history in ledger.Histories.Where(history => history.IsStored).ToList())
        {
            if (jobs.HasOpen(history.Id) || watched.WasWatched(history.Id, SegmentsLinger)) continue;
            // A clip may have come after the recording's own files.
            if ((await catalogue.ListFilesAsync(history.Id, cancellation)).Any(file => !file.InStore)) continue;
            foreach (var segment in history.Segments) File.Delete(spool.PathOf(history.Id, segment.Number, segment.Container));
            var finished = spool.FinishedFolderOf(history.Id);
            if (Directory.Exists(finished)) Directory.Delete(finished, recursive: true);
            ledger.Forget(history.Id);
        }
    }

    /// <summary>Files that are in the spool only, and that no job looks after: of one that failed, or of a clip that came in a bad moment.</summary>
    private async Task UploadAsync(CancellationToken cancellation)
    {
        foreach (var folder in Directory.EnumerateDirectories(spool.Root).ToList())
        {
            if (!RecordingId.TryParse(Path.GetFileName(folder), out var id) || !Directory.Exists(spool.FinishedFolderOf(id)) || jobs.HasOpen(id)) continue;
            if (await catalogue.GetDetailsAsync(id, cancellation) is not { Recording.State: RecordingState.Ready } details) continue;
            if (details.Files.Any(file => !file.InStore && File.Exists(Path.Combine(spool.FinishedFolderOf(id), file.Name))))
                await jobs.AddAsync(JobKind.Upload, details.Recording, "", cancellation);
            else if (details.Files.All(file => file.InStore) && !ledger.TryGet(id, out _) && !jobs.HasOpen(id))
                Directory.Delete(spool.FinishedFolderOf(id), recursive: true);
        }
    }

    /// <summary>Once after the start: files of a folder may have been removed by somebody, or be back. Asking a bucket for each would cost too much.</summary>
    private async Task LookForMissingAsync(CancellationToken cancellation)
    {
        if (store is not FolderStore) return;
        foreach (var recording in (await ListAsync(cancellation)).Where(recording => recording.State is RecordingState.Ready))
        {
            string? missing = null;
            foreach (var file in (await catalogue.ListFilesAsync(recording.Id, cancellation)).Where(file => file.InStore))
            {
                if (await store.FindAsync(StoreKey.Of(recording.Id, file.Name), cancellation) != file.Bytes) missing ??= UploadWork.Missing(file.Name);
            }

            if (missing == recording.Error || (missing is null && !UploadWork.IsMissing(recording.Error))) continue;
            if (missing is not null) FileMissing(log, recording.Id, missing);
            await catalogue.SetErrorAsync(recording.Id, missing, cancellation);
        }
    }

    private async Task RetainAsync(CancellationToken cancellation)
    {
        if (options.MaxAge is null && options.MaxBytes == 0 && options.MaxBytesPerStream == 0) return;
        var all = await ListAsync(cancellation);
        var total = all.Sum(recording => recording.Bytes);
        var ofStream = all.GroupBy(recording => recording.Stream).ToDictionary(group => group.Key, group => group.Sum(recording => recording.Bytes), StringComparer.Ordinal);
        foreach (var recording in all.Where(recording => recording.State is RecordingState.Ready or RecordingState.Failed))
        {
            var reason = recording.EndedAt is { } ended && time.GetUtcNow() - ended > options.MaxAge ? "it is older than allowed"
                : options.MaxBytes > 0 && total > options.MaxBytes ? "the recordings of this node have more bytes than allowed"
                : options.MaxBytesPerStream > 0 && ofStream[recording.Stream] > options.MaxBytesPerStream ? "the recordings of its stream have more bytes than allowed"
                : null;
            if (reason is null || jobs.HasOpen(recording.Id) || watched.WasWatched(recording.Id, Watched)) continue;
            Expired(log, recording.Id, recording.Stream, reason);
            await removal.DeleteAsync(recording, cancellation);
            total -= recording.Bytes;
            ofStream[recording.Stream] -= recording.Bytes;
        }
    }

    /// <summary>All of this node, the oldest first.</summary>
    private async Task<List<Recording>> ListAsync(CancellationToken cancellation)
    {
        var all = new List<Recording>();
        IReadOnlyList<Recording> page;
        do
        {
            page = await catalogue.ListAsync(new RecordingQuery(Node: node.Id, After: all.Count > 0 ? all[^1].Id : null, Limit: Page), cancellation);
            all.AddRange(page);
        }
        while (page.Count == Page);
        all.Reverse();
        return all;
    }

    [LoggerMessage(650, LogLevel.Information, "Recording {RecordingId} of {StreamId} is deleted: {Reason}")]
    private static partial void Expired(ILogger logger, RecordingId recordingId, string streamId, string reason);

    [LoggerMessage(652, LogLevel.Error, "Recording {RecordingId}: {Reason}")]
    private static partial void FileMissing(ILogger logger, RecordingId recordingId, string reason);

    [LoggerMessage(651, LogLevel.Warning, "Recordings are not tidied up now: {Reason}")]
    private static partial void Postponed(ILogger logger, string reason);
}
