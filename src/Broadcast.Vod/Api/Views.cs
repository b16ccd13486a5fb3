using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Api;

/// <summary>A recording in the REST interface and in webhooks.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Stream">What was recorded.</param>
/// <param name="Title">Empty until somebody gives one.</param>
/// <param name="Tags">In the order in which they were given.</param>
/// <param name="State">"recording", "interrupted" (its node is away), "finishing", "ready" or "failed".</param>
/// <param name="StartedAt">By the clock of the recorder.</param>
/// <param name="EndedAt">Null while it is recorded.</param>
/// <param name="Duration">Seconds, gaps included.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Error">A sentence about what is wrong or missing; null for nothing.</param>
/// <param name="Node">The node that records or recorded.</param>
/// <param name="Trigger">"policy" or "request".</param>
/// <param name="Continues">The recording of a recorder that died, of which this is the rest.</param>
/// <param name="Width">Pixels; 0 when unknown.</param>
/// <param name="Height">Pixels; 0 when unknown.</param>
/// <param name="Poster">URL of a picture; null without one.</param>
/// <param name="Page">URL of its page.</param>
public sealed record RecordingView(
    string Id, string Stream, string Title, IReadOnlyList<string> Tags, string State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, double Duration, long Bytes,
    string? Error, string Node, string Trigger, string? Continues, int Width, int Height, string? Poster, string Page)
{
    /// <summary>The state of a recording whose node is away; the catalogue has none for it.</summary>
    internal const string Interrupted = "interrupted";

    private const string NodeIsAway = "The node that recorded it is away. What it recorded is there again when the node is back.";

    internal static RecordingView Of(Recording recording, string pathBase, RecordingHistory? live = null, bool isInterrupted = false)
    {
        // The catalogue hears of whole segments only.
        var growing = recording.State is RecordingState.Recording ? live : null;
        return new RecordingView(
            recording.Id.ToString(), recording.Stream, recording.Title, recording.Tags, isInterrupted ? Interrupted : Words.Of(recording.State), recording.StartedAt, recording.EndedAt,
            Words.Seconds(growing?.Duration ?? recording.Duration), growing?.Bytes ?? recording.Bytes, recording.Error ?? (isInterrupted ? NodeIsAway : null), recording.Node, Words.Of(recording.Trigger),
            recording.Continues?.ToString(), recording.Width, recording.Height,
            recording.Poster is { } poster ? Urls.File(pathBase, recording.Id, poster) : null, Urls.Page(pathBase, recording.Id));
    }

    internal static RecordingView Of(RecordingHistory history) => Of(
        new Recording(
            history.Id, history.Started.StreamId, "", [], history.State, history.Started.At, history.EndedAt, history.Duration, history.Bytes, history.Error,
            history.Started.RecorderNode, history.Started.Trigger, history.Started.Continues, history.Segments.Select(segment => segment.Width).DefaultIfEmpty().Max(),
            history.Segments.Select(segment => segment.Height).DefaultIfEmpty().Max(), null),
        "");
}

/// <summary>Recordings, the newest first.</summary>
/// <param name="Recordings">At most as many as were asked for.</param>
/// <param name="Next">To be given as <c>after</c> for those that follow; null when there are no more.</param>
public sealed record RecordingListView(IReadOnlyList<RecordingView> Recordings, string? Next);

/// <summary>Whether a stream is being recorded, and by which node.</summary>
public sealed record RecordingStatusView(bool Active, string? Id, DateTimeOffset? StartedAt, string? Trigger, string? Node);

/// <summary>The recording that was started or stopped.</summary>
public sealed record RecordingIdView(string Id);

/// <summary>What shall be changed of a recording; what is left out stays.</summary>
/// <param name="Title">At most 200 characters.</param>
/// <param name="Tags">At most 20 of at most 40 characters.</param>
public sealed record RecordingEdit(string? Title, IReadOnlyList<string>? Tags);

/// <summary>A clip to be cut.</summary>
/// <param name="From">Seconds of the recording.</param>
/// <param name="To">Seconds of the recording; later.</param>
/// <param name="Title">At most 200 characters.</param>
public sealed record ClipRequest(double? From, double? To, string? Title);

/// <summary>A file to be made of a recording.</summary>
/// <param name="Format">"webm", "mkv" or "mp4".</param>
/// <param name="Video">"copy", "vp9" or "av1"; copy when left out.</param>
public sealed record ExportRequest(string? Format, string? Video);

/// <summary>A piece of work in the REST interface.</summary>
/// <param name="Id">Its name in addresses.</param>
/// <param name="Recording">Of which recording.</param>
/// <param name="Stream">Of which stream.</param>
/// <param name="Kind">"finish", "upload", "clip" or "export".</param>
/// <param name="State">"queued", "running", "done", "failed" or "cancelled".</param>
/// <param name="Progress">From 0 to 1.</param>
/// <param name="CreatedAt">When it was wanted.</param>
/// <param name="StartedAt">When it began, the last time.</param>
/// <param name="EndedAt">When it was over.</param>
/// <param name="Attempts">How often it began.</param>
/// <param name="Error">Why it failed, or why it is tried again.</param>
/// <param name="File">URL of what was made.</param>
public sealed record JobView(
    string Id, string Recording, string Stream, string Kind, string State, double Progress, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
    int Attempts, string? Error, string? File)
{
    internal static JobView Of(Job job, string pathBase) => new(
        job.Id, job.Recording.ToString(), job.Stream, Words.Of(job.Kind), Words.Of(job.State), Math.Round(job.Progress, 3), job.CreatedAt, job.StartedAt, job.EndedAt, job.Attempts,
        job.Error, job.File is { } file ? Urls.File(pathBase, job.Recording, file) : null);
}

/// <summary>Jobs, the newest first.</summary>
public sealed record JobListView(IReadOnlyList<JobView> Jobs);

/// <summary>What there is to play of a recording.</summary>
internal sealed record IndexView(
    string Id, string Stream, string Title, IReadOnlyList<string> Tags, string State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, double Duration, string? Error,
    IReadOnlyList<FileView> Files, IReadOnlyList<SegmentView> Segments, IReadOnlyList<GapView> Gaps, IReadOnlyList<ChapterView> Chapters,
    IReadOnlyList<PreviewView> Previews, IReadOnlyList<ClipView> Clips);

/// <summary>A finished file.</summary>
internal sealed record FileView(string Name, string Url, string Type, double Start, double Duration, long Bytes, int Width, int Height);

/// <summary>A clip or an export.</summary>
internal sealed record ClipView(string Name, string Url, string Type, string Title, double Start, double Duration, long Bytes, int Width, int Height, string Kind);

/// <summary>A segment to be played while the recording is not ready.</summary>
internal sealed record SegmentView(
    int Number, string Url, string Type, double Start, double Duration, long Bytes, int Width, int Height, bool Complete, IReadOnlyList<IReadOnlyList<double>> Boundaries);

/// <summary>A time without picture or sound.</summary>
internal sealed record GapView(double At, double Duration, IReadOnlyList<string> Missing, string Reason);

/// <summary>A place with a name.</summary>
internal sealed record ChapterView(double At, string Name);

/// <summary>Pictures of a finished file.</summary>
internal sealed record PreviewView(
    string File, double Start, double Duration, string Poster, IReadOnlyList<string> Sprites, double Interval, int TileWidth, int TileHeight, int Columns, int Rows, int Tiles);

/// <summary>Values as the interface says them.</summary>
internal static class Words
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>Milliseconds are what files have.</summary>
    public static double Seconds(TimeSpan span) => Math.Round(span.TotalSeconds, 3);

    public static bool TryParse<T>(string text, out T value)
        where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (Of(candidate) != text) continue;
            value = candidate;
            return true;
        }

        value = default;
        return false;
    }
}

/// <summary>Addresses of recordings; all parts are ids and names of this program's own.</summary>
internal static class Urls
{
    public static string Page(string pathBase, RecordingId id) => $"{pathBase}/vod/{id}";

    public static string File(string pathBase, RecordingId id, string name) => $"{pathBase}/vod/{id}/files/{name}";

    public static string Segment(string pathBase, RecordingId id, int number) => $"{pathBase}/vod/{id}/segments/{number}";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RecordingView))]
[JsonSerializable(typeof(RecordingListView))]
[JsonSerializable(typeof(RecordingStatusView))]
[JsonSerializable(typeof(RecordingIdView))]
[JsonSerializable(typeof(RecordingEdit))]
[JsonSerializable(typeof(ClipRequest))]
[JsonSerializable(typeof(ExportRequest))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobListView))]
[JsonSerializable(typeof(IndexView))]
[JsonSerializable(typeof(Hooks.RecordingNews))]
internal sealed partial class VodJson : JsonSerializerContext;
