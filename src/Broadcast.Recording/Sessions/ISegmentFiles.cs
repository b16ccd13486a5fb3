using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Sessions;

/// <summary>Where segments are written to.</summary>
internal interface ISegmentFiles
{
    /// <summary>Begins a file.</summary>
    /// <param name="id">Of the recording, whose folder exists.</param>
    /// <param name="number">Of the segment.</param>
    /// <param name="container">What it becomes.</param>
    /// <param name="tracks">What will be in it.</param>
    /// <param name="date">The wall clock at its time 0.</param>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    ISegmentWriter Create(RecordingId id, int number, SegmentContainer container, IReadOnlyList<TrackFormat> tracks, DateTimeOffset date);

    /// <summary>Finds out whether a disk that was full has room again for a while, not just for a few events.</summary>
    /// <exception cref="IOException">It has not, or is gone.</exception>
    void RequireRoom(RecordingId id);

    /// <summary>Makes whole what could not be closed.</summary>
    /// <returns>Null when nothing in it can be played.</returns>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    RepairedSegment? Repair(RecordingId id, int number, SegmentContainer container);
}

/// <summary>Segments in the spool.</summary>
internal sealed class SegmentFiles(RecordingSpool spool) : ISegmentFiles
{
    /// <summary>Some seconds of a picture, and more than what is left in the last blocks of files of a full disk.</summary>
    private const int RoomToGoOn = 1 << 20;

    /// <inheritdoc/>
    public ISegmentWriter Create(RecordingId id, int number, SegmentContainer container, IReadOnlyList<TrackFormat> tracks, DateTimeOffset date) =>
        SegmentWriters.Create(spool.PathOf(id, number, container), container, tracks, new SegmentOptions { Date = date });

    /// <inheritdoc/>
    public void RequireRoom(RecordingId id)
    {
        // What a file system says it has free is not always to be had (quotas, reserves): only writing tells.
        var path = Path.Combine(spool.FolderOf(id), "room");
        using var room = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        room.Write(new byte[RoomToGoOn]);
    }

    /// <inheritdoc/>
    public RepairedSegment? Repair(RecordingId id, int number, SegmentContainer container)
    {
        var path = spool.PathOf(id, number, container);
        return File.Exists(path) ? SegmentRepair.Repair(path) : null;
    }
}
