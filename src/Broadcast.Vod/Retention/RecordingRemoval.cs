using Broadcast.Signalling.Api;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Stores;

namespace Broadcast.Vod.Retention;

/// <summary>Deletes recordings: from lists at once, then from the store and the spool, at last from the catalogue.</summary>
internal sealed class RecordingRemoval(RecordingLedger ledger, RecordingSpool spool, ICatalogue catalogue, IVodStore store, JobQueue jobs, NodeIdentity node)
{
    /// <summary>Deletes a recording that is ready or failed, or whose node is away. What cannot be deleted now is deleted later.</summary>
    public async Task DeleteAsync(Recording recording, CancellationToken cancellation)
    {
        await catalogue.SetStateAsync(recording.Id, RecordingState.Deleted, null, cancellation);
        if (recording.Node == node.Id) await TryFinishAsync(recording.Id, cancellation);
    }

    /// <summary>Removes what is left of a recording that is deleted, as far as that is possible now; housekeeping goes on with it.</summary>
    public async Task TryFinishAsync(RecordingId id, CancellationToken cancellation)
    {
        try
        {
            await FinishAsync(id, cancellation);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or IOException or UnauthorizedAccessException)
        {
            // The row, which stays, says that it is deleted.
        }
    }

    /// <summary>Removes what is left of a recording that is deleted, on the node that recorded it.</summary>
    public async Task FinishAsync(RecordingId id, CancellationToken cancellation)
    {
        ledger.Remove(id);
        await jobs.CancelAllAsync(id, cancellation);
        foreach (var file in await catalogue.ListFilesAsync(id, cancellation)) await store.DeleteAsync(StoreKey.Of(id, file.Name), cancellation);
        // The journal goes before the row: a journal without a row would bring the recording back.
        var folder = spool.FolderOf(id);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        await catalogue.RemoveAsync(id, cancellation);
    }
}
