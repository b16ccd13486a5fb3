using Broadcast.Recording.Mp4;
using Broadcast.Vod.Jobs;

namespace Broadcast.Recording.Matroska;

/// <summary>Makes a segment whole whose writer was killed.</summary>
/// <remarks>Each step leaves a file that can be repaired again: it may itself be killed. What the file is tell its bytes, not its name.</remarks>
public static class SegmentRepair
{
    private const int BufferLength = 64 * 1024;

    /// <summary>Cuts off what is torn, and writes cues, duration and sizes in place; MP4 needs only the cut. A complete file is left as it is.</summary>
    /// <param name="path">Of the file.</param>
    /// <returns>Null when nothing in it can be played; the file is then left as it is.</returns>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static RepairedSegment? Repair(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, BufferLength);
            return Repair(file);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>Repairs in a stream that can seek.</summary>
    /// <param name="file">Is not disposed.</param>
    internal static RepairedSegment? Repair(Stream file)
    {
        if (FragmentScanner.IsMp4(file)) return CutFragments(file);
        if (SegmentScanner.Scan(file) is not { } scan) return null;
        if (scan.IsComplete) return new RepairedSegment(scan.Index.Duration, file.Length);

        // :: Step 1: nothing torn is left
        file.SetLength(scan.WholeEnd);
        using var buffer = new EbmlWriter();
        foreach (var (at, length, size) in scan.Sizes)
        {
            buffer.Clear();
            buffer.WriteSize(size, length);
            SegmentTail.WriteAt(file, at, buffer.Written);
        }

        // :: Step 2: the cues behind the last cluster, and what tells of them
        buffer.Clear();
        scan.Index.WriteCues(buffer, scan.Places.DataAt);
        var end = scan.WholeEnd + buffer.Length;
        SegmentTail.WriteAt(file, scan.WholeEnd, buffer.Written);
        SegmentTail.Patch(file, buffer, scan.Places, scan.WholeEnd, end, scan.Index.Duration);
        file.Flush();
        return new RepairedSegment(scan.Index.Duration, end);
    }

    private static RepairedSegment? CutFragments(Stream file)
    {
        if (FragmentScanner.Scan(file) is not { } scan) return null;
        if (scan.WholeEnd < file.Length)
        {
            file.SetLength(scan.WholeEnd);
            file.Flush();
        }

        return new RepairedSegment(scan.Duration, scan.WholeEnd);
    }
}
