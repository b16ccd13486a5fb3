using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Jobs;

/// <summary>Makes files of files. Keeps no state and knows no catalogue: paths in, paths out.</summary>
/// <remarks>
/// Progress goes from 0 to 1. A cancelled call throws <see cref="OperationCanceledException"/> and leaves no file behind; what cannot be done
/// throws <see cref="WorkshopException"/> with a sentence for a person. Outputs are complete when a call returns: they have been read back.
/// </remarks>
public interface IMediaWorkshop
{
    /// <summary>Makes a segment whole whose writer was killed: cuts off what is torn, writes cues and duration, in place.</summary>
    /// <param name="path">Of the segment's file.</param>
    /// <param name="cancellation">To give up.</param>
    /// <returns>Null when nothing in it can be played; the file is then left as it is.</returns>
    Task<RepairedSegment?> RepairAsync(string path, CancellationToken cancellation);

    /// <summary>Joins segments to seekable files, one for each run of segments of the same format, without encoding again.</summary>
    /// <param name="order">What to join.</param>
    /// <param name="progress">From 0 to 1.</param>
    /// <param name="cancellation">To give up.</param>
    Task<IReadOnlyList<MediaFile>> FinishAsync(FinishOrder order, IProgress<double> progress, CancellationToken cancellation);

    /// <summary>Makes a poster (JPEG) and sprite sheets (JPEG tiles, at most 160 pixels across each) of a finished file.</summary>
    /// <param name="order">Of which file, and where to.</param>
    /// <param name="cancellation">To give up.</param>
    /// <returns>Null for a file without a picture.</returns>
    Task<PreviewFiles?> PreviewAsync(PreviewOrder order, CancellationToken cancellation);

    /// <summary>Cuts a clip at keyframes, without encoding again: it begins at the last keyframe at or before <see cref="ClipOrder.From"/>.</summary>
    /// <param name="order">What to cut.</param>
    /// <param name="progress">From 0 to 1.</param>
    /// <param name="cancellation">To give up.</param>
    Task<MediaFile> ClipAsync(ClipOrder order, IProgress<double> progress, CancellationToken cancellation);

    /// <summary>Makes one file of another format, size or codec.</summary>
    /// <param name="order">Of what, and what.</param>
    /// <param name="progress">From 0 to 1.</param>
    /// <param name="cancellation">To give up.</param>
    Task<MediaFile> ExportAsync(ExportOrder order, IProgress<double> progress, CancellationToken cancellation);
}

/// <summary>A segment to be joined.</summary>
/// <param name="Path">Of its file, which is complete.</param>
/// <param name="Start">The position of its time 0 on the recording's timeline.</param>
/// <param name="Duration">Of it.</param>
/// <param name="Container">What it is.</param>
/// <param name="Tracks">What is in it.</param>
public sealed record SegmentToJoin(string Path, TimeSpan Start, TimeSpan Duration, SegmentContainer Container, IReadOnlyList<RecordedTrack> Tracks);

/// <summary>Segments to be made seekable files of.</summary>
/// <param name="Segments">In order. Between them may be gaps, which stay: positions do not change.</param>
/// <param name="Folder">Where the files go to: an existing folder. They are named <c>part-1.webm</c>, <c>part-2.mkv</c> and so on.</param>
/// <param name="Title">For the file's own title.</param>
/// <param name="Date">For the file's own date.</param>
/// <param name="Chapters">Positions on the recording's timeline with names, such as gaps.</param>
public sealed record FinishOrder(
    IReadOnlyList<SegmentToJoin> Segments, string Folder, string Title, DateTimeOffset Date, IReadOnlyList<(TimeSpan At, string Name)> Chapters);

/// <summary>A file that was made.</summary>
/// <param name="Path">Of it.</param>
/// <param name="MediaType">With its codecs, such as <c>video/webm; codecs="vp8, opus"</c>.</param>
/// <param name="Start">The position of its time 0 on the recording's timeline.</param>
/// <param name="Duration">Of it.</param>
/// <param name="Bytes">Of it.</param>
/// <param name="Width">Pixels; 0 without a picture.</param>
/// <param name="Height">Pixels; 0 without a picture.</param>
public sealed record MediaFile(string Path, string MediaType, TimeSpan Start, TimeSpan Duration, long Bytes, int Width, int Height)
{
    /// <summary>Paths of segments within its time, or beside it, of which nothing could be read: there it has a gap.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
}

/// <summary>A preview to be made.</summary>
/// <param name="Path">Of a finished file.</param>
/// <param name="Folder">Where the files go to: <c>poster.jpg</c>, <c>sprite-1.jpg</c> and so on.</param>
/// <param name="Prefix">Put before these names; empty or such as <c>part-2-</c>.</param>
public sealed record PreviewOrder(string Path, string Folder, string Prefix);

/// <summary>Pictures of a file for those who look for a place in it.</summary>
/// <param name="Poster">Path of a picture from the first tenth.</param>
/// <param name="Sprites">Paths of the sheets, in order.</param>
/// <param name="Interval">Between two tiles.</param>
/// <param name="TileWidth">Pixels.</param>
/// <param name="TileHeight">Pixels.</param>
/// <param name="Columns">Tiles side by side.</param>
/// <param name="Rows">Tiles one below the other in a whole sheet.</param>
/// <param name="Tiles">On all sheets together.</param>
public sealed record PreviewFiles(
    string Poster, IReadOnlyList<string> Sprites, TimeSpan Interval, int TileWidth, int TileHeight, int Columns, int Rows, int Tiles);

/// <summary>A clip to be cut.</summary>
/// <param name="Path">Of a finished file.</param>
/// <param name="Output">Path of the clip; its ending says what it becomes (<c>.webm</c>, <c>.mkv</c>, <c>.mp4</c>).</param>
/// <param name="From">From the file's time 0 on.</param>
/// <param name="To">From the file's time 0 on; later than <paramref name="From"/>.</param>
/// <param name="Title">For the file's own title.</param>
public sealed record ClipOrder(string Path, string Output, TimeSpan From, TimeSpan To, string Title);

/// <summary>A file to be made of others.</summary>
/// <param name="Paths">Finished files of one recording, with their places on its timeline, in order.</param>
/// <param name="Output">Path of what is made; its ending says what it becomes.</param>
/// <param name="Video">How the picture gets there.</param>
/// <param name="Title">For the file's own title.</param>
public sealed record ExportOrder(IReadOnlyList<(string Path, TimeSpan Start)> Paths, string Output, ExportVideo Video, string Title);

/// <summary>How the picture of an export is made.</summary>
public enum ExportVideo
{
    /// <summary>As it is, without loss; for files of one format in a container that allows it (fragmented MP4, Matroska).</summary>
    Copy,

    /// <summary>Encoded again as VP9, sound as Opus, all parts in the size of the largest.</summary>
    Vp9,

    /// <summary>Encoded again as AV1, sound as Opus, all parts in the size of the largest.</summary>
    Av1,
}

/// <summary>A segment that was repaired.</summary>
/// <param name="Duration">Of what is whole.</param>
/// <param name="Bytes">Of the file now.</param>
public sealed record RepairedSegment(TimeSpan Duration, long Bytes);

/// <summary>Something that cannot be done; the message is for a person.</summary>
public sealed class WorkshopException : Exception
{
    /// <summary>Creates one.</summary>
    public WorkshopException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one.</summary>
    public WorkshopException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
