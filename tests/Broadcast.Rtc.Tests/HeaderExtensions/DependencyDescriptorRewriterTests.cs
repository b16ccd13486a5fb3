using Broadcast.Rtc.HeaderExtensions;
using CsCheck;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

public class DependencyDescriptorRewriterTests
{
    private static readonly DependencyStructures[] Known = [DependencyStructures.L1T3, DependencyStructures.L3T3, DependencyStructures.L3T3Key];

    [Fact]
    public void Frame_number_goes_round_and_nothing_else_changes()
    {
        Assert.Equal(Hex.Bytes("C5 0001 20 AB"), Rewrite(Hex.Bytes("C5 FFFF 20 AB"), offset: 2));
        Assert.Equal(Hex.Bytes("85 FFFF"), Rewrite(Hex.Bytes("85 0001"), offset: 0xFFFE));
    }

    [Fact]
    public void Active_targets_extend_a_mandatory_part()
    {
        // 0 1 000 | 000000111 | 00
        Assert.Equal(Hex.Bytes("C5 0007 40 1C"), Rewrite(Hex.Bytes("C5 0007"), active: 0b000_000_111, count: 9));
        Assert.Equal(Hex.Bytes("C5 0007 47 FF FF FF F8"), Rewrite(Hex.Bytes("C5 0007"), active: uint.MaxValue, count: 32));
    }

    [Fact]
    public void Active_targets_are_inserted_or_replaced_wherever_they_belong()
    {
        foreach (var structure in Known)
        {
            var count = structure.Targets;
            var custom = structure.Templates[0].Indications;
            int[] chains = [.. structure.Templates[0].ChainDifferences.Select(_ => 200)];
            var wanted = (1u << (count - 1)) | 1;
            foreach (var hasStructure in (bool[])[true, false])
            {
                foreach (var before in (uint?[])[null, 0b010])
                {
                    foreach (var hasCustom in (bool[])[true, false])
                    {
                        byte[] Make(uint? active) => structure.Descriptor(
                            0, 1000, structure: hasStructure, active: active, custom: hasCustom ? custom : null,
                            customDifferences: hasCustom ? [3, 200] : null, customChains: hasCustom ? chains : null);
                        var actual = Rewrite(Make(before), active: wanted, count: count);
                        var expected = Make(wanted);
                        Assert.Equal(expected, actual.AsSpan(0, expected.Length));
                        Assert.All(actual[expected.Length..], padding => Assert.Equal(0, padding));
                        Assert.InRange(actual.Length, expected.Length, expected.Length + 1);
                    }
                }
            }
        }
    }

    [Fact]
    public void Targets_that_do_not_fit_the_structure_leave_it_alone()
    {
        var source = DependencyStructures.L3T3.Descriptor(1, 5, structure: true);
        Assert.Equal(source, Rewrite(source, active: 1, count: 8));
        Assert.Equal(source, Rewrite(source, active: 1, count: 0));
        Assert.Equal(source, Rewrite(source, active: 1, count: 33));
        var cut = source[..^20];
        Assert.Equal(cut, Rewrite(cut, active: 1, count: 9));
        Assert.Equal(Hex.Bytes("C5 0007 40"), Rewrite(Hex.Bytes("C5 0007 40"), active: 1, count: 9)); // flagged, but not there
    }

    [Fact]
    public void What_is_no_descriptor_or_does_not_fit_gives_nothing()
    {
        var destination = new byte[5];
        Assert.Equal(0, DependencyDescriptorRewriter.Rewrite(Hex.Bytes("C5 00"), 1, 0, 0, destination));
        Assert.Equal(0, DependencyDescriptorRewriter.Rewrite(Hex.Bytes("C5 0007 00 00 00"), 1, 0, 0, destination));
        Assert.Equal(0, DependencyDescriptorRewriter.Rewrite(Hex.Bytes("C5 0007 00 00"), 1, 1, 9, destination));
        Assert.Equal(new byte[5], destination);
        Assert.Equal(5, DependencyDescriptorRewriter.Rewrite(Hex.Bytes("C5 0007"), 1, 1, 9, destination));
    }

    [Fact]
    public void Any_bytes_are_copied_with_their_own_kind_of_frame() =>
        Gen.Select(Gen.Byte.Array[0, 60], Gen.UShort, Gen.UInt, Gen.Int[-1, 34]).Sample((source, offset, active, count) =>
        {
            var destination = new byte[source.Length + DependencyDescriptorRewriter.MaximumGrowth];
            var length = DependencyDescriptorRewriter.Rewrite(source, offset, active, count, destination);
            if (source.Length < 3) return length == 0;
            DependencyDescriptorView.TryParse(source, out var before);
            if (DependencyDescriptorView.TryParse(destination.AsSpan(0, length), out var after) != DropReason.None) return false;
            return after.FrameNumber == (ushort)(before.FrameNumber + offset) && after.TemplateId == before.TemplateId
                && after.HasTemplateStructure == before.HasTemplateStructure && destination.AsSpan(length).IndexOfAnyExcept((byte)0) < 0;
        });

    private static byte[] Rewrite(byte[] source, ushort offset = 0, uint active = 0, int count = 0)
    {
        var destination = new byte[source.Length + DependencyDescriptorRewriter.MaximumGrowth];
        destination.AsSpan().Fill(0xEE);
        return destination[..DependencyDescriptorRewriter.Rewrite(source, offset, active, count, destination)];
    }
}
