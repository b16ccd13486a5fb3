using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Fuzz.Targets;

/// <summary>
/// A stream with layers, packet after packet through one reader. The first byte chooses the codec; then come, each behind a byte
/// of its length, payload and dependency descriptor of each packet.
/// </summary>
internal sealed class LayersTarget : FuzzTarget
{
    private static readonly CodecKind[] Codecs = Enum.GetValues<CodecKind>();

    public override string Name => "layers";

    public override IReadOnlyList<byte[]> Corpus => SampleLayers.Streams;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        var codec = Codecs[input[0] % Codecs.Length];
        var reader = new LayerReader(codec);
        var sawLayers = false;
        for (var rest = input[1..]; !rest.IsEmpty;)
        {
            var payload = Take(ref rest);
            var descriptor = Take(ref rest);
            var info = PayloadInspector.Inspect(codec, payload, marker: false);
            var marks = reader.Read(payload, descriptor, info.StartsKeyframe);
            Check(codec, payload, marks);
            Invariant.Holds(reader.SpatialLayerCount is >= 0 and <= 4 && reader.TemporalLayerCount is >= 0 and <= 4, "there are four layers of each kind at most");
            Invariant.Holds(!marks.IsLayered || reader is { SpatialLayerCount: > 0, TemporalLayerCount: > 0 }, "layers that were seen are counted");
            sawLayers |= marks.IsLayered;
        }

        return sawLayers;
    }

    private static void Check(CodecKind codec, ReadOnlySpan<byte> payload, LayerMarks marks)
    {
        Invariant.Holds(marks.IsLayered || marks == default, "what is not layered says nothing else");
        Invariant.Holds(marks is { SpatialId: <= 3, TemporalId: <= 3 }, "ids are 0 to 3");
        if (codec == CodecKind.Vp8 && Vp8Descriptor.TryParse(payload, out var vp8) == DropReason.None && vp8.HasTemporalId)
            Invariant.Holds(marks.IsLayered && marks.TemporalId == vp8.TemporalId, "both readers of VP8 see one temporal id");
        if (codec == CodecKind.Vp9 && Vp9Descriptor.TryParse(payload, out var vp9) == DropReason.None && vp9.HasLayerIndices)
            Invariant.Holds(marks.SpatialId == Math.Min((int)vp9.SpatialId, 3) && marks.TemporalId == Math.Min((int)vp9.TemporalId, 3), "both readers of VP9 see the same ids");
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty) return default;
        var length = Math.Min(rest[0], rest.Length - 1);
        var taken = rest.Slice(1, length);
        rest = rest[(1 + length)..];
        return taken;
    }
}
