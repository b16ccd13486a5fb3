namespace Broadcast.Client.Media;

/// <summary>The AV1 RTP payload format 1.0: a temporal unit's OBU elements, length-prefixed and cut at packet ends.</summary>
internal static class Av1Packetizer
{
    private const byte Continues = 0x80; // Z
    private const byte ContinuesInNext = 0x40; // Y
    private const byte NewSequence = 0x08; // N
    private const byte HasSizeField = 0x02;

    /// <summary>Packetizes one temporal unit; delimiters, tile lists and padding are left out (§5).</summary>
    public static void Packetize(ClipBuilder clip, in SourceFrame frame)
    {
        // All elements behind each other with their sizes (W = 0), then equal cuts; a cut within an element splits its size in two.
        var elements = ReadElements(frame.Data);
        var total = 0;
        foreach (var element in elements) total += element.Length;
        var first = true;
        var carried = false; // the packet begins within an element
        var index = 0;
        var offset = 0;
        while (index < elements.Count)
        {
            var room = ClipBuilder.NextPart(total, ClipBuilder.MaxPayload - 12);
            var body = new List<byte>();
            var flags = (carried ? Continues : 0) | (first && frame.IsKeyframe ? NewSequence : 0);
            carried = false;
            while (room > 0 && index < elements.Count)
            {
                var element = elements[index];
                var part = Math.Min(room, element.Length - offset);
                AddSize(body, part);
                body.AddRange(element.AsSpan(offset, part));
                room -= part;
                total -= part;
                offset += part;
                if (offset < element.Length)
                {
                    carried = true;
                    continue;
                }

                index++;
                offset = 0;
            }

            clip.AddPacket([(byte)(flags | (carried ? ContinuesInNext : 0))], body.ToArray());
            first = false;
        }

        clip.EndFrame(frame.IsKeyframe);
    }

    /// <summary>OBUs without their size fields, which the element sizes replace.</summary>
    private static List<byte[]> ReadElements(ReadOnlyMemory<byte> temporalUnit)
    {
        var elements = new List<byte[]>();
        var reader = new ObuReader(temporalUnit);
        while (reader.TryRead(out var type, out var head, out var payload))
        {
            if (type is ObuReader.TemporalDelimiter or ObuReader.TileList or ObuReader.Padding) continue;
            var element = new byte[head.Length + payload.Length];
            head.Span.CopyTo(element);
            element[0] = (byte)(element[0] & ~HasSizeField);
            payload.Span.CopyTo(element.AsSpan(head.Length));
            elements.Add(element);
        }

        return elements;
    }

    private static void AddSize(List<byte> body, int size)
    {
        for (; size > 0x7F; size >>= 7) body.Add((byte)(size | 0x80));
        body.Add((byte)size);
    }
}
