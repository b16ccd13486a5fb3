using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Broadcast.Signalling.Webhooks;

/// <summary>Deliveries that were given up, on disk: a line of JSON each. Thread-safe; the oldest go when there are too many.</summary>
internal sealed partial class DeadLetters
{
    /// <summary>Why a delivery is among these that was not given up: the next start takes it from here.</summary>
    public const string Stopped = "the node stopped before it was taken";

    private readonly Lock _lock = new();
    private readonly LinkedList<DeadLetter> _letters = new();
    private readonly string _path;
    private readonly int _limit;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private int _lines;

    /// <param name="path">The file; made when there is something to keep.</param>
    /// <param name="limit">Letters that are kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Hears of a disk that takes nothing.</param>
    public DeadLetters(string path, int limit, TimeProvider time, ILogger log)
    {
        (_path, _limit, _time, _log) = (path, limit, time, log);
        if (!File.Exists(path)) return;
        foreach (var line in File.ReadLines(path))
        {
            _lines++;
            if (Parse(line) is { } letter) _letters.AddLast(letter);
        }

        while (_letters.Count > limit) _letters.RemoveFirst();
    }

    public int Count
    {
        get
        {
            lock (_lock) return _letters.Count;
        }
    }

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<DeadLetter> List()
    {
        lock (_lock) return [.. _letters];
    }

    public void Add(WebhookTarget target, WebhookDelivery delivery, int attempts, string reason)
    {
        var letter = new DeadLetter(delivery.Id, target.Name, delivery.Event, delivery.At, _time.GetUtcNow(), attempts, reason, JsonDocument.Parse(delivery.Body).RootElement);
        lock (_lock)
        {
            _letters.AddLast(letter);
            while (_letters.Count > _limit) _letters.RemoveFirst();
            if (_lines > 2 * _limit) Rewrite();
            else Write(() => File.AppendAllText(_path, Line(letter)), 1);
        }
    }

    /// <summary>Takes a letter out.</summary>
    /// <returns>Null when there is none of this id.</returns>
    public DeadLetter? Take(string id)
    {
        lock (_lock)
        {
            if (_letters.FirstOrDefault(letter => letter.Id == id) is not { } found) return null;
            _letters.Remove(found);
            Rewrite();
            return found;
        }
    }

    /// <summary>Takes out what only waits for a start of the node.</summary>
    public IReadOnlyList<DeadLetter> TakeStopped(WebhookTarget target)
    {
        lock (_lock)
        {
            DeadLetter[] found = [.. _letters.Where(letter => letter.Target == target.Name && letter.Reason == Stopped)];
            foreach (var letter in found) _letters.Remove(letter);
            if (found.Length > 0) Rewrite();
            return found;
        }
    }

    private static DeadLetter? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, WebhookJson.Default.DeadLetter);
        }
        catch (JsonException)
        {
            return null; // torn when the node died
        }
    }

    // A line that a dying node has torn must not spoil the next: each begins on a line of its own.
    private string Line(DeadLetter letter) => (_lines == 0 ? "" : "\n") + JsonSerializer.Serialize(letter, WebhookJson.Default.DeadLetter);

    private void Rewrite()
    {
        var lines = string.Join('\n', _letters.Select(letter => JsonSerializer.Serialize(letter, WebhookJson.Default.DeadLetter)));
        _lines = 0;
        Write(
            () =>
            {
                File.WriteAllText(_path + ".new", lines);
                File.Move(_path + ".new", _path, overwrite: true);
            },
            _letters.Count);
    }

    private void Write(Action write, int lines)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            write();
            _lines += lines;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            NotKept(_log, _path, exception.Message);
        }
    }

    [LoggerMessage(642, LogLevel.Warning, "Webhook deliveries that were given up cannot be kept in {Path}: {Reason}")]
    private static partial void NotKept(ILogger logger, string path, string reason);
}

/// <summary>A delivery that was given up.</summary>
/// <param name="Id">Of the delivery; the same when it is sent again.</param>
/// <param name="Target">Whom it was for.</param>
/// <param name="Event">What happened.</param>
/// <param name="At">When.</param>
/// <param name="FailedAt">When it was given up.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Reason">What was wrong with the last try.</param>
/// <param name="Body">What is sent.</param>
public sealed record DeadLetter(string Id, string Target, string Event, DateTimeOffset At, DateTimeOffset FailedAt, int Attempts, string Reason, JsonElement Body)
{
    internal WebhookDelivery ToDelivery() => new(Id, Event, At, JsonSerializer.SerializeToUtf8Bytes(Body, WebhookJson.Default.JsonElement));
}
