using Broadcast.Fuzz.Corpus;
using Broadcast.Fuzz.Files;

namespace Broadcast.Fuzz.Targets;

/// <summary>Segment files in the spool after a crash: scanned, repaired, scanned again.</summary>
internal sealed class SegmentFileTarget(bool isMp4) : FuzzTarget
{
    public override string Name => isMp4 ? "mp4" : "matroska";

    public override IReadOnlyList<byte[]> Corpus => isMp4 ? SampleSegments.Mp4 : SampleSegments.Matroska;

    public override bool Run(ReadOnlySpan<byte> input) => KilledFile.Check(input);
}
