using Broadcast.Rtc.Payloads;
using CsCheck;

namespace Broadcast.Rtc.Tests.Payloads;

/// <summary>RFC 6716 §3.1, Table 2.</summary>
public class OpusPacketTests
{
    [Theory]
    [InlineData(0, 480)]
    [InlineData(1, 960)]
    [InlineData(2, 1920)]
    [InlineData(3, 2880)]
    [InlineData(11, 2880)]
    [InlineData(12, 480)]
    [InlineData(15, 960)]
    [InlineData(16, 120)]
    [InlineData(17, 240)]
    [InlineData(30, 480)]
    [InlineData(31, 960)]
    public void Duration_of_one_frame_by_configuration(int configuration, int expected)
    {
        Assert.Equal(DropReason.None, OpusPacket.TryDuration([(byte)(configuration << 3), 1, 2], out var duration));
        Assert.Equal(expected, duration);
    }

    [Theory]
    [InlineData("FC 00", 960)]
    [InlineData("FD 00", 1920)]
    [InlineData("FE 00", 1920)]
    [InlineData("FF 03 00", 2880)]
    public void Frames_of_a_packet_add_up(string packet, int expected)
    {
        Assert.Equal(DropReason.None, OpusPacket.TryDuration(Hex.Bytes(packet), out var duration));
        Assert.Equal(expected, duration);
        Assert.True(OpusPacket.IsStereo(Hex.Bytes(packet)));
    }

    [Theory]
    [InlineData("", DropReason.PayloadTruncated)]
    [InlineData("FF", DropReason.PayloadTruncated)]
    [InlineData("FF00", DropReason.PayloadMalformed)]
    [InlineData("1F03", DropReason.PayloadMalformed)] // 180 ms
    public void Bad_packet_names_the_reason(string packet, DropReason expected) =>
        Assert.Equal(expected, OpusPacket.TryDuration(Hex.Bytes(packet), out _));

    [Fact]
    public void Short_packets_are_discontinuous_transmission()
    {
        Assert.True(OpusPacket.IsDiscontinuous([0xF8, 0xFF]));
        Assert.False(OpusPacket.IsDiscontinuous([0xF8, 0xFF, 0xFE]));
    }

    [Fact]
    public void Any_bytes_last_at_most_120_ms() =>
        Gen.Byte.Array[0, 4].Sample(packet =>
            OpusPacket.TryDuration(packet, out var duration) != DropReason.None ? duration == 0 : duration is >= 120 and <= OpusPacket.MaximumDuration);
}
