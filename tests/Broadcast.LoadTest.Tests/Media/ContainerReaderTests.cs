using System.Buffers.Binary;
using Broadcast.Client.Media;
using Broadcast.Rtc;

namespace Broadcast.LoadTest.Tests.Media;

public class ContainerReaderTests
{
    private static readonly byte[] Vp8Key = [0x10, 1, 2, 3];
    private static readonly byte[] Vp8Delta = [0x11, 4, 5];

    [Fact]
    public void Ivf_gives_the_frames_and_tells_keyframes()
    {
        var frames = IvfReader.Read(Ivf(Vp8Key, Vp8Delta), CodecKind.Vp8);
        Assert.Equal(2, frames.Count);
        Assert.Equal(Vp8Key, frames[0].Data.ToArray());
        Assert.True(frames[0].IsKeyframe);
        Assert.False(frames[1].IsKeyframe);
    }

    [Fact]
    public void Ivf_cut_off_anywhere_is_refused_or_ends_between_frames()
    {
        var file = Ivf(Vp8Key, Vp8Delta);
        for (var length = 0; length < file.Length; length++)
        {
            var cut = file.AsMemory(0, length);
            if (length == 32 || length == 32 + 12 + Vp8Key.Length) Assert.True(IvfReader.Read(cut, CodecKind.Vp8).Count < 2);
            else Assert.Throws<InvalidDataException>(() => IvfReader.Read(cut, CodecKind.Vp8));
        }
    }

    [Fact]
    public void Annex_B_gives_access_units_without_delimiters_and_SEI()
    {
        byte[] stream =
        [
            0, 0, 0, 1, 9, 0xF0, 0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 1, 6, 5, 0, 0, 1, 0x65, 0x88, 7,
            0, 0, 0, 1, 0x41, 0x9A, 8, 0, 0, 1, 0x41, 0x1A, 9, // one picture of two slices: the second does not begin at macroblock 0
            0, 0, 0, 1, 0x41, 0x9A, 10,
        ];
        var units = AnnexBReader.Read(stream);
        Assert.Equal(3, units.Count);
        Assert.Equal([0x67, 0x68, 0x65], units[0].NalUnits.Select(nal => (int)nal.Span[0]));
        Assert.Equal(2, units[1].NalUnits.Count);
        Assert.Equal([true, false, false], units.Select(unit => unit.IsKeyframe));
    }

    [Fact]
    public void Ogg_joins_packets_across_segments_and_pages_and_leaves_headers_out()
    {
        var large = new byte[600];
        Array.Fill(large, (byte)7);
        var file = OggPage([.. "OpusHead"u8], 8).Concat(OggPage([.. "OpusTags"u8], 8))
            .Concat(OggPage(large[..510], 255, 255)).Concat(OggPage([.. large[510..], 1, 2, 3], 90, 3)).ToArray();
        var packets = OggOpusReader.Read(file);
        Assert.Equal(2, packets.Count);
        Assert.Equal(large, packets[0].Data.ToArray());
        Assert.Equal([1, 2, 3], packets[1].Data.ToArray());
    }

    private static byte[] Ivf(params byte[][] frames)
    {
        var fileHead = new byte[32];
        "DKIF"u8.CopyTo(fileHead);
        fileHead[6] = 32;
        var file = new List<byte>(fileHead);
        foreach (var frame in frames)
        {
            var head = new byte[12];
            BinaryPrimitives.WriteInt32LittleEndian(head, frame.Length);
            file.AddRange(head);
            file.AddRange(frame);
        }

        return [.. file];
    }

    private static byte[] OggPage(byte[] body, params byte[] lacing)
    {
        var page = new byte[27];
        "OggS"u8.CopyTo(page);
        page[26] = (byte)lacing.Length;
        return [.. page, .. lacing, .. body];
    }
}
