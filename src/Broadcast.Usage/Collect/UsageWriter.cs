using Broadcast.Usage.Files;
using Broadcast.Usage.Records;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Usage.Collect;

/// <summary>Writes once a second what ended, and what is open as often as it is cheap. The only one that waits for the disk.</summary>
/// <remarks>
/// Open sessions are written anew each second while they are a thousand at most, and less often when they are more, down to once
/// in <see cref="LongestPeriod"/>. New ones are added each second. What cannot be written is tried again each second.
/// </remarks>
internal sealed partial class UsageWriter(UsageBook book, UsageFolder folder, UsageOptions options, TimeProvider time, ILogger<UsageWriter> log) : BackgroundService
{
    /// <summary>Between two times that all open sessions are written.</summary>
    public static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(30);

    private const int OpenPerSecond = 1000;
    private const int MaxWaiting = 100_000;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Housekeeping = TimeSpan.FromHours(1);

    private readonly List<UsageRecord> _waiting = [];
    private HashSet<string> _endedBefore = new(StringComparer.Ordinal);
    private long _openWrittenAt;
    private long _keptAt;
    private bool _isFailing;
    private long _written;

    /// <summary>Records that were written.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Ended sessions that wait for a disk that takes nothing.</summary>
    public int Waiting { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the start of the node does not wait for this disk
        UsageFiles? files = null;
        try
        {
            using var timer = new PeriodicTimer(Tick, time);
            do
            {
                files ??= TryOpen();
                TryWrite(files);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The media plane has stopped before: all sessions have ended.
            TryWrite(files);
        }
        finally
        {
            files?.Dispose();
        }
    }

    private UsageFiles? TryOpen()
    {
        try
        {
            var files = UsageFiles.Open(folder, time.GetUtcNow());
            Interlocked.Add(ref _written, files.Interrupted.Count);
            if (files.Interrupted.Count > 0 || files.Cut > 0) Recovered(log, folder.Path, files.Interrupted.Count, files.Cut);
            Works();
            return files;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fails(exception);
            return null;
        }
    }

    private void TryWrite(UsageFiles? files)
    {
        try
        {
            Write(files);
            if (files is not null) Works();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fails(exception);
        }
    }

    private void Write(UsageFiles? files)
    {
        // :: Step 1: who is open, before looking at who ended: nobody is in neither
        var period = TimeSpan.FromSeconds(Math.Clamp(book.OpenCount / (double)OpenPerSecond, 0, LongestPeriod.TotalSeconds));
        var isDue = _openWrittenAt == 0 || time.GetElapsedTime(_openWrittenAt) >= period - (Tick / 2);
        var open = book.Take(newOnly: !isDue);

        // :: Step 2: who ended
        while (book.TryTake(out var record)) _waiting.Add(record);
        if (_waiting.Count > MaxWaiting)
        {
            book.CountLost(_waiting.Count - MaxWaiting);
            _waiting.RemoveRange(0, _waiting.Count - MaxWaiting);
        }

        Waiting = _waiting.Count;
        if (files is null) return;
        var ended = _waiting.Select(record => record.SessionId).ToHashSet(StringComparer.Ordinal);
        files.Append(_waiting, time.GetUtcNow());
        Interlocked.Add(ref _written, _waiting.Count);
        _waiting.Clear();
        Waiting = 0;

        // :: Step 3: those who are open, but for one that had left the book a moment too late
        open = [.. open.Where(record => !ended.Contains(record.SessionId) && !_endedBefore.Contains(record.SessionId))];
        _endedBefore = ended;
        if (isDue)
        {
            files.ReplaceOpen(open);
            _openWrittenAt = time.GetTimestamp();
        }
        else
        {
            files.AddOpen(open);
        }

        // :: Step 4: what is too old
        if (options.MaxAge is not { } age || (_keptAt != 0 && time.GetElapsedTime(_keptAt) < Housekeeping)) return;
        _keptAt = time.GetTimestamp();
        var deleted = files.DeleteBefore(time.GetUtcNow() - age);
        if (deleted > 0) Deleted(log, deleted, age);
    }

    private void Works()
    {
        if (_isFailing) Mended(log, folder.Path);
        _isFailing = false;
    }

    private void Fails(Exception exception)
    {
        if (!_isFailing) NotWritten(log, folder.Path, exception.Message);
        _isFailing = true;
    }

    [LoggerMessage(670, LogLevel.Warning, "Usage records cannot be written to {Folder}, they wait in memory: {Reason}")]
    private static partial void NotWritten(ILogger logger, string folder, string reason);

    [LoggerMessage(671, LogLevel.Information, "Usage records are written to {Folder} again")]
    private static partial void Mended(ILogger logger, string folder);

    [LoggerMessage(672, LogLevel.Information, "Usage records in {Folder}: {Sessions} sessions had no end and were marked as interrupted, {Bytes} torn bytes were cut")]
    private static partial void Recovered(ILogger logger, string folder, int sessions, long bytes);

    [LoggerMessage(673, LogLevel.Information, "{Files} files of usage records older than {Age} were deleted")]
    private static partial void Deleted(ILogger logger, int files, TimeSpan age);
}
