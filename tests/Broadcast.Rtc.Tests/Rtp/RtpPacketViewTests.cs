using Broadcast.Rtc.Rtp;
using CsCheck;

namespace Broadcast.Rtc.Tests.Rtp;

public class RtpPacketViewTests
{
    private static readonly byte[] Plain = Hex.Bytes("80 E0 1234 01020304 DEADBEEF  0A0B0C");

    // Two CSRCs, one extension word, three payload bytes and two of padding.
    private static readonly byte[] Full = Hex.Bytes(
        "B2 60 FFFF FFFFFFFF 00000001  11111111 22222222  BEDE 0001 10AA 0000  0A0B0C 0002");

    [Fact]
    public void TryParse_plain_packet_exposes_every_field()
    {
        Assert.Equal(DropReason.None, RtpPacketView.TryParse(Plain, out var view));
        Assert.True(view.Marker);
        Assert.Equal(96, view.PayloadType);
        Assert.Equal(0x1234, view.SequenceNumber);
        Assert.Equal(0x01020304u, view.Timestamp);
        Assert.Equal(0xDEADBEEFu, view.Ssrc);
        Assert.Equal(12, view.HeaderLength);
        Assert.Equal(0, view.ExtensionProfile);
        Assert.True(view.ExtensionData.IsEmpty);
        Assert.Equal([0x0A, 0x0B, 0x0C], view.Payload.ToArray());
        Assert.Equal(0, view.PaddingLength);
    }

    [Fact]
    public void TryParse_with_sources_extension_and_padding_finds_each_part()
    {
        Assert.Equal(DropReason.None, RtpPacketView.TryParse(Full, out var view));
        Assert.False(view.Marker);
        Assert.Equal(2, view.CsrcCount);
        Assert.Equal(28, view.HeaderLength);
        Assert.Equal(0xBEDE, view.ExtensionProfile);
        Assert.Equal([0x10, 0xAA, 0, 0], view.ExtensionData.ToArray());
        Assert.Equal([0x0A, 0x0B, 0x0C], view.Payload.ToArray());
        Assert.Equal(2, view.PaddingLength);
    }

    [Fact]
    public void TryParse_padding_only_packet_has_an_empty_payload()
    {
        Assert.Equal(DropReason.None, RtpPacketView.TryParse(Hex.Bytes("A0 60 0001 00000000 00000001 00000004"), out var view));
        Assert.True(view.Payload.IsEmpty);
        Assert.Equal(4, view.PaddingLength);
    }

    [Theory]
    [InlineData("40 60 0001 00000000 00000001", DropReason.RtpBadVersion)]
    [InlineData("A0 60 0001 00000000 00000001", DropReason.RtpBadPadding)]
    [InlineData("A0 60 0001 00000000 00000001 00000000", DropReason.RtpBadPadding)]
    [InlineData("A0 60 0001 00000000 00000001 00000005", DropReason.RtpBadPadding)]
    [InlineData("90 60 0001 00000000 00000001 BEDE00", DropReason.RtpBadExtension)]
    [InlineData("90 60 0001 00000000 00000001 BEDE FFFF 00000000", DropReason.RtpBadExtension)]
    [InlineData("81 60 0001 00000000 00000001 000000", DropReason.RtpTruncated)]
    public void TryParse_bad_packet_names_the_reason(string packet, DropReason expected) =>
        Assert.Equal(expected, RtpPacketView.TryParse(Hex.Bytes(packet), out _));

    [Fact]
    public void TryParse_every_truncation_of_the_header_is_refused()
    {
        for (var length = 0; length < 28; length++)
        {
            Assert.NotEqual(DropReason.None, RtpPacketView.TryParse(Full.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void TryParse_random_bytes_never_throws_and_parts_add_up() =>
        Gen.Byte.Array[0, 80].Sample(bytes =>
        {
            if (bytes.Length > 0) bytes[0] = (byte)((bytes[0] & 0x3F) | 0x80);
            if (RtpPacketView.TryParse(bytes, out var view) != DropReason.None) return true;
            return view.HeaderLength + view.Payload.Length + view.PaddingLength == bytes.Length
                && view.ExtensionData.Length % 4 == 0
                && view.HeaderLength == 12 + (view.CsrcCount * 4) + (view.HasExtension ? 4 + view.ExtensionData.Length : 0);
        });

    [Fact]
    public void Write_then_parse_round_trips() =>
        Gen.Select(Gen.Bool, Gen.Byte[0, 127], Gen.UShort, Gen.UInt, Gen.UInt, Gen.Byte).Sample((marker, payloadType, sequence, timestamp, ssrc, padding) =>
        {
            var packet = new byte[RtpHeader.FixedLength + 5 + padding];
            RtpHeader.Write(packet, marker, payloadType, sequence, timestamp, ssrc, false, padding > 0);
            if (padding > 0) RtpHeader.WritePadding(packet.AsSpan(^padding..));
            return RtpPacketView.TryParse(packet, out var view) == DropReason.None
                && view.Marker == marker && view.PayloadType == payloadType && view.SequenceNumber == sequence
                && view.Timestamp == timestamp && view.Ssrc == ssrc && view.PaddingLength == padding && view.Payload.Length == 5;
        });

    [Fact]
    public void SetPadding_and_SetMarker_change_one_bit_each()
    {
        var packet = (byte[])Plain.Clone();
        RtpHeader.SetMarker(packet, false);
        RtpHeader.SetPadding(packet, true);
        Assert.Equal(0xA0, packet[0]);
        Assert.Equal(0x60, packet[1]);
        RtpHeader.SetMarker(packet, true);
        RtpHeader.SetPadding(packet, false);
        Assert.Equal(Plain, packet);
    }

    [Fact]
    public void Rtx_payload_splits_into_original_number_and_payload()
    {
        Assert.Equal(DropReason.None, RtxPayload.TryParse([0x12, 0x34, 0xAB], out var original, out var payload));
        Assert.Equal(0x1234, original);
        Assert.Equal([0xAB], payload.ToArray());
        Assert.Equal(DropReason.RtpPaddingOnly, RtxPayload.TryParse([], out _, out _));
        Assert.Equal(DropReason.RtpBadRtx, RtxPayload.TryParse([1], out _, out _));
    }
}
