namespace Broadcast.Client.Media;

/// <summary>Reads an H.264 byte stream (ITU-T H.264 Annex B) into access units.</summary>
/// <remarks>Delimiters and SEI are left out: RTP needs neither.</remarks>
internal static class AnnexBReader
{
    private static ReadOnlySpan<byte> StartCode => [0, 0, 1];

    private const int NalIdr = 5;
    private const int NalSei = 6;
    private const int NalSps = 7;
    private const int NalPps = 8;
    private const int NalDelimiter = 9;

    /// <summary>One access unit.</summary>
    /// <param name="NalUnits">In decoding order, without start codes.</param>
    /// <param name="IsKeyframe">It holds an IDR slice.</param>
    public sealed record AccessUnit(IReadOnlyList<ReadOnlyMemory<byte>> NalUnits, bool IsKeyframe);

    /// <summary>Splits a stream into access units (§7.4.1.2.3, for the one-layer streams encoders for WebRTC make).</summary>
    public static IReadOnlyList<AccessUnit> Read(ReadOnlyMemory<byte> stream)
    {
        var units = new List<AccessUnit>();
        var current = new List<ReadOnlyMemory<byte>>();
        var hasSlice = false;
        foreach (var nal in SplitNalUnits(stream))
        {
            var type = nal.Span[0] & 0x1F;
            var isSlice = type is >= 1 and <= NalIdr;
            var begins = hasSlice && (isSlice ? nal.Length > 1 && (nal.Span[1] & 0x80) != 0 : type is NalSei or NalSps or NalPps or NalDelimiter);
            if (begins) Finish(units, ref current, ref hasSlice);
            if (type is NalDelimiter or NalSei) continue;
            current.Add(nal);
            hasSlice |= isSlice;
        }

        Finish(units, ref current, ref hasSlice);
        return units;
    }

    private static void Finish(List<AccessUnit> units, ref List<ReadOnlyMemory<byte>> current, ref bool hasSlice)
    {
        if (hasSlice) units.Add(new AccessUnit(current, current.Exists(nal => (nal.Span[0] & 0x1F) == NalIdr)));
        current = [];
        hasSlice = false;
    }

    private static List<ReadOnlyMemory<byte>> SplitNalUnits(ReadOnlyMemory<byte> stream)
    {
        var nals = new List<ReadOnlyMemory<byte>>();
        var bytes = stream.Span;
        var start = NextStartCode(bytes, 0);
        while (start < bytes.Length)
        {
            var begin = start + 3;
            var next = NextStartCode(bytes, begin);
            var end = next;
            while (end > begin && bytes[end - 1] == 0) end--; // trailing zeros, the fourth of a long start code included
            if (end > begin) nals.Add(stream[begin..end]);
            start = next;
        }

        return nals;
    }

    private static int NextStartCode(ReadOnlySpan<byte> bytes, int from)
    {
        var at = bytes[from..].IndexOf(StartCode);
        return at < 0 ? bytes.Length : from + at;
    }
}
