namespace Broadcast.Vod.Recordings;

/// <summary>Recordings of this node that were made beside another node's, and what becomes of recordings when one of the two dies. Thread-safe.</summary>
public interface IStandbyRecordings
{
    /// <summary>Those in the spool, also of an earlier process and those that were promoted.</summary>
    IReadOnlyList<StandbyRecording> All { get; }

    /// <summary>The other one was cut short: from now on this is a recording like any other.</summary>
    /// <exception cref="IOException">The journal cannot be written now.</exception>
    void Promote(RecordingId id);

    /// <summary>The other one is whole: this one, which has ended, is deleted. Nobody has been told of it.</summary>
    /// <exception cref="IOException">The folder cannot be deleted now.</exception>
    void Discard(RecordingId id);

    /// <summary>Whether this node knows a recording, and how that ended; null while it has not, as when it is about to be repaired.</summary>
    ValueTask<(bool IsKnown, RecordingEndReason? End)> EndOfAsync(RecordingId id, CancellationToken cancellation);

    /// <summary>
    /// Deletes a recording of this node that was cut short, as another node has the whole of it. One that began noticeably earlier than
    /// the other is kept: its beginning is nowhere else.
    /// </summary>
    /// <returns>False when that cannot be done now.</returns>
    Task<bool> TrySupersedeAsync(RecordingId id, DateTimeOffset startedAt, CancellationToken cancellation);
}

/// <summary>A recording that was made beside another node's.</summary>
/// <param name="Id">Of it.</param>
/// <param name="StreamId">What is recorded.</param>
/// <param name="StartedAt">By the clock of this node.</param>
/// <param name="Of">The recording in whose place it stands.</param>
/// <param name="OfNode">Who makes that.</param>
/// <param name="IsPromoted">It has taken that place.</param>
/// <param name="EndedAt">Null while it runs, or is repaired.</param>
public sealed record StandbyRecording(RecordingId Id, string StreamId, DateTimeOffset StartedAt, RecordingId Of, string OfNode, bool IsPromoted, DateTimeOffset? EndedAt);
