using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Fuzz.Targets;

/// <summary>AV1 payloads: aggregation header, OBUs, sequence headers.</summary>
internal sealed class Av1Target : FuzzTarget
{
    public override string Name => "av1";

    public override IReadOnlyList<byte[]> Corpus => SamplePayloads.Av1;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        PayloadInspector.Inspect(CodecKind.Av1, input, marker: true);
        Av1SequenceHeader.TryFind(input, out _);
        var reader = new Av1ObuReader(input);
        var bytes = 1;
        while (reader.TryRead(out var obu))
        {
            bytes += obu.Element.Length;
            Invariant.Holds(obu.Body.Length <= obu.Element.Length, "an OBU's body lies inside it");
            Av1SequenceHeader.ReadSize(obu.Body);
        }

        Invariant.Holds(input.IsEmpty || bytes <= input.Length, "OBUs lie inside the payload");
        return reader.Reason == DropReason.None;
    }
}
