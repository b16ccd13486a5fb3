using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Fuzz.Targets;

/// <summary>Dependency descriptors with a structure: reading, and rewriting for a viewer.</summary>
internal sealed class DependencyDescriptorTarget : FuzzTarget
{
    public override string Name => "dependency-descriptor";

    public override IReadOnlyList<byte[]> Corpus => SampleLayers.Descriptors;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        var isRead = DependencyStructure.TryParse(input, out var structure) == DropReason.None;
        Invariant.Holds(isRead == (structure.DecodeTargetCount > 0), "a structure has decode targets");
        var wanted = isRead ? structure.ActiveWithin(structure.SpatialIdOf(0), structure.TemporalIdOf(0)) : 1;
        Invariant.Holds(wanted != 0, "a target is within its own layers");

        var copy = new byte[input.Length + DependencyDescriptorRewriter.MaximumGrowth];
        var length = DependencyDescriptorRewriter.Rewrite(input, 0x1234, wanted, isRead ? structure.DecodeTargetCount : 9, copy);
        if (DependencyDescriptorView.TryParse(input, out var before) != DropReason.None)
        {
            Invariant.Holds(length == 0, "what is no descriptor is not copied");
            return false;
        }

        var rewritten = copy.AsSpan(0, length);
        Invariant.Holds(DependencyDescriptorView.TryParse(rewritten, out var after) == DropReason.None, "what was read can be rewritten");
        Invariant.Holds(after.FrameNumber == (ushort)(before.FrameNumber + 0x1234), "the frame number is the new one");
        Invariant.Holds(after.HasTemplateStructure == before.HasTemplateStructure, "structures are not added or lost");
        if (!isRead) return false;

        Invariant.Holds(DependencyStructure.TryParse(rewritten, out var again) == DropReason.None, "a structure stays readable");
        Invariant.Holds(again.DecodeTargetCount == structure.DecodeTargetCount, "a structure stays the same");
        var original = new LayerReader(CodecKind.Av1);
        var copied = new LayerReader(CodecKind.Av1);
        var marks = original.Read(default, input, startsKeyframe: true);
        if (marks.IsLayered) Invariant.Holds(copied.Read(default, rewritten, startsKeyframe: true) == marks, "rewriting does not move a frame to other layers");
        return true;
    }
}
