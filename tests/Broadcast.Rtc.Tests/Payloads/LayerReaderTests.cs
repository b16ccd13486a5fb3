using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Payloads;
using Broadcast.Rtc.Tests.HeaderExtensions;
using CsCheck;

namespace Broadcast.Rtc.Tests.Payloads;

public class LayerReaderTests
{
    private const ushort All = 0xFFFF;

    [Theory]
    [InlineData("90 E0 8123 42 20", 0x000F, 0x0001, 0)] // X; I, L, T; long picture id; TID 0, Y
    [InlineData("90 E0 8123 42 00", 0x000F, 0x0000, 0)]
    [InlineData("90 E0 23 42 60", 0x000E, 0x0002, 1)] // short picture id; TID 1, Y
    [InlineData("80 20 80", 0x000C, 0x0000, 2)] // T only
    [InlineData("80 30 E5", 0x0008, 0x0008, 3)] // T, K
    public void Vp8_layers_are_those_of_the_descriptor(string payload, int targets, int switches, int temporalId)
    {
        var reader = new LayerReader(CodecKind.Vp8);
        Assert.Equal(
            new LayerMarks((ushort)targets, (ushort)switches, 0, (byte)temporalId, EndsLayerFrame: false),
            reader.Read(Hex.Bytes(payload), default, startsKeyframe: false));
        Assert.Equal((1, temporalId + 1), (reader.SpatialLayerCount, reader.TemporalLayerCount));
    }

    [Fact]
    public void Vp8_keyframe_lets_everyone_switch() =>
        Assert.Equal(All, new LayerReader(CodecKind.Vp8).Read(Hex.Bytes("90 E0 8123 42 00"), default, startsKeyframe: true).Switches);

    [Theory]
    [InlineData("10")]
    [InlineData("90 C0 8123 42")] // picture id and TL0PICIDX only
    [InlineData("90 10 05")] // KEYIDX only: its TID is not valid
    [InlineData("")]
    public void Vp8_without_temporal_id_has_no_layers(string payload)
    {
        var reader = new LayerReader(CodecKind.Vp8);
        Assert.Equal(default, reader.Read(Hex.Bytes(payload), default, startsKeyframe: true));
        Assert.Equal((0, 0), (reader.SpatialLayerCount, reader.TemporalLayerCount));
    }

    [Fact]
    public void Vp8_without_temporal_id_is_read_by_the_dependency_descriptor()
    {
        var reader = new LayerReader(CodecKind.Vp8);
        reader.Read(Hex.Bytes("10 00"), DependencyStructures.L1T3.Descriptor(0, 1, structure: true), startsKeyframe: true);
        Assert.Equal(0x000E, reader.Read(Hex.Bytes("10 01"), DependencyStructures.L1T3.Descriptor(2, 2), startsKeyframe: false).Targets);
    }

    // One key picture and one delta picture of three spatial layers; the structure of the key picture tells the sizes.
    private const string Vp9Structure = "50 0140 00B4 0280 0168 0500 02D0"; // three layers with sizes, no group
    private const string Vp9KeyBase = "AA 8101 00 01" + Vp9Structure; // I, L, B, V
    private const string Vp9KeyMiddle = "A8 8101 03 01"; // SID 1, D
    private const string Vp9KeyTop = "AD 8101 05 01"; // E, Z; SID 2, D

    [Fact]
    public void Vp9_key_picture_lets_everyone_switch_on_each_of_its_layers()
    {
        var reader = new LayerReader(CodecKind.Vp9);
        Assert.Equal(new LayerMarks(0xFFFF, All, 0, 0, false), reader.Read(Hex.Bytes(Vp9KeyBase), default, startsKeyframe: true));
        Assert.Equal(new LayerMarks(0xFFF0, All, 1, 0, false), reader.Read(Hex.Bytes(Vp9KeyMiddle), default, startsKeyframe: false));
        Assert.Equal(new LayerMarks(0xFF00, All, 2, 0, true), reader.Read(Hex.Bytes(Vp9KeyTop), default, startsKeyframe: false));
        Assert.Equal(3, reader.SpatialLayerCount);
        Assert.Equal(new FrameSize(320, 180), reader.SizeOf(0));
        Assert.Equal(new FrameSize(640, 360), reader.SizeOf(1));
        Assert.Equal(new FrameSize(1280, 720), reader.SizeOf(2));
        Assert.Equal(default, reader.SizeOf(3));
        Assert.Equal(default, reader.SizeOf(-1));
        Assert.Equal(default, reader.SizeOf(4));
    }

    [Theory]
    [InlineData("EC 8102 10 01", 0xFFFF, 0xEEEE, 0, 0)] // P; TID 0, U: targets with more temporal layers may begin
    [InlineData("E8 8102 40 01", 0xCCCC, 0x0000, 0, 2)] // TID 2
    [InlineData("E8 8102 50 01", 0xCCCC, 0x8888, 0, 2)]
    [InlineData("E9 8102 30 01", 0x000E, 0x000C, 0, 1)] // Z: key picture scalability leaves the layers apart
    [InlineData("E9 8102 32 01", 0x00E0, 0x00C0, 1, 1)]
    [InlineData("E9 8102 24 01", 0xEE00, 0x0000, 2, 1)] // the top layer serves all above
    [InlineData("A8 8102 03 01", 0xFFF0, 0x0000, 1, 0)] // an upper layer begins anew in another picture than the key picture
    public void Vp9_layers_are_those_of_the_descriptor(string payload, int targets, int switches, int spatialId, int temporalId)
    {
        var reader = new LayerReader(CodecKind.Vp9);
        reader.Read(Hex.Bytes(Vp9KeyBase), default, startsKeyframe: true);
        var marks = reader.Read(Hex.Bytes(payload), default, startsKeyframe: false);
        Assert.Equal(((ushort)targets, (ushort)switches, (byte)spatialId, (byte)temporalId), (marks.Targets, marks.Switches, marks.SpatialId, marks.TemporalId));
    }

    [Fact]
    public void Vp9_layers_above_the_fourth_count_as_the_fourth()
    {
        var reader = new LayerReader(CodecKind.Vp9);
        reader.Read(Hex.Bytes("EC 8102 EE 01"), default, startsKeyframe: false); // TID 7, SID 7
        var lower = reader.Read(Hex.Bytes("EC 8102 88 01"), default, startsKeyframe: false); // TID 4, SID 4
        Assert.Equal(new LayerMarks(0x8000, 0, 3, 3, EndsLayerFrame: false), lower);
        Assert.True(reader.Read(Hex.Bytes("EC 8102 EE 01"), default, startsKeyframe: false).EndsLayerFrame);
        Assert.Equal((4, 4), (reader.SpatialLayerCount, reader.TemporalLayerCount));
    }

    [Fact]
    public void Vp9_without_picture_ids_ends_its_key_picture_at_the_next_base_frame()
    {
        var reader = new LayerReader(CodecKind.Vp9);
        reader.Read(Hex.Bytes("28 00 01"), default, startsKeyframe: true);
        Assert.Equal(All, reader.Read(Hex.Bytes("2C 03 01"), default, startsKeyframe: false).Switches);
        reader.Read(Hex.Bytes("68 00 02"), default, startsKeyframe: false);
        Assert.Equal(0, reader.Read(Hex.Bytes("2C 03 02"), default, startsKeyframe: false).Switches);
    }

    [Theory]
    [InlineData("")]
    [InlineData("8C 8101 86")] // no layer byte
    [InlineData("AC")]
    [InlineData("AC 81")]
    [InlineData("AC 8101")]
    [InlineData("AE 8101 00 01 50 0140")] // the structure is cut off
    public void Vp9_without_readable_layer_indices_has_no_layers(string payload) =>
        Assert.Equal(default, new LayerReader(CodecKind.Vp9).Read(Hex.Bytes(payload), default, startsKeyframe: false));

    [Theory]
    [InlineData(CodecKind.H264)]
    [InlineData(CodecKind.Av1)]
    public void Temporal_layers_are_read_by_the_templates(CodecKind codec)
    {
        var structure = DependencyStructures.L1T3;
        var reader = new LayerReader(codec);
        Assert.Equal(default, reader.Read([1], structure.Descriptor(2, 99), startsKeyframe: false));
        Assert.Equal(new LayerMarks(0x000F, All, 0, 0, false), reader.Read([1], structure.Descriptor(0, 100, end: false, structure: true), startsKeyframe: true));
        Assert.Equal((1, 3), (reader.SpatialLayerCount, reader.TemporalLayerCount));
        Assert.Equal(new FrameSize(640, 360), reader.SizeOf(0));
        Assert.Equal(new LayerMarks(0x000F, 0x000E, 0, 0, true), reader.Read([1], structure.Descriptor(1, 104), startsKeyframe: false));
        Assert.Equal(new LayerMarks(0x000E, 0x000C, 0, 1, true), reader.Read([1], structure.Descriptor(2, 102), startsKeyframe: false));
        Assert.Equal(new LayerMarks(0x000C, 0x0000, 0, 2, true), reader.Read([1], structure.Descriptor(4, 103), startsKeyframe: false));
        Assert.Equal(default, reader.Read([1], structure.Descriptor(5, 103), startsKeyframe: false));
        Assert.Equal(default, reader.Read([1], default, startsKeyframe: false));
    }

    [Fact]
    public void Spatial_layers_that_refer_downwards_are_needed_by_all_above()
    {
        var structure = DependencyStructures.L3T3;
        var reader = Started(structure, keyTemplate: 1);
        Assert.Equal((3, 3), (reader.SpatialLayerCount, reader.TemporalLayerCount));
        Assert.Equal(new FrameSize(1280, 720), reader.SizeOf(2));
        Assert.Equal(new LayerMarks(0xFFFF, 0x000E, 0, 0, true), reader.Read([1], structure.Descriptor(0, 112), startsKeyframe: false));
        Assert.Equal(new LayerMarks(0xFFF0, 0x00E0, 1, 0, true), reader.Read([1], structure.Descriptor(5, 113), startsKeyframe: false));
        Assert.Equal(new LayerMarks(0xEEE0, 0x00C0, 1, 1, true), reader.Read([1], structure.Descriptor(7, 107), startsKeyframe: false));
        Assert.Equal(new LayerMarks(0xCC00, 0x0000, 2, 2, true), reader.Read([1], structure.Descriptor(13, 105), startsKeyframe: false));
    }

    [Fact]
    public void Spatial_layers_tied_at_key_pictures_only_stand_apart()
    {
        var structure = DependencyStructures.L3T3Key;
        var reader = Started(structure, keyTemplate: 0);
        Assert.Equal(new LayerMarks(0xFFF0, 0xEEE0, 1, 0, true), reader.Read([1], structure.Descriptor(4, 101), startsKeyframe: false));
        Assert.Equal(new LayerMarks(0x000F, 0x000E, 0, 0, true), reader.Read([1], structure.Descriptor(1, 112), startsKeyframe: false));
        Assert.Equal(new LayerMarks(0x00E0, 0x00C0, 1, 1, true), reader.Read([1], structure.Descriptor(6, 107), startsKeyframe: false));
        Assert.Equal(new LayerMarks(0xFF00, 0xEE00, 2, 0, true), reader.Read([1], structure.Descriptor(9, 114), startsKeyframe: false));
    }

    [Fact]
    public void Custom_indications_hold_for_all_packets_of_their_frame()
    {
        var structure = DependencyStructures.L1T3;
        var reader = Started(structure, keyTemplate: 0);
        Assert.Equal(0x000C, reader.Read([1], structure.Descriptor(2, 101, end: false, custom: "--R", customDifferences: [1, 300], customChains: [7]), startsKeyframe: false).Targets);
        Assert.Equal(0x000C, reader.Read([1], structure.Descriptor(2, 101, start: false), startsKeyframe: false).Targets);
        Assert.Equal(0x000E, reader.Read([1], structure.Descriptor(2, 102, start: false), startsKeyframe: false).Targets);
    }

    [Fact]
    public void Active_targets_follow_the_newest_frame_that_tells_them()
    {
        var structure = DependencyStructures.L3T3Key;
        var reader = Started(structure, keyTemplate: 0);
        Assert.Equal(All, reader.ActiveTargets);
        reader.Read([1], structure.Descriptor(1, 112, active: 0b000_111_111), startsKeyframe: false);
        Assert.Equal(0x00FF, reader.ActiveTargets);
        reader.Read([1], structure.Descriptor(1, 106, active: 0b000_000_001), startsKeyframe: false);
        Assert.Equal(0x00FF, reader.ActiveTargets);
        reader.Read([1], structure.Descriptor(0, 200, structure: true), startsKeyframe: true);
        Assert.Equal(All, reader.ActiveTargets);
        reader.Read([1], structure.Descriptor(0, 220, structure: true, active: 0b000_000_111), startsKeyframe: true);
        Assert.Equal(0x000F, reader.ActiveTargets);
    }

    [Fact]
    public void Every_truncation_of_a_structure_has_no_layers_until_the_next_structure()
    {
        foreach (var structure in (DependencyStructures[])[DependencyStructures.L1T3, DependencyStructures.L3T3, DependencyStructures.L3T3Key])
        {
            var reader = new LayerReader(CodecKind.Av1);
            var whole = structure.Descriptor(0, 100, structure: true);
            for (var length = DependencyDescriptorView.MandatoryLength + 1; length < whole.Length; length++)
            {
                Assert.True(reader.Read([1], whole, startsKeyframe: true).IsLayered);
                Assert.Equal(default, reader.Read([1], whole.AsSpan(0, length), startsKeyframe: true));
                Assert.Equal(default, reader.Read([1], structure.Descriptor(1, 101), startsKeyframe: false));
                Assert.Equal((0, default), (reader.SpatialLayerCount, reader.SizeOf(0)));
            }

            Assert.True(reader.Read([1], whole, startsKeyframe: true).IsLayered);
        }
    }

    [Fact]
    public void A_descriptor_shorter_than_its_fixed_part_has_no_layers()
    {
        var reader = Started(DependencyStructures.L1T3, keyTemplate: 0);
        for (var length = 0; length < DependencyDescriptorView.MandatoryLength; length++)
        {
            Assert.Equal(default, reader.Read([1], DependencyStructures.L1T3.Descriptor(1, 101).AsSpan(0, length), startsKeyframe: false));
        }

        var custom = DependencyStructures.L1T3.Descriptor(1, 101, active: 7, custom: "SSS");
        for (var length = DependencyDescriptorView.MandatoryLength + 1; length < custom.Length; length++)
        {
            Assert.Equal(default, reader.Read([1], custom.AsSpan(0, length), startsKeyframe: false));
        }

        Assert.True(reader.Read([1], custom, startsKeyframe: false).IsLayered);
    }

    [Fact]
    public void Structures_beyond_four_layers_or_sixteen_targets_have_no_layers()
    {
        DependencyStructures.Template[] fiveTemporal = [.. Enumerable.Range(0, 5).Select(t => new DependencyStructures.Template(0, t, "S", [], []))];
        DependencyStructures.Template[] fiveSpatial = [.. Enumerable.Range(0, 5).Select(s => new DependencyStructures.Template(s, 0, "S", [], []))];
        DependencyStructures.Template[] manyTargets = [new(0, 0, new string('S', 17), [], [])];
        DependencyStructures[] structures = [new(0, 1, [], fiveTemporal, []), new(0, 1, [], fiveSpatial, []), new(0, 17, [], manyTargets, [])];
        foreach (var structure in structures)
        {
            var reader = new LayerReader(CodecKind.Av1);
            Assert.Equal(default, reader.Read([1], structure.Descriptor(0, 1, structure: true), startsKeyframe: true));
            Assert.Equal(0, reader.SpatialLayerCount);
        }
    }

    [Fact]
    public void Arbitrary_bytes_are_read_or_refused() =>
        Gen.Select(Gen.Enum<CodecKind>(), Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 80], Gen.Bool).Array[1, 8].Sample(packets =>
        {
            var reader = new LayerReader(packets[0].Item1);
            foreach (var (_, payload, descriptor, startsKeyframe) in packets)
            {
                var marks = reader.Read(payload, descriptor, startsKeyframe);
                if (!marks.IsLayered && marks != default) return false;
                if (marks.IsLayered && reader.TemporalLayerCount is < 1 or > 4) return false;
            }

            return reader.SpatialLayerCount <= 4;
        });

    private static LayerReader Started(DependencyStructures structure, int keyTemplate)
    {
        var reader = new LayerReader(CodecKind.Av1);
        var marks = reader.Read([1], structure.Descriptor(keyTemplate, 100, structure: true), startsKeyframe: true);
        Assert.Equal((true, All), (marks.IsLayered, marks.Switches));
        return reader;
    }
}
