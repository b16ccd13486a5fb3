using Broadcast.Rtc.Payloads;
using CsCheck;

namespace Broadcast.Rtc.Tests.Payloads;

public class Vp8Tests
{
    /// <summary>The first frame libvpx makes of 642×362.</summary>
    private const string Keyframe = "70A900 9D012A 8202 6A01 0087088585";

    [Fact]
    public void Descriptor_with_every_field_is_read()
    {
        // X; S; I, L, T, K; 15-bit picture id 0x1234; TL0PICIDX 0x56; TID 2, Y, KEYIDX 9
        Assert.Equal(DropReason.None, Vp8Descriptor.TryParse(Hex.Bytes("90 F0 9234 56 A9 01"), out var descriptor));
        Assert.Equal(6, descriptor.Length);
        Assert.True(descriptor.IsFrameStart);
        Assert.False(descriptor.IsNonReference);
        Assert.True(descriptor.HasLongPictureId);
        Assert.Equal(0x1234, descriptor.PictureId);
        Assert.Equal(2, descriptor.PictureIdOffset);
        Assert.Equal(0x56, descriptor.Tl0PicIdx);
        Assert.Equal(4, descriptor.Tl0PicIdxOffset);
        Assert.Equal(2, descriptor.TemporalId);
        Assert.True(descriptor.IsLayerSync);
        Assert.True(descriptor.HasKeyIndex);
        Assert.Equal(9, descriptor.KeyIndex);
    }

    [Fact]
    public void Shortest_descriptor_has_no_optional_field()
    {
        Assert.Equal(DropReason.None, Vp8Descriptor.TryParse(Hex.Bytes("20 01"), out var descriptor));
        Assert.Equal(1, descriptor.Length);
        Assert.False(descriptor.IsFrameStart);
        Assert.True(descriptor.IsNonReference);
        Assert.False(descriptor.HasPictureId);
        Assert.False(descriptor.HasTl0PicIdx);
        Assert.False(descriptor.HasTemporalId);
    }

    [Fact]
    public void Every_truncation_of_the_descriptor_is_refused()
    {
        var whole = Hex.Bytes("90 F0 9234 56 A9");
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Equal(DropReason.PayloadTruncated, Vp8Descriptor.TryParse(whole.AsSpan(0, length), out _));
        }
    }

    [Theory]
    [InlineData("90 80 81 23" + Keyframe, true, true, 642, 362)]
    [InlineData("10" + Keyframe, true, true, 642, 362)]
    [InlineData("11" + Keyframe, false, false, 0, 0)] // a later partition
    [InlineData("00" + Keyframe, false, false, 0, 0)] // a later packet
    [InlineData("10 71A900", false, true, 0, 0)]
    [InlineData("10 70A900 9D01", true, true, 0, 0)]
    [InlineData("10", false, true, 0, 0)]
    [InlineData("", false, false, 0, 0)]
    public void Inspect_finds_keyframes_and_their_size(string payload, bool startsKeyframe, bool startsFrame, int width, int height) =>
        Assert.Equal(
            new PayloadInfo(startsKeyframe, startsFrame, (ushort)width, (ushort)height),
            PayloadInspector.Inspect(CodecKind.Vp8, Hex.Bytes(payload), marker: false));

    [Fact]
    public void Patch_keeps_the_width_of_the_picture_id_and_all_else()
    {
        var longId = Hex.Bytes("90 F0 9234 56 A9 01");
        Vp8Descriptor.TryParse(longId, out var descriptor);
        Assert.True(Vp8DescriptorWriter.TryPatch(longId, descriptor, 0xFFFE, 0xAB));
        Assert.Equal(Hex.Bytes("90 F0 FFFE AB A9 01"), longId);

        var shortId = Hex.Bytes("90 80 12 01");
        Vp8Descriptor.TryParse(shortId, out descriptor);
        Assert.True(Vp8DescriptorWriter.TryPatch(shortId, descriptor, 0x1FF, 0xAB));
        Assert.Equal(Hex.Bytes("90 80 7F 01"), shortId);
        Assert.False(Vp8DescriptorWriter.TryPatch(shortId.AsSpan(0, 2), descriptor, 1, 1));
    }

    [Fact]
    public void What_is_patched_is_read_back() =>
        Gen.Select(Gen.Byte.Array[1, 12], Gen.UShort, Gen.Byte).Sample((payload, pictureId, tl0) =>
        {
            if (Vp8Descriptor.TryParse(payload, out var before) != DropReason.None) return true;
            Assert.True(Vp8DescriptorWriter.TryPatch(payload, before, pictureId, tl0));
            Assert.Equal(DropReason.None, Vp8Descriptor.TryParse(payload, out var after));
            var expectedId = !before.HasPictureId ? 0 : before.HasLongPictureId ? pictureId & 0x7FFF : pictureId & 0x7F;
            return after.PictureId == expectedId && after.Tl0PicIdx == (before.HasTl0PicIdx ? tl0 : 0)
                && after.Length == before.Length && after.TemporalId == before.TemporalId && after.KeyIndex == before.KeyIndex
                && after.HasLongPictureId == before.HasLongPictureId;
        });
}
