using System.Runtime.CompilerServices;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Payloads;
using CsCheck;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

public class DependencyStructureTests
{
    [Fact]
    public void Decode_targets_have_the_highest_layers_of_their_frames()
    {
        foreach (var known in (DependencyStructures[])[DependencyStructures.L3T3, DependencyStructures.L3T3Key])
        {
            Assert.Equal(DropReason.None, DependencyStructure.TryParse(known.Descriptor(0, 1, structure: true), out var structure));
            Assert.Equal(9, structure.DecodeTargetCount);
            for (var target = 0; target < 9; target++) Assert.Equal((target / 3, target % 3), (structure.SpatialIdOf(target), structure.TemporalIdOf(target)));
        }
    }

    [Theory]
    [InlineData(0, 0, 0b000_000_001)]
    [InlineData(0, 2, 0b000_000_111)]
    [InlineData(1, 1, 0b000_011_011)]
    [InlineData(3, 3, 0b111_111_111)]
    public void Active_targets_are_those_within_the_layers(int spatialId, int temporalId, int expected)
    {
        DependencyStructure.TryParse(DependencyStructures.L3T3.Descriptor(1, 1, structure: true), out var structure);
        Assert.Equal((uint)expected, structure.ActiveWithin(spatialId, temporalId));
    }

    [Fact]
    public void A_descriptor_without_an_understood_structure_is_refused()
    {
        Assert.Equal(DropReason.PayloadTruncated, DependencyStructure.TryParse(Hex.Bytes("80 00"), out _));
        Assert.Equal(DropReason.PayloadMalformed, DependencyStructure.TryParse(Hex.Bytes("80 0001"), out _));
        Assert.Equal(DropReason.PayloadMalformed, DependencyStructure.TryParse(Hex.Bytes("80 0001 40 00"), out _));
        var whole = DependencyStructures.L1T3.Descriptor(0, 1, structure: true);
        for (var length = 4; length < whole.Length; length++)
        {
            Assert.Equal(DropReason.PayloadMalformed, DependencyStructure.TryParse(whole.AsSpan(0, length), out var structure));
            Assert.Equal(0, structure.DecodeTargetCount);
        }
    }

    [Fact]
    public void Any_structure_is_read_as_it_was_written() =>
        Random.Sample(known =>
        {
            var key = known.Descriptor(0, 7, structure: true);
            if (DependencyStructure.TryParse(key, out var structure) != DropReason.None || structure.DecodeTargetCount != known.Targets) return false;
            for (var target = 0; target < known.Targets; target++)
            {
                var frames = known.Templates.Where(t => t.Indications[target] != '-').ToList();
                if (structure.SpatialIdOf(target) != frames.Select(f => f.SpatialId).DefaultIfEmpty().Max()) return false;
                if (structure.TemporalIdOf(target) != frames.Select(f => f.TemporalId).DefaultIfEmpty().Max()) return false;
            }

            var reader = new LayerReader(CodecKind.Av1);
            reader.Read(default, key, startsKeyframe: true);
            for (var i = 0; i < known.Templates.Length; i++)
            {
                var template = known.Templates[i];
                var marks = reader.Read(default, known.Descriptor(i, 8), startsKeyframe: false);
                if (template.Indications.All(c => c == '-')) continue; // nobody needs such a frame, and nothing is said of it
                if (marks.IsLayered && (marks.SpatialId, marks.TemporalId) != (template.SpatialId, template.TemporalId)) return false;
                for (var target = 0; target < known.Targets; target++)
                {
                    var (spatialId, temporalId) = (structure.SpatialIdOf(target), structure.TemporalIdOf(target));
                    var isUnique = Enumerable.Range(0, known.Targets).Count(t => (structure.SpatialIdOf(t), structure.TemporalIdOf(t)) == (spatialId, temporalId)) == 1;
                    if (isUnique && (marks.Targets & LayerMarks.Bit(spatialId, temporalId)) != 0 != (template.Indications[target] != '-')) return false;
                }
            }

            return Enumerable.Range(0, known.Sizes.Length).All(s => reader.SizeOf(s) == new FrameSize((ushort)known.Sizes[s].Width, (ushort)known.Sizes[s].Height));
        });

    [Fact]
    public void It_is_small_enough_to_keep() => Assert.InRange(Unsafe.SizeOf<DependencyStructure>(), 1, 32);

    /// <summary>Structures of up to four layers of each kind, with frames, references and chains at random.</summary>
    private static Gen<DependencyStructures> Random { get; } =
        from idOffset in Gen.Int[0, 63]
        from targets in Gen.Int[1, 16]
        from chains in Gen.Int[0, targets]
        from protection in Gen.Int[0, Math.Max(chains - 1, 0)].Array[targets]
        from framesOfLayer in Gen.Int[0, 3].Array[16]
        from withSizes in Gen.Bool
        let layers = Layers(framesOfLayer)
        from indications in Gen.Int[0, 3].Array[targets].Array[layers.Count]
        from differences in Gen.Int[1, 16].Array[0, 4].Array[layers.Count]
        from chainDifferences in Gen.Int[0, 15].Array[chains].Array[layers.Count]
        from sizes in Gen.Select(Gen.Int[1, 65_535], Gen.Int[1, 65_535]).Array[layers[^1].SpatialId + 1]
        select new DependencyStructures(
            idOffset,
            targets,
            protection,
            [.. layers.Select((layer, i) => new DependencyStructures.Template(
                layer.SpatialId, layer.TemporalId, string.Concat(indications[i].Select(d => "-DSR"[d])), differences[i], chainDifferences[i]))],
            withSizes ? sizes : []);

    /// <summary>The order of template_layers(): layers begin at 0 and rise by one.</summary>
    private static List<(int SpatialId, int TemporalId)> Layers(int[] framesOfLayer)
    {
        var layers = new List<(int, int)> { (0, 0) };
        for (var spatialId = 0; spatialId < 4; spatialId++)
        {
            for (var temporalId = 0; temporalId < 4; temporalId++)
            {
                var frames = framesOfLayer[(spatialId * 4) + temporalId];
                if (frames == 0 && temporalId == 0 && spatialId > 0) return layers;
                if (frames == 0 && temporalId > 0) break;
                layers.AddRange(Enumerable.Repeat((spatialId, temporalId), frames));
            }
        }

        return layers;
    }

    /// <summary>Written by hand, field by field, without the writer that the other tests share.</summary>
    [Fact]
    public void The_smallest_structure_reads_as_written()
    {
        // flags 10000, id offset 000000, targets − 1 00000, no next layer 11, switch 10, no differences 0, no chains 0, no sizes 0
        // = 10000000 00000000 1110000 and a bit of padding
        Assert.Equal(DropReason.None, DependencyStructure.TryParse(Hex.Bytes("80 0001 80 00 E0"), out var structure));
        Assert.Equal((1, 0, 0), (structure.DecodeTargetCount, structure.SpatialIdOf(0), structure.TemporalIdOf(0)));
    }
}
