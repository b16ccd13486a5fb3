using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Journal;

/// <summary>The recording's files were made; they lie in the spool. With it a lost catalogue can be made again.</summary>
/// <param name="Id">Of the recording.</param>
/// <param name="Files">The finished files.</param>
/// <param name="Previews">Their pictures.</param>
internal sealed record FilesMade(RecordingId Id, IReadOnlyList<StoredFile> Files, IReadOnlyList<Preview> Previews) : RecordingEvent(Id);

/// <summary>All files that were made are in the store now, and may be missing from the spool.</summary>
/// <param name="Id">Of the recording.</param>
internal sealed record FilesStored(RecordingId Id) : RecordingEvent(Id);
