using Broadcast.Rtc.Payloads;

namespace Broadcast.Rtc.Tests.Payloads;

public class H264Tests
{
    // As x264 writes them: 1280×720 baseline.
    private const string Sps = "6742C01FD9005005BB0110000003001000000300A0F183248000";
    private const string Pps = "68CB83CB20";
    private const string Interlaced = "67640028ACD94078044FDE022000000300200000030143E2C5B2C0";

    [Theory]
    [InlineData(Sps, 1280, 720)]
    [InlineData("67640028ACD940780227E5C044000003000400000300283C60C658", 1920, 1080)] // high, cropped
    [InlineData("67F40016919B281405FF1380880000030008000003005078B16CB0", 640, 360)] // 4:4:4
    [InlineData("677A0016BCD940A02FEA2F0110000003001000000300A0F162D960", 638, 358)] // 4:2:2, cropped
    [InlineData(Interlaced, 1920, 1080)]
    public void Size_is_read_from_the_parameter_set(string sps, int width, int height)
    {
        Assert.Equal(new FrameSize((ushort)width, (ushort)height), H264SequenceParameterSet.ReadSize(Hex.Bytes(sps).AsSpan(1)));
        Assert.Equal(
            new PayloadInfo(true, true, (ushort)width, (ushort)height), PayloadInspector.Inspect(CodecKind.H264, Hex.Bytes(sps), false));
    }

    [Fact]
    public void Truncated_parameter_set_gives_the_same_size_or_none()
    {
        var whole = Hex.Bytes(Sps).AsSpan(1);
        var known = 0;
        for (var length = 0; length <= whole.Length; length++)
        {
            var size = H264SequenceParameterSet.ReadSize(whole[..length]);
            if (size.IsKnown) known++;
            Assert.True(!size.IsKnown || size == new FrameSize(1280, 720));
        }

        Assert.InRange(known, 1, whole.Length - 6);
    }

    [Fact]
    public void Scaling_lists_and_picture_order_type_1_are_stepped_over()
    {
        var bits = new BitWriter().Write(100, 8).Write(0, 8).Write(40, 8).WriteExponentialGolomb(0);
        bits.WriteExponentialGolomb(1).WriteExponentialGolomb(0).WriteExponentialGolomb(0).Write(0, 1).Write(1, 1);

        // The first list in full, the second ended by a zero after three entries (8 + 1, + 1, − 10), the seventh in full.
        bits.Write(1, 1);
        for (var i = 0; i < 16; i++) bits.WriteExponentialGolomb(1);
        bits.Write(1, 1).WriteExponentialGolomb(1).WriteExponentialGolomb(1).WriteExponentialGolomb(20);
        bits.Write(0, 4).Write(1, 1);
        for (var i = 0; i < 64; i++) bits.WriteExponentialGolomb(0);
        bits.Write(0, 1);

        bits.WriteExponentialGolomb(4);
        bits.WriteExponentialGolomb(1).Write(0, 1).WriteExponentialGolomb(3).WriteExponentialGolomb(4).WriteExponentialGolomb(2);
        bits.WriteExponentialGolomb(5).WriteExponentialGolomb(6);
        bits.WriteExponentialGolomb(1).Write(0, 1).WriteExponentialGolomb(39).WriteExponentialGolomb(22).Write(1, 1).Write(1, 1);
        bits.Write(1, 1).WriteExponentialGolomb(0).WriteExponentialGolomb(0).WriteExponentialGolomb(0).WriteExponentialGolomb(4).Write(1, 1);
        Assert.Equal(new FrameSize(640, 360), H264SequenceParameterSet.ReadSize(bits.ToArray()));
    }

    [Theory]
    [InlineData("65 88", true, true)] // IDR, first slice
    [InlineData("65 48", false, false)] // IDR, a later slice
    [InlineData("41 9A", false, true)] // non-IDR
    [InlineData("06 05FF", false, true)] // SEI
    [InlineData("09 10", false, true)] // delimiter
    [InlineData("68 CB83", false, true)] // PPS
    [InlineData("7C 85 88", true, true)] // FU-A, start of an IDR slice
    [InlineData("7C 05 88", false, false)] // FU-A, middle
    [InlineData("7C 45 88", false, false)] // FU-A, end
    [InlineData("5C 81 9A", false, true)] // FU-A, start of a non-IDR slice
    [InlineData("78 0002 0910 0003 658880", true, true)] // STAP-A: delimiter, then IDR
    [InlineData("78 0002 0910 0003 419A80", false, true)] // STAP-A: delimiter, then non-IDR
    [InlineData("79 0000 0002 0910", false, false)] // STAP-B
    [InlineData("78 00FF 0910", false, false)]
    [InlineData("78 0000", false, false)]
    [InlineData("78", false, false)]
    [InlineData("7C", false, false)]
    [InlineData("00", false, false)]
    [InlineData("", false, false)]
    public void Inspect_finds_where_a_decoder_may_start(string payload, bool startsKeyframe, bool startsFrame)
    {
        var info = PayloadInspector.Inspect(CodecKind.H264, Hex.Bytes(payload), false);
        Assert.Equal((startsKeyframe, startsFrame), (info.StartsKeyframe, info.StartsFrame));
    }

    [Fact]
    public void Aggregate_of_parameter_sets_and_idr_is_a_keyframe_with_its_size()
    {
        var payload = Hex.Bytes($"78 001A {Sps} 0005 {Pps} 0003 658884");
        Assert.Equal(DropReason.None, H264Payload.TryParse(payload, out var view));
        Assert.Equal(new H264Payload(true, true, true, true, true, new FrameSize(1280, 720)), view);
    }

    [Fact]
    public void Every_truncation_of_an_aggregate_is_refused_except_between_units()
    {
        var whole = Hex.Bytes($"78 001A {Sps} 0005 {Pps} 0003 658884");
        int[] ends = [29, 36, 41];
        for (var length = 0; length <= whole.Length; length++)
        {
            var reason = H264Payload.TryParse(whole.AsSpan(0, length), out _);
            Assert.Equal(ends.Contains(length), reason == DropReason.None);
        }
    }

    [Fact]
    public void Fragments_carry_the_header_of_their_unit()
    {
        var reader = new H264NalUnitReader(Hex.Bytes("7C 85 88AA"));
        Assert.True(reader.TryRead(out var unit));
        Assert.Equal(0x65, unit.Header);
        Assert.Equal([0x88, 0xAA], unit.Body.ToArray());
        Assert.True(unit.IsStart);
        Assert.False(unit.IsEnd);
        Assert.False(reader.TryRead(out _));
    }
}
