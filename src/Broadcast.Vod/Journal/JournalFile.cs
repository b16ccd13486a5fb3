using System.Buffers;
using System.Text;
using System.Text.Json;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Journal;

/// <summary>The journal of one recording: a line of JSON for each event, given to the system one by one. Owned by one caller at a time.</summary>
/// <remarks>
/// A killed process loses nothing that was appended. What is torn (by a full disk, or by the machine's death) is a line that cannot be
/// read, and is skipped: the next one begins on a line of its own.
/// </remarks>
internal sealed partial class JournalFile : IDisposable
{
    /// <summary>Its name in the recording's folder.</summary>
    public const string Name = "journal.jsonl";

    private readonly FileStream _file;
    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _torn;

    private JournalFile(FileStream file) => _file = file;

    /// <summary>Opens or begins the journal of a folder, to append to it.</summary>
    public static JournalFile Open(string folder)
    {
        // Not buffered: one write for each line, so that a line is there as a whole or torn, never delayed.
        var file = new FileStream(Path.Combine(folder, Name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var journal = new JournalFile(file);
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            journal._torn = file.ReadByte() != '\n';
        }

        return journal;
    }

    /// <summary>Appends an event.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public void Append(RecordingEvent what)
    {
        _line.ResetWrittenCount();
        if (_torn) _line.Write("\n"u8);
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("kind", KindOf(what));
            json.WritePropertyName("event");
            JsonSerializer.Serialize(json, what, JournalJson.Default.GetTypeInfo(what.GetType())!);
            json.WriteEndObject();
        }

        _line.Write("\n"u8);
        _torn = true;
        _file.Write(_line.WrittenSpan);
        _torn = false;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads the journal of a folder; empty when there is none.</summary>
    /// <remarks>Lines that cannot be read, or are of a kind that this version does not know, are skipped with a warning.</remarks>
    public static IReadOnlyList<RecordingEvent> Read(string folder, ILogger log)
    {
        var path = Path.Combine(folder, Name);
        var events = new List<RecordingEvent>();
        if (!File.Exists(path)) return events;
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.UTF8);
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Length == 0) continue;
            try
            {
                using var document = JsonDocument.Parse(line);
                var kind = document.RootElement.GetProperty("kind").GetString();
                if (TypeOf(kind) is not { } type)
                    UnknownKind(log, path, number, kind);
                else if (document.RootElement.GetProperty("event").Deserialize(JournalJson.Default.GetTypeInfo(type)!) is RecordingEvent what)
                    events.Add(what);
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                Unreadable(log, path, number, exception.Message);
            }
        }

        return events;
    }

    private static string KindOf(RecordingEvent what) => what switch
    {
        RecordingStarted => "started",
        RecordingPromoted => "promoted",
        SegmentOpened => "opened",
        SegmentClosed => "closed",
        GapDeclared => "gap",
        RecordingEnded => "ended",
        FilesMade => "made",
        FilesStored => "stored",
        _ => throw new ArgumentException($"{what.GetType().Name} is not kept.", nameof(what)),
    };

    private static Type? TypeOf(string? kind) => kind switch
    {
        "started" => typeof(RecordingStarted),
        "promoted" => typeof(RecordingPromoted),
        "opened" => typeof(SegmentOpened),
        "closed" => typeof(SegmentClosed),
        "gap" => typeof(GapDeclared),
        "ended" => typeof(RecordingEnded),
        "made" => typeof(FilesMade),
        "stored" => typeof(FilesStored),
        _ => null,
    };

    [LoggerMessage(600, LogLevel.Warning, "{Path}, line {Line}: an event of the unknown kind {Kind} was skipped")]
    private static partial void UnknownKind(ILogger logger, string path, int line, string? kind);

    [LoggerMessage(601, LogLevel.Warning, "{Path}, line {Line} cannot be read and was skipped: {Reason}")]
    private static partial void Unreadable(ILogger logger, string path, int line, string reason);
}
