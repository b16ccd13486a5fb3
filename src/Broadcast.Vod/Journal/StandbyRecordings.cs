using Broadcast.Signalling.Api;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Retention;

namespace Broadcast.Vod.Journal;

/// <summary>Reads from journals what stands in for what.</summary>
internal sealed class StandbyRecordings(
    RecordingLedger ledger, RecordingSpool spool, ICatalogue catalogue, RecordingRemoval removal, JobQueue jobs, NodeIdentity node) : IStandbyRecordings
{
    /// <summary>A standby begins so much later at most: the stream has to get to its node, and a keyframe to come.</summary>
    public static readonly TimeSpan Beginning = TimeSpan.FromSeconds(5);

    public IReadOnlyList<StandbyRecording> All =>
    [
        .. from history in ledger.Histories
           let started = history.Started
           where started.StandsInForNode is not null && started.Continues is not null
           select new StandbyRecording(started.Id, started.StreamId, started.At, started.Continues!.Value, started.StandsInForNode!, history.IsPromoted, history.EndedAt),
    ];

    public void Promote(RecordingId id)
    {
        if (ledger.TryGet(id, out var history) && history.IsHidden) ledger.Append(new RecordingPromoted(id));
    }

    public void Discard(RecordingId id)
    {
        if (!ledger.TryGet(id, out var history) || !history.IsHidden || history.Ended is null) return;
        var folder = spool.FolderOf(id);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        ledger.Forget(id);
    }

    public async ValueTask<(bool IsKnown, RecordingEndReason? End)> EndOfAsync(RecordingId id, CancellationToken cancellation)
    {
        if (ledger.TryGet(id, out var history)) return (true, history.Ended?.Reason);
        try
        {
            // Of what is in the store the journal is forgotten. Who asks so late was away meanwhile, and here all was well.
            return await catalogue.FindAsync(id, cancellation) is { } recording && recording.Node == node.Id ? (true, RecordingEndReason.PublisherLeft) : (false, null);
        }
        catch (CatalogueUnavailableException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    public async Task<bool> TrySupersedeAsync(RecordingId id, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        if (ledger.TryGet(id, out var history) && history.Ended is null) return false;
        try
        {
            if (await catalogue.FindAsync(id, cancellation) is not { } recording) return history is null;
            if (recording.Node != node.Id || startedAt - recording.StartedAt > Beginning) return true;
            if (recording.State is not (RecordingState.Ready or RecordingState.Failed) || jobs.HasOpen(id)) return false;
            await removal.DeleteAsync(recording, cancellation);
            return true;
        }
        catch (CatalogueUnavailableException)
        {
            return false;
        }
    }
}
