using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Catalogue;

/// <summary>How far a recording is.</summary>
/// <remarks>recording → finishing → ready; any of them → failed; ready or failed → deleted.</remarks>
internal enum RecordingState
{
    Recording,
    Finishing,
    Ready,
    Failed,

    /// <summary>Shown to nobody; some of its files may still be there.</summary>
    Deleted,
}

/// <summary>A segment of a recording.</summary>
internal sealed record Segment(int Number, SegmentContainer Container, TimeSpan Start, TimeSpan Duration, long Bytes, SegmentEndReason? EndReason, IReadOnlyList<RecordedTrack> Tracks)
{
    public bool IsClosed => EndReason is not null;

    public bool IsPlayable => IsClosed && Duration > TimeSpan.Zero;

    public string FileName => SegmentFile.NameOf(Number, Container);

    public int Width => Tracks.Select(track => track.Width).DefaultIfEmpty().Max();

    public int Height => Tracks.Select(track => track.Height).DefaultIfEmpty().Max();

    /// <summary>With its codecs, as <c>MediaSource</c> takes it.</summary>
    public string MediaType =>
        $"{(Tracks.Any(track => track.IsVideo) ? "video" : "audio")}/{(Container switch { SegmentContainer.WebM => "webm", SegmentContainer.Mp4 => "mp4", _ => "x-matroska" })}; codecs=\"{string.Join(", ", Tracks.Select(track => track.CodecString))}\"";

    public static Segment Of(SegmentOpened opened) => new(opened.Number, opened.Container, opened.Start, TimeSpan.Zero, 0, null, opened.Tracks);
}

/// <summary>A time without picture or sound.</summary>
internal sealed record Gap(TimeSpan At, TimeSpan Duration, MissingMedia Missing, GapReason Reason);

/// <summary>A place with a name.</summary>
internal sealed record Chapter(TimeSpan At, string Name)
{
    // A chapter for each lost packet would bury those that a person looks for.
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<Chapter> Of(IEnumerable<Gap> gaps)
    {
        var after = gaps.Where(gap => gap.Duration >= Noticeable || gap.Reason is GapReason.PublisherAway or GapReason.RecorderRestarted)
            .OrderBy(gap => gap.At).Select(gap => new Chapter(gap.At + gap.Duration, NameOf(gap.Reason))).ToList();
        return after.Count > 0 ? [new Chapter(TimeSpan.Zero, "Start"), .. after] : [];
    }

    private static string NameOf(GapReason reason) => reason switch
    {
        GapReason.PublisherAway => "The publisher is back",
        GapReason.RecorderRestarted => "The recorder is back",
        _ => "After a gap",
    };
}

/// <summary>What a file of a recording is.</summary>
internal enum FileKind
{
    /// <summary>A finished file.</summary>
    Part,

    /// <summary>A poster or a sprite sheet.</summary>
    Picture,
    Clip,
    Export,
}

/// <summary>A file of a recording, in the store or still in the spool.</summary>
internal sealed record StoredFile(
    string Name, FileKind Kind, string MediaType, TimeSpan Start, TimeSpan Duration, long Bytes, int Width, int Height, string Title = "", bool InStore = false);

/// <summary>Pictures of a part.</summary>
internal sealed record Preview(
    string File, string Poster, IReadOnlyList<string> Sprites, TimeSpan Interval, int TileWidth, int TileHeight, int Columns, int Rows, int Tiles);

/// <summary>A recording as the catalogue knows it.</summary>
internal sealed record Recording(
    RecordingId Id, string Stream, string Title, IReadOnlyList<string> Tags, RecordingState State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt,
    TimeSpan Duration, long Bytes, string? Error, string Node, RecordingTrigger Trigger, RecordingId? Continues, int Width, int Height, string? Poster);

/// <summary>All that belongs to a recording.</summary>
internal sealed record RecordingDetails(
    Recording Recording, IReadOnlyList<Segment> Segments, IReadOnlyList<Gap> Gaps, IReadOnlyList<StoredFile> Files, IReadOnlyList<Preview> Previews);

/// <summary>Which recordings are wanted, the newest first.</summary>
/// <param name="Stream">Of this stream only.</param>
/// <param name="State">In this state only; null stands for all but the deleted.</param>
/// <param name="Text">Somewhere in title, stream or tags.</param>
/// <param name="Node">Of this node only.</param>
/// <param name="After">Older than this one.</param>
/// <param name="Limit">At most so many.</param>
internal sealed record RecordingQuery(
    string? Stream = null, RecordingState? State = null, string? Text = null, string? Node = null, RecordingId? After = null, int Limit = 50);

/// <summary>What a job does.</summary>
internal enum JobKind
{
    Finish,
    Upload,
    Clip,
    Export,
}

/// <summary>queued → running → done, failed or cancelled; back to queued when it shall be tried again.</summary>
internal enum JobState
{
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// <summary>A piece of work.</summary>
internal sealed record Job(
    string Id, RecordingId Recording, string Stream, JobKind Kind, JobState State, string Parameters, double Progress, DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, int Attempts, DateTimeOffset NotBefore, string? Error, string? File, string Node)
{
    public bool IsOver => State is JobState.Done or JobState.Failed or JobState.Cancelled;
}
