using Broadcast.Recording.Matroska;
using Broadcast.Recording.Mp4;

namespace Broadcast.Fuzz.Files;

/// <summary>What a killed recorder left, or anything else that lies in its place: what a repair makes of it, and what that may cost.</summary>
internal static class KilledFile
{
    /// <summary>The smallest element has two bytes, and is looked at a few times.</summary>
    private const int ReadsPerByte = 2;

    /// <summary>Headers are read as if they had their largest length.</summary>
    private const int BytesReadPerByte = 16;

    /// <summary>A block of five bytes may become a cue, which is remembered in a list that doubles.</summary>
    private const int MemoryPerByte = 32;

    private const int Slack = 64 * 1024;
    private const int SmallestSizeField = 4;

    /// <summary>Repairs, and looks at the result.</summary>
    /// <returns>Whether anything in it can be played.</returns>
    public static bool Check(ReadOnlySpan<byte> input)
    {
        // :: Step 1: a repair, with what it costs
        using var file = new MeteredStream(input);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var repaired = SegmentRepair.Repair(file);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Invariant.Holds(file.Reads <= (ReadsPerByte * input.Length) + 64, "a file is read a few times for each byte at most");
        Invariant.Holds(file.BytesRead <= (BytesReadPerByte * input.Length) + 64, "a file is read through a few times at most");
        Invariant.Holds(allocated <= ((long)MemoryPerByte * input.Length) + Slack, "memory grows with the file");
        var whole = file.GetBuffer().AsSpan(0, (int)file.Length);
        if (repaired is null)
        {
            Invariant.Holds(whole.SequenceEqual(input), "what cannot be played is left as it is");
            return false;
        }

        Invariant.Holds(repaired.Bytes == file.Length, "a repair tells the file's length");
        Invariant.Holds(repaired.Duration >= TimeSpan.Zero, "a duration is not negative");

        // :: Step 2: the result is whole
        if (FragmentScanner.IsMp4(file)) CheckFragments(input, whole);
        else CheckClusters(input, file);

        // :: Step 3: and a second repair finds nothing to do
        using var second = new MeteredStream(whole);
        Invariant.Holds(SegmentRepair.Repair(second) == repaired, "a second repair says the same");
        Invariant.Holds(second.GetBuffer().AsSpan(0, (int)second.Length).SequenceEqual(whole), "a second repair changes nothing");
        return true;
    }

    private static void CheckFragments(ReadOnlySpan<byte> input, ReadOnlySpan<byte> whole)
    {
        Invariant.Holds(input.StartsWith(whole), "fragments are only cut");
        using var file = new MeteredStream(whole);
        Invariant.Holds(FragmentScanner.Scan(file) is { } scan && scan.WholeEnd == whole.Length, "what is left are whole fragments");
    }

    private static void CheckClusters(ReadOnlySpan<byte> input, MeteredStream repaired)
    {
        using var torn = new MeteredStream(input);
        var before = SegmentScanner.Scan(torn)!;
        var after = SegmentScanner.Scan(repaired);
        Invariant.Holds(after is not null, "a repaired file has blocks");
        Invariant.Holds(after!.WholeEnd == before.WholeEnd, "no block is lost or won");
        Invariant.Holds(after.Index.CueCount == before.Index.CueCount && after.Index.Duration == before.Index.Duration, "the index stays the same");
        Invariant.Holds(
            after.IsComplete || before.Places.DurationAt == 0 || before.Places.SizeLength < SmallestSizeField,
            "a repaired file is complete, if its header has room for what that takes");
    }
}
