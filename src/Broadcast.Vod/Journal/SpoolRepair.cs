using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Journal;

/// <summary>Finds what an earlier process has left in the spool, and ends recordings whose recorder was killed. Deletes nothing.</summary>
internal sealed partial class SpoolRepair(RecordingLedger ledger, RecordingSpool spool, IMediaWorkshop workshop, ILogger<SpoolRepair> log)
{
    /// <summary>Reads all journals of the spool; to be called before a recorder runs.</summary>
    /// <returns>The recordings that are there, the oldest first.</returns>
    public IReadOnlyList<RecordingId> Load()
    {
        Directory.CreateDirectory(spool.Root);
        var found = new List<RecordingId>();
        foreach (var folder in Directory.EnumerateDirectories(spool.Root).Order(StringComparer.Ordinal))
        {
            if (!RecordingId.TryParse(Path.GetFileName(folder), out var id))
                Unknown(log, folder);
            else if (!File.Exists(Path.Combine(folder, JournalFile.Name)) || ledger.Load(id) is null)
                NoJournal(log, folder);
            else
                found.Add(id);
        }

        return found;
    }

    /// <summary>Ends a recording that nobody writes any more; one that has ended stays as it is.</summary>
    public async Task RepairAsync(RecordingId id, CancellationToken cancellation)
    {
        if (!ledger.TryGet(id, out var history) || history.Ended is not null) return;
        try
        {
            foreach (var open in history.Segments.Where(segment => !segment.IsClosed))
            {
                var path = spool.PathOf(id, open.Number, open.Container);
                var repaired = File.Exists(path) ? await workshop.RepairAsync(path, cancellation) : null;
                if (repaired is null) NothingPlayable(log, path);
                ledger.Append(new SegmentClosed(id, open.Number, repaired?.Duration ?? TimeSpan.Zero, repaired?.Bytes ?? 0, SegmentEndReason.Repaired));
            }

            ledger.TryGet(id, out history);
            ledger.Append(new RecordingEnded(id, history!.Duration, RecordingEndReason.RecorderKilled));
            Repaired(log, id, history.Duration);
        }
        catch (Exception exception) when (exception is WorkshopException or IOException or UnauthorizedAccessException)
        {
            // Left as it is: the next start tries again.
            NotRepaired(log, id, exception.Message);
        }
    }

    [LoggerMessage(602, LogLevel.Warning, "{Folder} in the spool is no recording; it is left alone")]
    private static partial void Unknown(ILogger logger, string folder);

    [LoggerMessage(603, LogLevel.Warning, "{Folder} in the spool has no journal that begins with a start; it is left alone")]
    private static partial void NoJournal(ILogger logger, string folder);

    [LoggerMessage(604, LogLevel.Warning, "Nothing in the segment {Path} can be played; it is left out")]
    private static partial void NothingPlayable(ILogger logger, string path);

    [LoggerMessage(605, LogLevel.Information, "Recording {RecordingId}, whose recorder was killed, was repaired: {Duration}")]
    private static partial void Repaired(ILogger logger, RecordingId recordingId, TimeSpan duration);

    [LoggerMessage(606, LogLevel.Error, "Recording {RecordingId}, whose recorder was killed, could not be repaired: {Reason}")]
    private static partial void NotRepaired(ILogger logger, RecordingId recordingId, string reason);
}
