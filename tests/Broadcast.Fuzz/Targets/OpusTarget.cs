using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Fuzz.Targets;

/// <summary>Opus packets: how long they sound.</summary>
internal sealed class OpusTarget : FuzzTarget
{
    public override string Name => "opus";

    public override IReadOnlyList<byte[]> Corpus => SamplePayloads.Opus;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        OpusPacket.IsStereo(input);
        OpusPacket.IsDiscontinuous(input);
        if (OpusPacket.TryDuration(input, out var duration) != DropReason.None) return false;
        Invariant.Holds(duration is > 0 and <= OpusPacket.MaximumDuration, "a packet lasts up to 120 ms");
        return true;
    }
}
