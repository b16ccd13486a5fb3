using Broadcast.Rtc.Payloads;

namespace Broadcast.Rtc.Tests.Payloads;

public class Av1Tests
{
    // The sequence header libaom makes of 642×362, as an OBU without size field.
    private const string SequenceHeader = "08 0000000CC5036936BE4010";

    [Theory]
    [InlineData("18" + SequenceHeader, true, true, 642, 362)] // W = 1, N
    [InlineData("28 0C" + SequenceHeader + "30 53A1", true, true, 642, 362)] // W = 2: the first has a length
    [InlineData("08 0C" + SequenceHeader + "03 3053A1", true, true, 642, 362)] // W = 0: both have one
    [InlineData("38 01 10 0C" + SequenceHeader + "30 53A1", true, true, 642, 362)] // W = 3, a temporal delimiter first
    [InlineData("18 0A 0B 0000000CC5036936BE4010", true, true, 642, 362)] // with an OBU size field
    [InlineData("18 0C 20 0000000CC5036936BE4010", true, true, 642, 362)] // with an OBU extension
    [InlineData("10" + SequenceHeader, false, true, 0, 0)] // N not set
    [InlineData("18 30 53A1", false, true, 0, 0)] // N without a sequence header
    [InlineData("90 53A1", false, false, 0, 0)] // Z
    [InlineData("98" + SequenceHeader, false, false, 0, 0)] // Z and N exclude each other
    [InlineData("18 08 0000", true, true, 0, 0)] // cut
    [InlineData("18", false, true, 0, 0)]
    [InlineData("28 FF08", false, true, 0, 0)]
    [InlineData("", false, false, 0, 0)]
    public void Inspect_finds_keyframes_and_their_size(string payload, bool startsKeyframe, bool startsFrame, int width, int height) =>
        Assert.Equal(
            new PayloadInfo(startsKeyframe, startsFrame, (ushort)width, (ushort)height),
            PayloadInspector.Inspect(CodecKind.Av1, Hex.Bytes(payload), marker: false));

    [Fact]
    public void Size_behind_timing_and_decoder_model_is_found()
    {
        var bits = new BitWriter();
        bits.Write(0, 3).Write(0, 1).Write(0, 1); // profile, still, reduced
        bits.Write(1, 1).Write(1, 32).Write(30, 32); // timing
        bits.Write(1, 1).Write(0b00101, 5); // equal interval, uvlc 4
        bits.Write(1, 1).Write(9, 5).Write(1, 32).Write(9, 5).Write(9, 5); // decoder model, delays of 10 bits
        bits.Write(1, 1).Write(1, 5); // display delay, two operating points
        bits.Write(1, 12).Write(8, 5).Write(1, 1).Write(1, 1).Write(5, 10).Write(6, 10).Write(0, 1).Write(1, 1).Write(3, 4);
        bits.Write(3, 12).Write(4, 5).Write(0, 1).Write(0, 1);
        bits.Write(10, 4).Write(9, 4).Write(1919, 11).Write(1079 & 0x3FF, 10);
        Assert.Equal(new FrameSize(1920, (1079 & 0x3FF) + 1), Av1SequenceHeader.ReadSize(bits.ToArray()));
    }

    [Fact]
    public void Reduced_still_picture_header_is_read()
    {
        var bits = new BitWriter().Write(0, 3).Write(1, 1).Write(1, 1).Write(8, 5).Write(9, 4).Write(8, 4).Write(639, 10).Write(359, 9);
        Assert.Equal(new FrameSize(640, 360), Av1SequenceHeader.ReadSize(bits.ToArray()));
    }

    [Fact]
    public void Elements_say_where_they_begin_and_end()
    {
        // Z, Y, W = 2: a continued fragment of two bytes, then the beginning of a frame OBU.
        var reader = new Av1ObuReader(Hex.Bytes("E0 02 AABB 30 CC"));
        Assert.True(reader.TryRead(out var obu));
        Assert.Equal((false, true, 0), (obu.IsStart, obu.IsEnd, obu.Type));
        Assert.Equal([0xAA, 0xBB], obu.Element.ToArray());
        Assert.True(reader.TryRead(out obu));
        Assert.Equal((true, false, 6), (obu.IsStart, obu.IsEnd, obu.Type));
        Assert.Equal([0xCC], obu.Body.ToArray());
        Assert.False(reader.TryRead(out _));
        Assert.Equal(DropReason.None, reader.Reason);
    }

    [Fact]
    public void Truncations_end_the_walk_without_a_wrong_size()
    {
        var whole = Hex.Bytes("08 0C" + SequenceHeader + "03 3053A1");
        for (var length = 0; length < whole.Length; length++)
        {
            if (Av1SequenceHeader.TryFind(whole.AsSpan(0, length), out var size)) Assert.Equal(new FrameSize(642, 362), size);
        }
    }
}
