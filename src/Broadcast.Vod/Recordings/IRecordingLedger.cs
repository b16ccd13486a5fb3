namespace Broadcast.Vod.Recordings;

/// <summary>Where recorders tell what happened. Called by the threads of recorders, for each recording in order.</summary>
public interface IRecordingLedger
{
    /// <summary>
    /// Keeps an event. When it returns, the event is in the journal of the recording's folder; the catalogue follows by itself, however
    /// long it is locked or away. <see cref="SegmentGrown"/> is not kept in the journal: the file itself tells that.
    /// </summary>
    /// <exception cref="IOException">The journal cannot be written: the disk is full.</exception>
    void Append(RecordingEvent what);
}
