namespace Broadcast.Client.Media;

/// <summary>Packetization mode 1 of RFC 6184: small NAL units together in STAP-A, large ones cut into FU-A.</summary>
internal static class H264Packetizer
{
    private const byte StapA = 24;
    private const byte FuA = 28;
    private const byte FuStart = 0x80;
    private const byte FuEnd = 0x40;

    /// <summary>Packetizes one access unit.</summary>
    public static void Packetize(ClipBuilder clip, AnnexBReader.AccessUnit unit)
    {
        for (var i = 0; i < unit.NalUnits.Count;)
        {
            var together = CountThatFit(unit.NalUnits, i);
            if (together > 1) AddAggregate(clip, unit.NalUnits, i, together);
            else if (unit.NalUnits[i].Length <= ClipBuilder.MaxPayload) clip.AddPacket(default, unit.NalUnits[i].Span);
            else AddFragments(clip, unit.NalUnits[i].Span);
            i += Math.Max(1, together);
        }

        clip.EndFrame(unit.IsKeyframe);
    }

    private static int CountThatFit(IReadOnlyList<ReadOnlyMemory<byte>> nals, int from)
    {
        var length = 1;
        var count = 0;
        while (from + count < nals.Count && length + 2 + nals[from + count].Length <= ClipBuilder.MaxPayload)
        {
            length += 2 + nals[from + count].Length;
            count++;
        }

        return count;
    }

    private static void AddAggregate(ClipBuilder clip, IReadOnlyList<ReadOnlyMemory<byte>> nals, int from, int count)
    {
        var body = new List<byte>();
        var importance = 0;
        for (var i = from; i < from + count; i++)
        {
            body.Add((byte)(nals[i].Length >> 8));
            body.Add((byte)nals[i].Length);
            body.AddRange(nals[i].Span);
            importance = Math.Max(importance, nals[i].Span[0] & 0x60);
        }

        clip.AddPacket([(byte)(importance | StapA)], body.ToArray());
    }

    private static void AddFragments(ClipBuilder clip, ReadOnlySpan<byte> nal)
    {
        var indicator = (byte)((nal[0] & 0xE0) | FuA);
        var type = nal[0] & 0x1F;
        var rest = nal[1..];
        var first = true;
        while (!rest.IsEmpty)
        {
            var part = ClipBuilder.NextPart(rest.Length, ClipBuilder.MaxPayload - 2);
            var flags = (first ? FuStart : 0) | (part == rest.Length ? FuEnd : 0);
            clip.AddPacket([indicator, (byte)(flags | type)], rest[..part]);
            rest = rest[part..];
            first = false;
        }
    }
}
