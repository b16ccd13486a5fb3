using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Catalogue;

/// <summary>What recordings there are. Thread-safe. A copy of what journals tell, beside titles, tags and jobs, which are its own.</summary>
/// <remarks>Each call throws <see cref="CatalogueUnavailableException"/> while the database is locked or away; nothing was changed then.</remarks>
internal interface ICatalogue
{
    /// <summary>Creates the tables, or brings those of an older version up to date; to be called before all others, again until it works.</summary>
    /// <exception cref="InvalidDataException">The tables are of a newer version than this program's.</exception>
    Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Takes over what a journal comes to. A state never goes back.</summary>
    Task FollowAsync(RecordingHistory history, CancellationToken cancellation);

    Task<Recording?> FindAsync(RecordingId id, CancellationToken cancellation);

    Task<RecordingDetails?> GetDetailsAsync(RecordingId id, CancellationToken cancellation);

    Task<StoredFile?> FindFileAsync(RecordingId id, string name, CancellationToken cancellation);

    /// <summary>The files of a recording, also of one that is deleted.</summary>
    Task<IReadOnlyList<StoredFile>> ListFilesAsync(RecordingId id, CancellationToken cancellation);

    Task<IReadOnlyList<Recording>> ListAsync(RecordingQuery query, CancellationToken cancellation);

    /// <summary>Changes title or tags; null leaves as it is.</summary>
    /// <returns>Null when there is no such recording.</returns>
    Task<Recording?> EditAsync(RecordingId id, string? title, IReadOnlyList<string>? tags, CancellationToken cancellation);

    /// <summary>Sets the state whatever it was; the error too, where one is given.</summary>
    Task SetStateAsync(RecordingId id, RecordingState state, string? error, CancellationToken cancellation);

    /// <summary>Sets or takes away what a person is told.</summary>
    Task SetErrorAsync(RecordingId id, string? error, CancellationToken cancellation);

    /// <summary>The finished files are there, and the recording is ready unless it was deleted.</summary>
    Task AddFilesAsync(RecordingId id, IReadOnlyList<StoredFile> files, IReadOnlyList<Preview> previews, CancellationToken cancellation);

    /// <summary>Adds a clip or an export, or replaces one of this name.</summary>
    Task AddFileAsync(RecordingId id, StoredFile file, CancellationToken cancellation);

    Task MarkStoredAsync(RecordingId id, string name, CancellationToken cancellation);

    /// <summary>Forgets a recording and all that belongs to it but its jobs.</summary>
    Task RemoveAsync(RecordingId id, CancellationToken cancellation);

    /// <summary>
    /// The same for a recording that was deleted and that late news brought back. One in the state <see cref="RecordingState.Deleted"/> stays:
    /// it still has files in the store, and only its row tells of them.
    /// </summary>
    Task RemoveReturnedAsync(RecordingId id, CancellationToken cancellation);

    Task SaveJobAsync(Job job, CancellationToken cancellation);

    Task<Job?> FindJobAsync(string id, CancellationToken cancellation);

    /// <summary>Jobs, the newest first.</summary>
    Task<IReadOnlyList<Job>> ListJobsAsync(RecordingId? recording, JobState? state, int limit, CancellationToken cancellation);

    /// <summary>Jobs of a node that are not over, the oldest first.</summary>
    Task<IReadOnlyList<Job>> ListOpenJobsAsync(string node, CancellationToken cancellation);
}

/// <summary>The catalogue is locked or away.</summary>
internal sealed class CatalogueUnavailableException(Exception inner) : Exception("The catalogue of recordings does not answer: " + inner.Message, inner);
