using Broadcast.Rtc.Payloads;
using CsCheck;

namespace Broadcast.Rtc.Tests.Payloads;

public class Vp9Tests
{
    /// <summary>The first frames libvpx makes of 642×362, profiles 0 and 1.</summary>
    private const string Keyframe = "8249834200281016960C";
    private const string KeyframeProfile1 = "A249834200050202D2C2";

    // Three spatial layers 320×180, 640×360, 1280×720; a picture group of two, with one and two references.
    private const string Structure = "58 0140 00B4 0280 0168 0500 02D0 02 04 01 28 02 01";

    [Fact]
    public void Non_flexible_descriptor_with_structure_is_read()
    {
        // I, L, B, V; 15-bit id 0x0102; TID 1, U, SID 2, D; TL0PICIDX 0x77
        var payload = Hex.Bytes("AA 8102 35 77" + Structure + Keyframe);
        Assert.Equal(DropReason.None, Vp9Descriptor.TryParse(payload, out var descriptor));
        Assert.Equal(0x0102, descriptor.PictureId);
        Assert.Equal((1, 4), (descriptor.PictureIdOffset, descriptor.Tl0PicIdxOffset));
        Assert.Equal((1, 2), (descriptor.TemporalId, descriptor.SpatialId));
        Assert.True(descriptor.IsSwitchingUpPoint);
        Assert.True(descriptor.IsInterLayerPredicted);
        Assert.Equal(0x77, descriptor.Tl0PicIdx);
        Assert.True(descriptor.HasScalabilityStructure);
        Assert.Equal(3, descriptor.SpatialLayerCount);
        Assert.Equal(new FrameSize(1280, 720), descriptor.LargestLayerSize);
        Assert.Equal(payload.Length - 10, descriptor.Length);
        Assert.True(descriptor.BeginsFrame);
        Assert.False(descriptor.EndsFrame);
    }

    [Fact]
    public void Flexible_descriptor_steps_over_its_references()
    {
        // I, P, L, F, B, E; 7-bit id; layer byte; two references, the second the last
        Assert.Equal(DropReason.None, Vp9Descriptor.TryParse(Hex.Bytes("FC 12 00 03 04 86"), out var descriptor));
        Assert.Equal(5, descriptor.Length);
        Assert.True(descriptor.IsFlexibleMode);
        Assert.False(descriptor.HasTl0PicIdx);
        Assert.False(descriptor.HasLongPictureId);
        Assert.True(descriptor.EndsFrame);
        Assert.Equal(DropReason.PayloadMalformed, Vp9Descriptor.TryParse(Hex.Bytes("FC 12 00 03 05 07 08"), out _));
    }

    [Fact]
    public void Every_truncation_of_the_descriptor_is_refused()
    {
        var whole = Hex.Bytes("AA 8102 35 77" + Structure);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Equal(DropReason.PayloadTruncated, Vp9Descriptor.TryParse(whole.AsSpan(0, length), out _));
        }

        Assert.Equal(DropReason.None, Vp9Descriptor.TryParse(whole, out _));
    }

    [Theory]
    [InlineData("88 01" + Keyframe, true, true, 642, 362)]
    [InlineData("88 01" + KeyframeProfile1, true, true, 642, 362)]
    [InlineData("AA 8102 00 77" + Structure + Keyframe, true, true, 1280, 720)]
    [InlineData("AA 8102 02 77" + Structure + Keyframe, false, true, 0, 0)] // an upper layer of a key picture
    [InlineData("C8 01 86", false, true, 0, 0)] // predicted
    [InlineData("80 01" + Keyframe, false, false, 0, 0)] // not the beginning
    [InlineData("08 86005000", false, true, 0, 0)] // FFmpeg's descriptor without P before an inter frame
    [InlineData("08 8A", false, true, 0, 0)] // shows an existing frame
    [InlineData("88 01 00112233", true, true, 0, 0)] // no VP9 header to ask: the descriptor decides
    [InlineData("88 01", false, true, 0, 0)]
    [InlineData("", false, false, 0, 0)]
    public void Inspect_finds_keyframes_and_their_size(string payload, bool startsKeyframe, bool startsFrame, int width, int height) =>
        Assert.Equal(
            new PayloadInfo(startsKeyframe, startsFrame, (ushort)width, (ushort)height),
            PayloadInspector.Inspect(CodecKind.Vp9, Hex.Bytes(payload), marker: false));

    [Fact]
    public void What_is_patched_is_read_back() =>
        Gen.Select(Gen.Byte.Array[1, 30], Gen.UShort, Gen.Byte).Sample((payload, pictureId, tl0) =>
        {
            if (Vp9Descriptor.TryParse(payload, out var before) != DropReason.None) return true;
            Assert.True(Vp9DescriptorWriter.TryPatch(payload, before, pictureId, tl0));
            Assert.Equal(DropReason.None, Vp9Descriptor.TryParse(payload, out var after));
            var expectedId = !before.HasPictureId ? 0 : before.HasLongPictureId ? pictureId & 0x7FFF : pictureId & 0x7F;
            return after.PictureId == expectedId && after.Tl0PicIdx == (before.HasTl0PicIdx ? tl0 : 0)
                && after.Length == before.Length && after.SpatialId == before.SpatialId && after.TemporalId == before.TemporalId;
        });
}
