using System.Buffers;
using System.Buffers.Binary;
using Broadcast.Usage.Records;

namespace Broadcast.Usage.Files;

/// <summary>Writes a folder: segments of ended sessions, and one file of those that are open. Owned by one caller at a time.</summary>
/// <remarks>
/// The file of open sessions begins with a place in the segments: those in it were open when the segments ended there. So after a
/// crash each of them whose end does not stand behind that place has lost its end, and its last record becomes it.
/// A write that fails leaves nothing half done: the file is cut back to where it was, and the caller may try again.
/// </remarks>
internal sealed class UsageFiles : IDisposable
{
    /// <summary>A full segment is followed by another; readers hold one in memory.</summary>
    public const long MaxSegment = 8 * 1024 * 1024;

    private const string OpenName = "open.seg";
    private const string LockName = "lock";

    private readonly UsageFolder _folder;
    private readonly FileStream _lock;
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private FileStream? _segment;
    private FileStream? _open;
    private long _number;
    private DateOnly _day;

    private UsageFiles(UsageFolder folder, FileStream held) => (_folder, _lock) = (folder, held);

    /// <summary>Records that no end was written of before the process died.</summary>
    public IReadOnlyList<UsageRecord> Interrupted { get; private set; } = [];

    /// <summary>Bytes cut from a torn tail at start.</summary>
    public long Cut { get; private set; }

    private UsagePosition End => new(_number, _segment?.Length ?? 0);

    private string OpenPath => Path.Combine(_folder.Path, OpenName);

    /// <summary>Takes the folder, cuts what is torn, and ends what a dead process left open.</summary>
    /// <exception cref="IOException">It is in use, or the disk is full or gone.</exception>
    public static UsageFiles Open(UsageFolder folder, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder.Path);
        var files = new UsageFiles(folder, new FileStream(Path.Combine(folder.Path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        try
        {
            files.Recover(now);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Appends ended sessions and gives them to the disk.</summary>
    /// <exception cref="IOException">Nothing was written.</exception>
    public void Append(IReadOnlyCollection<UsageRecord> ended, DateTimeOffset now)
    {
        if (ended.Count == 0) return;
        var segment = SegmentFor(now);
        WriteTo(segment, ended);
    }

    /// <summary>Writes all sessions that are open, in the place of what was written of them before.</summary>
    /// <exception cref="IOException">What was written before stays.</exception>
    public void ReplaceOpen(IReadOnlyCollection<UsageRecord> open)
    {
        var temporary = OpenPath + ".new";
        Span<byte> place = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(place, End.Segment);
        BinaryPrimitives.WriteInt64LittleEndian(place[8..], End.Offset);
        _buffer.ResetWrittenCount();
        _buffer.Write(UsageFrames.FileHeader);
        UsageFrames.Write(_buffer, place);
        foreach (var record in open) UsageFrames.Write(_buffer, record);
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            file.Write(_buffer.WrittenSpan);
            file.Flush(flushToDisk: true);
        }

        _open?.Dispose();
        _open = null;
        File.Move(temporary, OpenPath, overwrite: true);
    }

    /// <summary>Adds sessions to those that are written as open.</summary>
    /// <exception cref="IOException">Nothing was written.</exception>
    public void AddOpen(IReadOnlyCollection<UsageRecord> open)
    {
        if (open.Count == 0) return;
        if (!File.Exists(OpenPath))
        {
            ReplaceOpen(open);
            return;
        }

        _open ??= AtEnd(OpenPath);
        WriteTo(_open, open);
    }

    /// <summary>Deletes segments whose newest record is older than a time, but not the one that is being written.</summary>
    /// <returns>How many.</returns>
    public int DeleteBefore(DateTimeOffset oldest)
    {
        var deleted = 0;
        foreach (var segment in _folder.Segments())
        {
            var file = _folder.PathOf(segment);
            if (segment == _number || File.GetLastWriteTimeUtc(file) >= oldest.UtcDateTime) continue;
            var frames = UsageFrames.Read(UsageFolder.ReadFile(file)).Frames;
            if (frames.Any(frame => UsageCodec.Read(frame.Payload) is { } record && record.EndedAt >= oldest)) continue;
            File.Delete(file);
            deleted++;
        }

        return deleted;
    }

    public void Dispose()
    {
        _segment?.Dispose();
        _open?.Dispose();
        _lock.Dispose();
    }

    private static FileStream AtEnd(string path)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        file.Seek(0, SeekOrigin.End);
        return file;
    }

    private void Recover(DateTimeOffset now)
    {
        // :: Step 1: the last segment without its torn tail
        var segments = _folder.Segments();
        _number = segments.Count > 0 ? segments[^1] : 0;
        if (_number > 0) Continue(_number);

        // :: Step 2: what was open and did not end
        var ended = new HashSet<string>(StringComparer.Ordinal);
        var open = new Dictionary<string, UsageRecord>(StringComparer.Ordinal);
        var frames = UsageFrames.Read(UsageFolder.ReadFile(OpenPath)).Frames;
        if (frames.Count > 0 && frames[0].Payload.Length == 16)
        {
            var place = frames[0].Payload.Span;
            var since = new UsagePosition(BinaryPrimitives.ReadInt64LittleEndian(place), BinaryPrimitives.ReadInt64LittleEndian(place[8..]));
            foreach (var frame in frames.Skip(1))
            {
                if (UsageCodec.Read(frame.Payload) is { } record) open[record.SessionId] = record;
            }

            foreach (var segment in segments.Where(segment => segment >= since.Segment))
            {
                var behind = UsageFrames.Read(UsageFolder.ReadFile(_folder.PathOf(segment)), segment == since.Segment ? since.Offset : 0);
                foreach (var frame in behind.Frames) ended.Add(UsageCodec.Read(frame.Payload)?.SessionId ?? "");
            }
        }

        // :: Step 3: their last record is their end
        Interrupted = [.. open.Values.Where(record => record.Duration > TimeSpan.Zero && !ended.Contains(record.SessionId)).Select(record => record with { Interrupted = true })];
        Append(Interrupted, now);
        ReplaceOpen([]);
    }

    private void Continue(long number)
    {
        var path = _folder.PathOf(number);
        var end = UsageFrames.Read(UsageFolder.ReadFile(path)).End;
        _segment = AtEnd(path);
        if (_segment.Length > end)
        {
            Cut = _segment.Length - end;
            _segment.SetLength(end);
            _segment.Seek(0, SeekOrigin.End);
        }

        if (end == 0) _segment.Write(UsageFrames.FileHeader);
        _day = DateOnly.FromDateTime(File.GetLastWriteTimeUtc(path));
    }

    private FileStream SegmentFor(DateTimeOffset now)
    {
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        if (_segment is not null && _segment.Length < MaxSegment && _day == day) return _segment;
        var next = AtEnd(_folder.PathOf(_number + 1));
        try
        {
            next.SetLength(0);
            next.Write(UsageFrames.FileHeader);
        }
        catch (IOException)
        {
            next.Dispose();
            throw;
        }

        _segment?.Dispose();
        (_segment, _number, _day) = (next, _number + 1, day);
        return next;
    }

    private void WriteTo(FileStream file, IReadOnlyCollection<UsageRecord> records)
    {
        _buffer.ResetWrittenCount();
        foreach (var record in records) UsageFrames.Write(_buffer, record);
        var before = file.Length;
        try
        {
            file.Write(_buffer.WrittenSpan);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            file.SetLength(before);
            file.Seek(before, SeekOrigin.Begin);
            throw;
        }
    }
}
