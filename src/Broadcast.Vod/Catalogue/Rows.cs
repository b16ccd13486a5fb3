using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Catalogue;

// What lies in the tables, in the types that both databases give for it. Dapper sets the members by the names of the columns.
#pragma warning disable CA1812, SA1300

internal sealed class RecordingRow
{
    public const string Columns = "id, stream, title, tags, state, started, ended, duration, bytes, error, node, trigger_by AS TriggerBy, continues, width, height, poster";

    public string Id { get; set; } = "";
    public string Stream { get; set; } = "";
    public string Title { get; set; } = "";
    public string Tags { get; set; } = "";
    public string State { get; set; } = "";
    public long Started { get; set; }
    public long? Ended { get; set; }
    public long Duration { get; set; }
    public long Bytes { get; set; }
    public string? Error { get; set; }
    public string Node { get; set; } = "";
    public string TriggerBy { get; set; } = "";
    public string? Continues { get; set; }
    public long Width { get; set; }
    public long Height { get; set; }
    public string? Poster { get; set; }

    public Recording ToRecording() => new(
        Values.ToId(Id), Stream, Title, Values.ToList(Tags), Enum.Parse<RecordingState>(State), Values.ToTime(Started), Values.ToTime(Ended), Values.ToSpan(Duration),
        Bytes, Error, Node, Enum.Parse<RecordingTrigger>(TriggerBy), Continues is null ? null : Values.ToId(Continues), (int)Width, (int)Height, Poster);
}

internal sealed class SegmentRow
{
    public long Number { get; set; }
    public string Container { get; set; } = "";
    public long StartAt { get; set; }
    public long Duration { get; set; }
    public long Bytes { get; set; }
    public string? EndReason { get; set; }
    public string Tracks { get; set; } = "";

    public Segment ToSegment() => new(
        (int)Number, Enum.Parse<SegmentContainer>(Container), Values.ToSpan(StartAt), Values.ToSpan(Duration), Bytes,
        EndReason is null ? null : Enum.Parse<SegmentEndReason>(EndReason), JsonSerializer.Deserialize(Tracks, RowJson.Default.IReadOnlyListRecordedTrack) ?? []);
}

internal sealed class GapRow
{
    public long StartAt { get; set; }
    public long Duration { get; set; }
    public long Missing { get; set; }
    public string Reason { get; set; } = "";

    public Gap ToGap() => new(Values.ToSpan(StartAt), Values.ToSpan(Duration), (MissingMedia)Missing, Enum.Parse<GapReason>(Reason));
}

internal sealed class FileRow
{
    public const string Columns = "name, kind, media_type AS MediaType, start_at AS StartAt, duration, bytes, width, height, title, in_store AS InStore";

    public string Name { get; set; } = "";
    public string Kind { get; set; } = "";
    public string MediaType { get; set; } = "";
    public long StartAt { get; set; }
    public long Duration { get; set; }
    public long Bytes { get; set; }
    public long Width { get; set; }
    public long Height { get; set; }
    public string Title { get; set; } = "";
    public long InStore { get; set; }

    public StoredFile ToFile() => new(
        Name, Enum.Parse<FileKind>(Kind), MediaType, Values.ToSpan(StartAt), Values.ToSpan(Duration), Bytes, (int)Width, (int)Height, Title, InStore != 0);
}

internal sealed class PreviewRow
{
    public string File { get; set; } = "";
    public string Poster { get; set; } = "";
    public string Sprites { get; set; } = "";
    public long Every { get; set; }
    public long TileWidth { get; set; }
    public long TileHeight { get; set; }
    public long TileColumns { get; set; }
    public long TileRows { get; set; }
    public long Tiles { get; set; }

    public Preview ToPreview() => new(
        File, Poster, Values.ToList(Sprites), Values.ToSpan(Every), (int)TileWidth, (int)TileHeight, (int)TileColumns, (int)TileRows, (int)Tiles);
}

internal sealed class JobRow
{
    public const string Columns =
        "id, recording, stream, kind, state, parameters, progress, created, started, ended, attempts, not_before AS NotBefore, error, file, node";

    public string Id { get; set; } = "";
    public string Recording { get; set; } = "";
    public string Stream { get; set; } = "";
    public string Kind { get; set; } = "";
    public string State { get; set; } = "";
    public string Parameters { get; set; } = "";
    public double Progress { get; set; }
    public long Created { get; set; }
    public long? Started { get; set; }
    public long? Ended { get; set; }
    public long Attempts { get; set; }
    public long NotBefore { get; set; }
    public string? Error { get; set; }
    public string? File { get; set; }
    public string Node { get; set; } = "";

    public Job ToJob() => new(
        Id, Values.ToId(Recording), Stream, Enum.Parse<JobKind>(Kind), Enum.Parse<JobState>(State), Parameters, Progress, Values.ToTime(Created), Values.ToTime(Started),
        Values.ToTime(Ended), (int)Attempts, Values.ToTime(NotBefore), Error, File, Node);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<RecordedTrack>))]
internal sealed partial class RowJson : JsonSerializerContext;

/// <summary>Values as both databases keep them.</summary>
internal static class Values
{
    private const char Separator = '\n';

    public static long Of(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    public static long Of(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static string Of(IEnumerable<string> list) => string.Join(Separator, list);

    public static TimeSpan ToSpan(long microseconds) => new(microseconds * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset ToTime(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? ToTime(long? milliseconds) => milliseconds is { } value ? ToTime(value) : null;

    public static IReadOnlyList<string> ToList(string text) => text.Length == 0 ? [] : text.Split(Separator);

    public static RecordingId ToId(string text) => RecordingId.TryParse(text, out var id) ? id : throw new InvalidDataException($"The catalogue has \"{text}\" as an id.");
}
