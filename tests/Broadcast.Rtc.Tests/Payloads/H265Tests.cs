using Broadcast.Rtc.Payloads;

namespace Broadcast.Rtc.Tests.Payloads;

public class H265Tests
{
    // As x265 writes them.
    private const string Vps = "40010C01FFFF01600000030090000003000003007895980900";
    private const string Sps = "420101016000000300900000030000030078A003C08010E596566924CAF0168080000003008000000302 84";

    [Theory]
    [InlineData(Sps, 1920, 1080)]
    [InlineData("42010104080000 03009E0800000300003F9000A2402E39E7CB2B349265780B40400000030040000003 0142", 642, 362)]
    public void Size_is_read_from_the_parameter_set(string sps, int width, int height)
    {
        Assert.Equal(new FrameSize((ushort)width, (ushort)height), H265SequenceParameterSet.ReadSize(Hex.Bytes(sps).AsSpan(2)));
        Assert.Equal(
            new PayloadInfo(true, true, (ushort)width, (ushort)height), PayloadInspector.Inspect(CodecKind.H265, Hex.Bytes(sps), false));
    }

    [Fact]
    public void Sub_layers_before_the_size_are_stepped_over()
    {
        // Two sub-layers, the lower with profile and level: 16 bits of flags, 96 more; then as above.
        var plain = Hex.Bytes(Sps.Replace(" ", "", StringComparison.Ordinal));
        var general = plain.AsSpan(3, 2 + 13).ToArray(); // with its two emulation prevention bytes
        byte[] nested = [0x42, 0x01, 0x03, .. general, 0xC0, 0x00, .. general, .. plain.AsSpan(3 + general.Length)];
        Assert.Equal(new FrameSize(1920, 1080), H265SequenceParameterSet.ReadSize(nested.AsSpan(2)));
    }

    [Fact]
    public void Truncated_parameter_set_gives_the_same_size_or_none()
    {
        var whole = Hex.Bytes(Sps).AsSpan(2);
        for (var length = 0; length <= whole.Length; length++)
        {
            var size = H265SequenceParameterSet.ReadSize(whole[..length]);
            Assert.True(!size.IsKnown || size == new FrameSize(1920, 1080));
        }
    }

    [Theory]
    [InlineData("2601 AF", true, true)] // IDR_W_RADL, first slice
    [InlineData("2601 2F", false, false)] // a later slice
    [InlineData("2A01 AF", true, true)] // CRA
    [InlineData("0201 D0", false, true)] // TRAIL_R
    [InlineData("4401 C1", false, true)] // PPS
    [InlineData("4601 10", false, true)] // delimiter
    [InlineData("5001 10", false, false)] // suffix SEI
    [InlineData("6201 93 AF", true, true)] // FU, start of IDR_W_RADL
    [InlineData("6201 13 AF", false, false)]
    [InlineData("6201 53 AF", false, false)]
    [InlineData("6001 0003 460110 0003 2601AF", true, true)] // AP
    [InlineData("6001 0001 46", false, false)]
    [InlineData("6001 0009 460110", false, false)]
    [InlineData("6401 0000", false, false)] // PACI
    [InlineData("2601", false, false)]
    [InlineData("", false, false)]
    public void Inspect_finds_where_a_decoder_may_start(string payload, bool startsKeyframe, bool startsFrame)
    {
        var info = PayloadInspector.Inspect(CodecKind.H265, Hex.Bytes(payload), false);
        Assert.Equal((startsKeyframe, startsFrame), (info.StartsKeyframe, info.StartsFrame));
    }

    [Fact]
    public void Parameter_sets_in_an_aggregate_are_all_found()
    {
        var vps = Hex.Bytes(Vps);
        var sps = Hex.Bytes(Sps);
        byte[] payload = [0x60, 0x01, 0, (byte)vps.Length, .. vps, 0, (byte)sps.Length, .. sps, 0, 3, 0x44, 0x01, 0xC1];
        Assert.Equal(DropReason.None, H265Payload.TryParse(payload, out var view));
        Assert.Equal(new H265Payload(true, true, true, false, true, new FrameSize(1920, 1080)), view);
    }

    [Fact]
    public void Fragments_carry_the_header_of_their_unit()
    {
        var reader = new H265NalUnitReader(Hex.Bytes("6201 93 AF"));
        Assert.True(reader.TryRead(out var unit));
        Assert.Equal(0x2601, unit.Header);
        Assert.Equal([0xAF], unit.Body.ToArray());
    }
}
