using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Journal;

/// <summary>What a journal keeps of events, and of what became of the recording after them.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = false, Converters = [typeof(RecordingIdConverter)])]
[JsonSerializable(typeof(RecordingStarted))]
[JsonSerializable(typeof(RecordingPromoted))]
[JsonSerializable(typeof(SegmentOpened))]
[JsonSerializable(typeof(SegmentClosed))]
[JsonSerializable(typeof(GapDeclared))]
[JsonSerializable(typeof(RecordingEnded))]
[JsonSerializable(typeof(FilesMade))]
[JsonSerializable(typeof(FilesStored))]
internal sealed partial class JournalJson : JsonSerializerContext;

/// <summary>An id as its text.</summary>
internal sealed class RecordingIdConverter : JsonConverter<RecordingId>
{
    public override RecordingId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        RecordingId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("No id of a recording.");

    public override void Write(Utf8JsonWriter writer, RecordingId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
