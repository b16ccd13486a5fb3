using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Fuzz.Targets;

/// <summary>Redundant audio: reading, and writing again what the writer can hold.</summary>
internal sealed class RedTarget : FuzzTarget
{
    public override string Name => "red";

    public override IReadOnlyList<byte[]> Corpus => SamplePayloads.Red;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (RedPayload.TryParse(input, out var red) != DropReason.None) return false;
        Invariant.Holds(!red.Primary.IsEmpty && red.RedundantCount <= RedPayload.MaximumRedundantBlocks, "there is one packet and a few before it");
        RedBlock older = default, newer = default;
        var (count, bytes) = (0, 1 + red.Primary.Length);
        for (var blocks = red.Redundant; blocks.TryRead(out var block); count++)
        {
            older = newer;
            newer = block;
            bytes += 4 + block.Data.Length;
        }

        Invariant.Holds(count == red.RedundantCount && bytes == input.Length, "headers and blocks fill the payload");

        var copy = new byte[input.Length];
        var length = RedPayload.Write(copy, red.PayloadType, red.Primary, older, newer);
        Invariant.Holds(RedPayload.TryParse(copy.AsSpan(0, length), out var again) == DropReason.None, "what was read can be written");
        Invariant.Holds(again.Primary.SequenceEqual(red.Primary) && again.PayloadType == red.PayloadType, "the packet itself stays the same");
        var writable = (IsWritable(older) ? 1 : 0) + (IsWritable(newer) ? 1 : 0);
        Invariant.Holds(again.RedundantCount == writable, "earlier packets are written where they say something");
        return true;
    }

    private static bool IsWritable(in RedBlock block) => !block.Data.IsEmpty && block.TimestampOffset > 0;
}
