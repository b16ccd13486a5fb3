namespace Broadcast.Client.Media;

/// <summary>Reads the Opus packets of an Ogg file with one logical stream (RFC 3533 §6, RFC 7845 §3).</summary>
internal static class OggOpusReader
{
    private const int PageHeadLength = 27;

    /// <summary>All audio packets; the identification and comment headers are left out.</summary>
    /// <exception cref="InvalidDataException">Not an Ogg file, or cut off within a page.</exception>
    public static IReadOnlyList<SourceFrame> Read(ReadOnlyMemory<byte> file)
    {
        var packets = new List<SourceFrame>();
        var unfinished = new List<byte>();
        while (!file.IsEmpty)
        {
            var page = file.Span;
            if (page.Length < PageHeadLength || !page.StartsWith("OggS"u8)) throw new InvalidDataException("This is no Ogg file.");
            var segments = page[26];
            if (page.Length < PageHeadLength + segments) throw new InvalidDataException("The Ogg file ends within a page.");
            var lacing = page.Slice(PageHeadLength, segments);
            var position = PageHeadLength + segments;
            foreach (var length in lacing)
            {
                if (position + length > page.Length) throw new InvalidDataException("The Ogg file ends within a page.");
                unfinished.AddRange(page.Slice(position, length));
                position += length;
                if (length == 255) continue; // the packet goes on in the next segment
                Finish(packets, unfinished);
            }

            file = file[position..];
        }

        return packets;
    }

    private static void Finish(List<SourceFrame> packets, List<byte> unfinished)
    {
        var packet = unfinished.ToArray();
        unfinished.Clear();
        if (packet.Length == 0 || packet.AsSpan().StartsWith("OpusHead"u8) || packet.AsSpan().StartsWith("OpusTags"u8)) return;
        packets.Add(new SourceFrame(packet, IsKeyframe: true));
    }
}
