using Broadcast.Rtc.Rtcp;
using CsCheck;

namespace Broadcast.Rtc.Tests.Rtcp;

public class RtcpWriterTests
{
    private static readonly Gen<ReportBlock> GenBlock = Gen.Select(
        Gen.UInt, Gen.Byte, Gen.Int[-0x800000, 0x7FFFFF], Gen.UInt, Gen.UInt, Gen.UInt, Gen.UInt,
        (ssrc, fraction, lost, highest, jitter, last, delay) => new ReportBlock(ssrc, fraction, lost, highest, jitter, last, delay));

    [Fact]
    public void Reports_round_trip() =>
        Gen.Select(Gen.UInt, Gen.ULong, GenBlock.Array[0, 31]).Sample((ssrc, ntp, blocks) =>
        {
            var buffer = new byte[1600];
            var length = RtcpWriter.SenderReport(buffer, ssrc, ntp, 5, 6, 7, blocks);
            length += RtcpWriter.ReceiverReport(buffer.AsSpan(length), ssrc, blocks);
            var reader = new RtcpReader(buffer.AsSpan(0, length));
            Assert.True(reader.TryRead(out var first, out _));
            Assert.Equal(DropReason.None, SenderReportView.TryParse(first, out var sender));
            Assert.Equal((ssrc, ntp, 5u, 6u, 7u), (sender.Ssrc, sender.NtpTimestamp, sender.RtpTimestamp, sender.PacketCount, sender.OctetCount));
            Assert.True(reader.TryRead(out var second, out _));
            Assert.Equal(DropReason.None, ReceiverReportView.TryParse(second, out var receiver));
            Assert.Equal(blocks.Length, sender.ReportBlockCount);
            Assert.Equal(blocks.Length, receiver.ReportBlockCount);
            for (var i = 0; i < blocks.Length; i++)
            {
                Assert.Equal(blocks[i], sender[i]);
                Assert.Equal(blocks[i], receiver[i]);
            }

            Assert.False(reader.TryRead(out _, out var reason));
            Assert.Equal(DropReason.None, reason);
        });

    [Fact]
    public void Cumulative_loss_is_clamped_to_24_bits()
    {
        Span<byte> buffer = stackalloc byte[64];
        var block = new ReportBlock(1, 0, int.MaxValue, 0, 0, 0, 0);
        var length = RtcpWriter.ReceiverReport(buffer, 1, [block, block with { CumulativeLost = int.MinValue }]);
        var reader = new RtcpReader(buffer[..length]);
        reader.TryRead(out var packet, out _);
        ReceiverReportView.TryParse(packet, out var view);
        Assert.Equal(0x7FFFFF, view[0].CumulativeLost);
        Assert.Equal(-0x800000, view[1].CumulativeLost);
    }

    [Fact]
    public void Sdes_always_ends_its_items_with_a_zero() =>
        Gen.Byte.Array[0, 255].Sample(cname =>
        {
            var buffer = new byte[300];
            buffer.AsSpan().Fill(0xFF);
            var length = RtcpWriter.SdesCname(buffer, 9, cname);
            var reader = new RtcpReader(buffer.AsSpan(0, length));
            Assert.True(reader.TryRead(out var packet, out _));
            var description = new SourceDescriptionReader(packet);
            Assert.True(description.TryRead(out var ssrc, out var read));
            return ssrc == 9 && read.SequenceEqual(cname) && buffer[length - 1] == 0;
        });

    [Fact]
    public void Bye_names_its_sources()
    {
        Span<byte> buffer = stackalloc byte[16];
        Assert.Equal(12, RtcpWriter.Bye(buffer, [7, 8]));
        Assert.Equal(Hex.Bytes("82CB0002 00000007 00000008"), buffer[..12].ToArray());
        var reader = new RtcpReader(buffer[..12]);
        reader.TryRead(out var packet, out _);
        Assert.Equal(DropReason.None, ByeView.TryParse(packet, out var bye));
        Assert.Equal((2, 7u, 8u), (bye.Count, bye[0], bye[1]));
    }

    [Fact]
    public void Pli_fir_and_remb_have_their_layout()
    {
        Span<byte> buffer = stackalloc byte[32];
        Assert.Equal(Hex.Bytes("81CE0002 00000001 00000002"), buffer[..RtcpWriter.Pli(buffer, 1, 2)].ToArray());
        Assert.Equal(Hex.Bytes("84CE0004 00000001 00000000 00000002 05000000"), buffer[..RtcpWriter.Fir(buffer, 1, 2, 5)].ToArray());
        var reader = new RtcpReader(buffer[..20]);
        reader.TryRead(out var packet, out _);
        Assert.Equal(DropReason.None, FirView.TryParse(packet, out var fir));
        Assert.Equal(new FirEntry(2, 5), fir[0]);

        // 1,000,000 = 250,000 × 2^2
        Assert.Equal(
            Hex.Bytes("8FCE0005 00000001 00000000 52454D42 010BD090 00000002"),
            buffer[..RtcpWriter.Remb(buffer, 1, 1_000_000, [2])].ToArray());
    }

    [Fact]
    public void Remb_keeps_18_significant_bits() =>
        Gen.Long[0, long.MaxValue].Sample(rate =>
        {
            Span<byte> buffer = stackalloc byte[24];
            var length = RtcpWriter.Remb(buffer, 1, rate, [2]);
            var reader = new RtcpReader(buffer[..length]);
            Assert.True(reader.TryRead(out var packet, out _));
            Assert.Equal(DropReason.None, RembView.TryParse(packet, out var remb));
            return remb.BitsPerSecond <= rate && rate - remb.BitsPerSecond <= rate >> 17 && remb.SsrcCount == 1 && remb[0] == 2;
        });

    [Fact]
    public void Remb_saturates_instead_of_overflowing()
    {
        var reader = new RtcpReader(Hex.Bytes("8FCE0004 00000001 00000000 52454D42 00FFFFFF"));
        reader.TryRead(out var packet, out _);
        Assert.Equal(DropReason.None, RembView.TryParse(packet, out var remb));
        Assert.Equal(long.MaxValue, remb.BitsPerSecond);
    }

    [Fact]
    public void Nack_names_each_missing_number_once_in_as_many_packets_as_needed() =>
        Gen.Select(Gen.UShort, Gen.Int[1, 40].Array[1, 600], Gen.Int[16, 1200]).Sample((start, steps, room) =>
        {
            var missing = new List<ushort>();
            long number = start;
            foreach (var step in steps)
            {
                missing.Add((ushort)number);
                number += step;
            }

            var read = new List<ushort>();
            var rest = missing.ToArray().AsSpan();
            Span<byte> buffer = new byte[room];
            while (!rest.IsEmpty)
            {
                var length = RtcpWriter.Nack(buffer, 1, 2, rest, out var consumed);
                Assert.InRange(length, 16, Math.Min(room, 12 + (RtcpWriter.MaximumNackEntries * 4)));
                Assert.True(consumed > 0);
                rest = rest[consumed..];
                var reader = new RtcpReader(buffer[..length]);
                Assert.True(reader.TryRead(out var packet, out _));
                Assert.Equal(DropReason.None, NackView.TryParse(packet, out var view));
                foreach (var one in view) read.Add(one);
            }

            return read.SequenceEqual(missing);
        });

    [Fact]
    public void Nack_of_extended_numbers_folds_neighbours()
    {
        Span<byte> buffer = stackalloc byte[32];
        var length = RtcpWriter.Nack(buffer, 1, 2, [65_535L, 65_536L, 65_551L, 65_552L], out var consumed);
        Assert.Equal(4, consumed);
        Assert.Equal(Hex.Bytes("81CD0004 00000001 00000002 FFFF8001 00100000"), buffer[..length].ToArray());
        Assert.Equal(0, RtcpWriter.Nack(buffer, 1, 2, ReadOnlySpan<long>.Empty, out _));
    }

    [Fact]
    public void Nothing_is_written_when_the_destination_is_too_short()
    {
        ReportBlock[] blocks = [default];
        uint[] ssrcs = [1];
        for (var room = 0; room < 12; room++)
        {
            var buffer = new byte[room];
            Assert.Equal(0, RtcpWriter.SenderReport(buffer, 1, 2, 3, 4, 5, blocks));
            Assert.Equal(0, RtcpWriter.ReceiverReport(buffer, 1, blocks));
            Assert.Equal(0, RtcpWriter.SdesCname(buffer, 1, "abc"u8));
            Assert.Equal(0, RtcpWriter.Pli(buffer, 1, 2));
            Assert.Equal(0, RtcpWriter.Fir(buffer, 1, 2, 3));
            Assert.Equal(0, RtcpWriter.Remb(buffer, 1, 2, ssrcs));
            Assert.Equal(0, RtcpWriter.Nack(buffer, 1, 2, (ReadOnlySpan<ushort>)[1], out _));
            Assert.Equal(room >= 8 ? 8 : 0, RtcpWriter.Bye(buffer, ssrcs));
            Assert.All(buffer[Math.Min(room, 8)..], b => Assert.Equal(0, b));
        }
    }
}
