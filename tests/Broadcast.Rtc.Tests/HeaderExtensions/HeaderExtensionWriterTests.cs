using Broadcast.Rtc.HeaderExtensions;
using CsCheck;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

public class HeaderExtensionWriterTests
{
    [Fact]
    public void Writes_the_one_byte_form_padded_to_words()
    {
        Span<byte> block = stackalloc byte[32];
        var writer = new HeaderExtensionWriter(block, Maps.All(1), twoByte: false);
        Assert.True(writer.Write(HeaderExtensionKind.Mid, "0"u8));
        Assert.True(writer.Write(HeaderExtensionKind.TransportSequenceNumber, [0xAB, 0xCD]));
        var length = writer.Finish();
        Assert.Equal(Hex.Bytes("BEDE 0002 1030 41ABCD 000000"), block[..length].ToArray());
    }

    [Fact]
    public void Writes_the_two_byte_form()
    {
        Span<byte> block = stackalloc byte[32];
        var writer = new HeaderExtensionWriter(block, Maps.All(100), twoByte: true);
        Assert.True(writer.Write(HeaderExtensionKind.AudioLevel, [0x85]));
        var length = writer.Finish();
        Assert.Equal(Hex.Bytes("1000 0001 69 01 85 00"), block[..length].ToArray());
    }

    [Fact]
    public void Nothing_written_gives_no_block()
    {
        Span<byte> block = stackalloc byte[8];
        var writer = new HeaderExtensionWriter(block, new HeaderExtensionMap(), twoByte: false);
        Assert.False(writer.Write(HeaderExtensionKind.Mid, "0"u8));
        Assert.Equal(0, writer.Finish());
    }

    [Fact]
    public void What_the_one_byte_form_cannot_hold_is_refused()
    {
        Span<byte> block = stackalloc byte[64];
        var map = Maps.Of((HeaderExtensionKind.Mid, 20), (HeaderExtensionKind.ColorSpace, 3), (HeaderExtensionKind.RtpStreamId, 4));
        var writer = new HeaderExtensionWriter(block, map, twoByte: false);
        Assert.False(writer.Write(HeaderExtensionKind.Mid, "0"u8));
        Assert.False(writer.Write(HeaderExtensionKind.ColorSpace, new byte[28]));
        Assert.False(writer.Write(HeaderExtensionKind.RtpStreamId, default));
        Assert.Equal(0, writer.Finish());
        Assert.True(HeaderExtensionWriter.NeedsTwoByteForm(map));
    }

    [Fact]
    public void Never_writes_past_the_destination()
    {
        for (var room = 4; room < 40; room++)
        {
            var buffer = new byte[room + 8];
            buffer.AsSpan(room).Fill(0x5A);
            var writer = new HeaderExtensionWriter(buffer.AsSpan(0, room), Maps.All(1), twoByte: false);
            writer.Write(HeaderExtensionKind.Mid, "abcdefgh"u8);
            writer.Write(HeaderExtensionKind.TransportSequenceNumber, [1, 2]);
            writer.Write(HeaderExtensionKind.AbsoluteSendTime, [1, 2, 3]);
            Assert.InRange(writer.Finish(), 0, room);
            Assert.All(buffer[room..], b => Assert.Equal(0x5A, b));
        }
    }

    [Fact]
    public void What_is_written_is_read_back_in_order() =>
        Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 12], Gen.Byte.Array[1, 16]).Array[0, 8]).Sample((twoByte, elements) =>
        {
            var map = Maps.All(1);
            Span<byte> block = stackalloc byte[256];
            var writer = new HeaderExtensionWriter(block, map, twoByte);
            foreach (var (kind, value) in elements)
            {
                if (!writer.Write((HeaderExtensionKind)kind, value)) return false;
            }

            var length = writer.Finish();
            if (length == 0) return elements.Length == 0;
            var reader = new HeaderExtensionReader((ushort)((block[0] << 8) | block[1]), block[4..length]);
            foreach (var (kind, value) in elements)
            {
                if (!reader.TryRead(out var id, out var read)) return false;
                if (id != map.IdOf((HeaderExtensionKind)kind) || !read.SequenceEqual(value)) return false;
            }

            return !reader.TryRead(out _, out _) && length == 4 + (4 * block[3]);
        });
}
