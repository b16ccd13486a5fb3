using Broadcast.Rtc.Payloads;
using CsCheck;

namespace Broadcast.Rtc.Tests.Payloads;

public class PayloadInspectorTests
{
    private static readonly Dictionary<CodecKind, byte[]> Keyframes = new()
    {
        [CodecKind.Vp8] = Hex.Bytes("90 F0 9234 56 A9 70A9009D012A82026A01"),
        [CodecKind.Vp9] = Hex.Bytes("AA 8102 00 77 58 0140 00B4 0280 0168 0500 02D0 02 04 01 28 02 01 8249834200281016960C"),
        [CodecKind.H264] = Hex.Bytes("78 001A 6742C01FD9005005BB0110000003001000000300A0F183248000 0003 658884"),
        [CodecKind.H265] = Hex.Bytes("420101016000000300900000030000030078A003C08010E596566924CAF01680800000030080000003028400"),
        [CodecKind.Av1] = Hex.Bytes("28 0C 08 0000000CC5036936BE4010 30 53A1"),
    };

    [Theory]
    [InlineData(CodecKind.Opus)]
    [InlineData(CodecKind.Pcmu)]
    [InlineData(CodecKind.Pcma)]
    public void Audio_may_start_anywhere(CodecKind codec) =>
        Assert.Equal(new PayloadInfo(true, true, 0, 0), PayloadInspector.Inspect(codec, [1, 2, 3], true));

    [Fact]
    public void Random_bytes_never_throw() =>
        Gen.Select(Gen.Enum<CodecKind>(), Gen.Byte.Array[0, 64], Gen.Bool).Sample((codec, payload, marker) =>
        {
            PayloadInspector.Inspect(codec, payload, marker);
        }, iter: 20_000);

    [Fact]
    public void Damaged_and_truncated_keyframes_never_throw() =>
        Gen.Select(Gen.OneOf([.. Keyframes.Keys]), Gen.Select(Gen.Int[0, 60], Gen.Byte).Array[0, 4], Gen.Int[0, 60]).Sample((codec, damage, length) =>
        {
            var payload = (byte[])Keyframes[codec].Clone();
            foreach (var (at, value) in damage) payload[at % payload.Length] = value;
            PayloadInspector.Inspect(codec, payload.AsSpan(0, Math.Min(length, payload.Length)), false);
        }, iter: 20_000);

    [Fact]
    public void Keyframes_are_found_with_their_size()
    {
        foreach (var (codec, payload) in Keyframes)
        {
            var info = PayloadInspector.Inspect(codec, payload, false);
            Assert.True(info.StartsKeyframe);
            Assert.NotEqual(0, info.Width);
        }
    }

    [Fact]
    public void Inspecting_allocates_nothing()
    {
        long before = 0;
        for (var i = 0; i < 2000; i++)
        {
            if (i == 1000) before = GC.GetAllocatedBytesForCurrentThread();
            PayloadInspector.Inspect(CodecKind.Vp8, Keyframes[CodecKind.Vp8], false);
            PayloadInspector.Inspect(CodecKind.Vp9, Keyframes[CodecKind.Vp9], false);
            PayloadInspector.Inspect(CodecKind.H264, Keyframes[CodecKind.H264], false);
            PayloadInspector.Inspect(CodecKind.H265, Keyframes[CodecKind.H265], false);
            PayloadInspector.Inspect(CodecKind.Av1, Keyframes[CodecKind.Av1], false);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
