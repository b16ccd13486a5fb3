using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Fuzz.Targets;

/// <summary>H.264 and H.265 payloads: units, fragments, aggregates, parameter sets.</summary>
internal sealed class NalUnitTarget(CodecKind codec) : FuzzTarget
{
    public override string Name => codec == CodecKind.H264 ? "h264" : "h265";

    public override IReadOnlyList<byte[]> Corpus => codec == CodecKind.H264 ? SamplePayloads.H264 : SamplePayloads.H265;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        PayloadInspector.Inspect(codec, input, marker: true);
        return codec == CodecKind.H264 ? RunH264(input) : RunH265(input);
    }

    private static bool RunH264(ReadOnlySpan<byte> input)
    {
        var reader = new H264NalUnitReader(input);
        var bytes = 0;
        while (reader.TryRead(out var unit))
        {
            bytes += 1 + unit.Body.Length;
            H264SequenceParameterSet.ReadSize(unit.Body);
        }

        Invariant.Holds(bytes <= input.Length, "units lie inside the payload");
        return H264Payload.TryParse(input, out _) == DropReason.None;
    }

    private static bool RunH265(ReadOnlySpan<byte> input)
    {
        var reader = new H265NalUnitReader(input);
        var bytes = 0;
        while (reader.TryRead(out var unit))
        {
            bytes += 2 + unit.Body.Length;
            H265SequenceParameterSet.ReadSize(unit.Body);
        }

        Invariant.Holds(bytes <= input.Length, "units lie inside the payload");
        return H265Payload.TryParse(input, out _) == DropReason.None;
    }
}
