using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Fuzz.Targets;

/// <summary>VP9 descriptors: reading, and rewriting in place.</summary>
internal sealed class Vp9Target : FuzzTarget
{
    public override string Name => "vp9";

    public override IReadOnlyList<byte[]> Corpus => SamplePayloads.Vp9;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        PayloadInspector.Inspect(CodecKind.Vp9, input, marker: true);
        if (Vp9Descriptor.TryParse(input, out var descriptor) != DropReason.None) return false;
        Invariant.Holds(descriptor.Length <= input.Length, "a descriptor lies inside its payload");
        Invariant.Holds(descriptor.SpatialLayerCount <= 8, "there are eight spatial layers at most");
        descriptor.IsKeyframe(input);
        descriptor.KeyframeSize(input);

        var copy = input.ToArray();
        Invariant.Holds(Vp9DescriptorWriter.TryPatch(copy, descriptor, 0x5AA5, 0xC3), "what was read can be rewritten");
        Invariant.Holds(Vp9Descriptor.TryParse(copy, out var again) == DropReason.None && again.Length == descriptor.Length, "rewriting keeps the form");
        if (descriptor.HasPictureId) Invariant.Holds(again.PictureId == (descriptor.HasLongPictureId ? 0x5AA5 : 0x25), "the picture id is the new one");
        if (descriptor.HasTl0PicIdx) Invariant.Holds(again.Tl0PicIdx == 0xC3, "TL0PICIDX is the new one");
        Invariant.Holds(copy.AsSpan(descriptor.Length).SequenceEqual(input[descriptor.Length..]), "the picture is not touched");
        return true;
    }
}
