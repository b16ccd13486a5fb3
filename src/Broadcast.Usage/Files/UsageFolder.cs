using System.Collections.Concurrent;
using System.Globalization;
using Broadcast.Usage.Records;

namespace Broadcast.Usage.Files;

/// <summary>Reads the segments of a folder, also while a node writes them. Safe to use from any thread.</summary>
public sealed class UsageFolder(string path)
{
    private const string Prefix = "usage-";
    private const string Suffix = ".seg";

    /// <summary>Between which times the records of a segment of which length lie: asked for days, most files need not be read again.</summary>
    private readonly ConcurrentDictionary<long, (long Length, DateTimeOffset First, DateTimeOffset Last)> _bounds = new();

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>Records that ended in [<paramref name="from"/>, <paramref name="to"/>), in the order in which they were written.</summary>
    /// <param name="from">First moment.</param>
    /// <param name="to">First moment that is not wanted any more.</param>
    /// <param name="after">Where to begin; the beginning when null.</param>
    public IEnumerable<StoredUsage> Ended(DateTimeOffset from, DateTimeOffset to, UsagePosition? after = null) =>
        Read(from, to, after).Where(stored => stored.Record.EndedAt >= from && stored.Record.EndedAt < to);

    /// <summary>Records of sessions that lived at any time in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public IEnumerable<UsageRecord> Alive(DateTimeOffset from, DateTimeOffset to) =>
        Read(from, to, null).Select(stored => stored.Record).Where(record => record.EndedAt >= from && record.StartedAt < to);

    internal static string FileName(long segment) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{segment:D10}{Suffix}");

    /// <summary>Numbers of all segments, ascending.</summary>
    internal IReadOnlyList<long> Segments()
    {
        if (!Directory.Exists(path)) return [];
        var numbers = new List<long>();
        foreach (var file in Directory.EnumerateFiles(path, Prefix + "*" + Suffix))
        {
            var name = System.IO.Path.GetFileName(file);
            if (long.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) numbers.Add(number);
        }

        numbers.Sort();
        return numbers;
    }

    internal string PathOf(long segment) => System.IO.Path.Combine(path, FileName(segment));

    /// <summary>The bytes of a file that may be growing or gone; empty for one that is gone.</summary>
    internal static byte[] ReadFile(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var bytes = new byte[stream.Length];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length == bytes.Length ? bytes : bytes[..length];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    private IEnumerable<StoredUsage> Read(DateTimeOffset from, DateTimeOffset to, UsagePosition? after)
    {
        foreach (var segment in Segments())
        {
            if (segment < after?.Segment) continue;
            if (IsBeside(segment, from, to)) continue;
            var bytes = ReadFile(PathOf(segment));
            var (first, last) = (DateTimeOffset.MaxValue, DateTimeOffset.MinValue);
            var start = segment == after?.Segment ? after.Value.Offset : 0;
            foreach (var frame in UsageFrames.Read(bytes, start).Frames)
            {
                if (UsageCodec.Read(frame.Payload) is not { } record) continue;
                if (record.StartedAt < first) first = record.StartedAt;
                if (record.EndedAt > last) last = record.EndedAt;
                yield return new StoredUsage(record, new UsagePosition(segment, frame.Next));
            }

            if (start == 0) _bounds[segment] = (bytes.Length, first, last);
        }
    }

    private bool IsBeside(long segment, DateTimeOffset from, DateTimeOffset to)
    {
        if (!_bounds.TryGetValue(segment, out var bounds) || (bounds.Last >= from && bounds.First < to)) return false;
        var file = new FileInfo(PathOf(segment));
        return !file.Exists || file.Length == bounds.Length;
    }
}

/// <summary>A record where it lies.</summary>
/// <param name="Record">The record.</param>
/// <param name="Next">The place behind it.</param>
public readonly record struct StoredUsage(UsageRecord Record, UsagePosition Next);
