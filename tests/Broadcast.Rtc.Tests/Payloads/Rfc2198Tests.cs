using Broadcast.Rtc.Payloads;
using CsCheck;

namespace Broadcast.Rtc.Tests.Payloads;

public class Rfc2198Tests
{
    // As Chromium sends Opus with two copies: PT 111, 1920 and 960 units back, of 3 and 2 bytes. Offset 1920 = 00011110000000,
    // length 3 = 0000000011: 1 1101111 | 00011110 | 000000 00 | 00000011.
    private const string TwoCopies = "EF 1E 00 03 EF 0F 00 02 6F A1A2A3 B1B2 C1C2C3C4";

    [Fact]
    public void Blocks_and_primary_are_read()
    {
        Assert.Equal(DropReason.None, RedPayload.TryParse(Hex.Bytes(TwoCopies), out var red));
        Assert.Equal((111, 2), (red.PayloadType, red.RedundantCount));
        Assert.Equal(Hex.Bytes("C1C2C3C4"), red.Primary);

        var blocks = red.Redundant;
        Assert.True(blocks.TryRead(out var older));
        Assert.Equal((111, 1920u), (older.PayloadType, older.TimestampOffset));
        Assert.Equal(Hex.Bytes("A1A2A3"), older.Data);
        Assert.True(blocks.TryRead(out var newer));
        Assert.Equal((111, 960u), (newer.PayloadType, newer.TimestampOffset));
        Assert.Equal(Hex.Bytes("B1B2"), newer.Data);
        Assert.False(blocks.TryRead(out _));
        Assert.False(blocks.TryRead(out _));
    }

    [Fact]
    public void A_payload_without_redundancy_is_its_primary()
    {
        Assert.Equal(DropReason.None, RedPayload.TryParse(Hex.Bytes("6F FC"), out var red));
        Assert.Equal(0, red.RedundantCount);
        Assert.Equal(Hex.Bytes("FC"), red.Primary);
        Assert.False(red.Redundant.TryRead(out _));
    }

    [Fact]
    public void An_empty_block_is_allowed()
    {
        Assert.Equal(DropReason.None, RedPayload.TryParse(Hex.Bytes("EF 0F 00 00 6F FC"), out var red));
        var blocks = red.Redundant;
        Assert.True(blocks.TryRead(out var block));
        Assert.True(block.Data.IsEmpty);
        Assert.Equal(Hex.Bytes("FC"), red.Primary);
    }

    [Fact]
    public void Every_truncation_that_leaves_no_primary_is_refused()
    {
        var whole = Hex.Bytes(TwoCopies);
        for (var length = 0; length <= whole.Length - 4; length++)
        {
            Assert.Equal(DropReason.PayloadTruncated, RedPayload.TryParse(whole.AsSpan(0, length), out var red));
            Assert.True(red.Primary.IsEmpty);
        }

        Assert.Equal(DropReason.None, RedPayload.TryParse(whole.AsSpan(0, whole.Length - 3), out _));
    }

    [Theory]
    [InlineData(32, DropReason.None)]
    [InlineData(33, DropReason.PayloadMalformed)]
    public void There_are_thirty_two_blocks_at_most(int blocks, DropReason expected)
    {
        byte[] payload = [.. Enumerable.Repeat(Hex.Bytes("EF 0F 00 01"), blocks).SelectMany(b => b), 0x6F, .. new byte[blocks + 1]];
        Assert.Equal(expected, RedPayload.TryParse(payload, out _));
    }

    [Fact]
    public void Write_makes_what_the_specification_draws()
    {
        var payload = new byte[64];
        var length = RedPayload.Write(
            payload, 111, Hex.Bytes("C1C2C3C4"), new RedBlock(111, 1920, Hex.Bytes("A1A2A3")), new RedBlock(111, 960, Hex.Bytes("B1B2")));
        Assert.Equal(Hex.Bytes(TwoCopies), payload[..length]);
    }

    [Theory]
    [InlineData(0, 3)] // not earlier
    [InlineData(16_384, 3)] // too early
    [InlineData(960, 0)]
    [InlineData(960, 1024)] // too long
    public void What_a_block_cannot_carry_is_left_out(uint timestampOffset, int blockLength)
    {
        var payload = new byte[2048];
        var length = RedPayload.Write(payload, 111, Hex.Bytes("FC"), new RedBlock(111, timestampOffset, new byte[blockLength]), new RedBlock(111, 480, Hex.Bytes("B1")));
        Assert.Equal(Hex.Bytes("EF 07 80 01 6F B1 FC"), payload[..length]);
        length = RedPayload.Write(payload, 111, Hex.Bytes("FC"), default, new RedBlock(111, timestampOffset, new byte[blockLength]));
        Assert.Equal(Hex.Bytes("6F FC"), payload[..length]);
    }

    [Fact]
    public void Write_gives_nothing_when_there_is_no_room_or_no_primary()
    {
        var payload = new byte[6];
        Assert.Equal(0, RedPayload.Write(payload, 111, Hex.Bytes("FC"), default, new RedBlock(111, 480, Hex.Bytes("B1"))));
        Assert.Equal(0, RedPayload.Write(payload, 111, default, default, default));
        Assert.Equal(new byte[6], payload);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var block = Gen.Select(Gen.Byte[0, 127], Gen.UInt[1, RedBlock.MaximumTimestampOffset], Gen.Byte.Array[1, 200]);
        Gen.Select(Gen.Byte[0, 127], Gen.Byte.Array[1, 200], block.Array[0, 2]).Sample((payloadType, primary, earlier) =>
        {
            var payload = new byte[1024];
            var length = RedPayload.Write(payload, payloadType, primary, earlier.Length == 2 ? Of(earlier[0]) : default, earlier.Length > 0 ? Of(earlier[^1]) : default);
            if (RedPayload.TryParse(payload.AsSpan(0, length), out var red) != DropReason.None) return false;
            if (red.PayloadType != payloadType || !red.Primary.SequenceEqual(primary) || red.RedundantCount != earlier.Length) return false;
            var blocks = red.Redundant;
            foreach (var (blockType, offset, data) in earlier)
            {
                if (!blocks.TryRead(out var read) || read.PayloadType != blockType || read.TimestampOffset != offset || !read.Data.SequenceEqual(data)) return false;
            }

            return !blocks.TryRead(out _);
        });
    }

    [Fact]
    public void Arbitrary_bytes_are_read_or_refused() =>
        Gen.Byte.Array[0, 200].Sample(payload =>
        {
            if (RedPayload.TryParse(payload, out var red) != DropReason.None) return red.RedundantCount == 0;
            var total = red.Primary.Length + 1;
            for (var blocks = red.Redundant; blocks.TryRead(out var block);) total += 4 + block.Data.Length;
            return total == payload.Length;
        });

    private static RedBlock Of((byte PayloadType, uint Offset, byte[] Data) block) => new(block.PayloadType, block.Offset, block.Data);
}
