using Broadcast.Rtc.Rtcp;
using CsCheck;

namespace Broadcast.Rtc.Tests.Rtcp;

public class RtcpReaderTests
{
    // SR with one block, SDES with CNAME "abc", XR (skipped), NACK of 10, 11 and 26, PLI with two words of padding.
    private static readonly byte[] Compound = Hex.Bytes("""
        81 C8 000C 00000001 83AA7E80 80000000 00015F90 0000000A 000003E8
           00000002 40FFFFFE 00010005 00000007 7E808000 00010000
        81 CA 0003 00000001 01 03 616263 00 0000
        80 CF 0001 00000001
        81 CD 0003 00000001 00000002 000A 8001
        A1 CE 0004 00000001 00000002 00000000 00000008
        """);

    [Fact]
    public void Compound_datagram_is_read_packet_by_packet()
    {
        var reader = new RtcpReader(Compound);
        Assert.True(reader.TryRead(out var packet, out _));
        Assert.Equal(DropReason.None, SenderReportView.TryParse(packet, out var report));
        Assert.Equal(1u, report.Ssrc);
        Assert.Equal(0x83AA7E80_80000000ul, report.NtpTimestamp);
        Assert.Equal(90_000u, report.RtpTimestamp);
        Assert.Equal(10u, report.PacketCount);
        Assert.Equal(1000u, report.OctetCount);
        Assert.Equal(1, report.ReportBlockCount);
        Assert.Equal(new ReportBlock(2, 64, -2, 0x0001_0005, 7, 0x7E80_8000, 0x0001_0000), report[0]);

        Assert.True(reader.TryRead(out packet, out _));
        var description = new SourceDescriptionReader(packet);
        Assert.True(description.TryRead(out var ssrc, out var cname));
        Assert.Equal(1u, ssrc);
        Assert.Equal("abc"u8.ToArray(), cname.ToArray());
        Assert.False(description.TryRead(out _, out _));

        Assert.True(reader.TryRead(out packet, out _));
        Assert.Equal(1, reader.SkippedCount);
        Assert.Equal(DropReason.None, NackView.TryParse(packet, out var nack));
        var missing = new List<ushort>();
        foreach (var number in nack) missing.Add(number);
        Assert.Equal<ushort>([10, 11, 26], missing);

        Assert.True(reader.TryRead(out packet, out _));
        Assert.Equal(DropReason.None, PliView.TryParse(packet, out var pli));
        Assert.Equal(new PliView(1, 2), pli);
        Assert.Equal(8, packet.Body.Length);

        Assert.False(reader.TryRead(out _, out var reason));
        Assert.Equal(DropReason.None, reason);
    }

    [Theory]
    [InlineData("80C9", DropReason.RtcpTruncated)]
    [InlineData("40C90001 00000001", DropReason.RtcpBadVersion)]
    [InlineData("80C90002 00000001", DropReason.RtcpBadLength)]
    [InlineData("A0C90001 00000000", DropReason.RtcpMalformed)]
    [InlineData("A0C90001 00000005", DropReason.RtcpMalformed)]
    [InlineData("A0C90000", DropReason.RtcpMalformed)]
    public void Broken_datagram_names_the_reason(string datagram, DropReason expected)
    {
        var reader = new RtcpReader(Hex.Bytes(datagram));
        Assert.False(reader.TryRead(out _, out var reason));
        Assert.Equal(expected, reason);
        Assert.False(reader.TryRead(out _, out _));
    }

    [Fact]
    public void Every_truncation_yields_only_whole_packets()
    {
        int[] ends = [52, 68, 76, 92, 112];
        int[] readable = [52, 68, 92, 112];
        for (var length = 0; length <= Compound.Length; length++)
        {
            var reader = new RtcpReader(Compound.AsSpan(0, length));
            var count = 0;
            DropReason reason;
            while (reader.TryRead(out _, out reason)) count++;
            Assert.Equal(readable.Count(end => end <= length), count);
            Assert.Equal(length == 0 || ends.Contains(length), reason == DropReason.None);
        }
    }

    [Fact]
    public void Random_datagrams_never_throw_in_any_view() =>
        Gen.Select(Gen.Int[0, 31], Gen.Int[198, 208], Gen.Byte.Array[0, 120], Gen.Bool).Sample((format, type, body, remb) =>
        {
            var datagram = new byte[4 + (body.Length & ~3)];
            datagram[0] = (byte)(0x80 | format);
            datagram[1] = (byte)type;
            datagram[3] = (byte)((datagram.Length / 4) - 1);
            body.AsSpan(0, datagram.Length - 4).CopyTo(datagram.AsSpan(4));
            if (remb && datagram.Length >= 20) "REMB"u8.CopyTo(datagram.AsSpan(12));
            Everything.Read(datagram);
        });

    [Fact]
    public void Flipped_bytes_in_a_valid_datagram_never_throw() =>
        Gen.Select(Gen.Int[0, Compound.Length - 1], Gen.Byte, Gen.Int[0, Compound.Length - 1], Gen.Byte).Sample((at, value, at2, value2) =>
        {
            var datagram = (byte[])Compound.Clone();
            datagram[at] = value;
            datagram[at2] = value2;
            Everything.Read(datagram);
        });
}
