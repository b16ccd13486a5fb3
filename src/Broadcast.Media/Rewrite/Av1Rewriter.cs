using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Media.Rewrite;

/// <summary>
/// AV1: what decoders go by is the dependency descriptor. Frame numbers keep their distances, for references are given as
/// distances; only a new source shifts them.
/// </summary>
internal static class Av1Rewriter
{
    /// <summary>Reads the numbers from stored extensions.</summary>
    public static FrameCounters Read(ReadOnlySpan<byte> stored)
    {
        var reader = new ForwardableExtensionReader(stored);
        while (reader.TryRead(out var kind, out var value))
        {
            if (kind == HeaderExtensionKind.DependencyDescriptor && DependencyDescriptorView.TryParse(value, out var view) == DropReason.None)
                return new FrameCounters(true, view.FrameNumber, 0);
        }

        return default;
    }

    /// <summary>Appends stored extensions with the descriptor rewritten.</summary>
    /// <returns>The numbers that were written.</returns>
    public static FrameCounters Copy(scoped ReadOnlySpan<byte> stored, in SourceMapping mapping, in Placement placement, ref HeaderExtensionWriter writer)
    {
        var written = default(FrameCounters);
        var reader = new ForwardableExtensionReader(stored);
        Span<byte> rewritten = stackalloc byte[byte.MaxValue + DependencyDescriptorRewriter.MaximumGrowth];
        while (reader.TryRead(out var kind, out var value))
        {
            if (kind != HeaderExtensionKind.DependencyDescriptor || DependencyDescriptorView.TryParse(value, out var view) != DropReason.None)
            {
                writer.Write(kind, value);
                continue;
            }

            written = new FrameCounters(true, view.FrameNumber, 0).Shift(mapping, placement);
            var (active, count) = view.HasTemplateStructure ? ActiveTargets(value, placement) : (0, 0);
            var length = DependencyDescriptorRewriter.Rewrite(value, placement.PictureIdOffset, active, count, rewritten);
            writer.Write(kind, rewritten[..length]);
        }

        return written;
    }

    /// <summary>
    /// What the viewer is told it gets until the next keyframe: the spatial layers, which change at keyframes only. Temporal
    /// layers may come back in between, so all are named.
    /// </summary>
    private static (uint Active, int Count) ActiveTargets(ReadOnlySpan<byte> descriptor, in Placement placement)
    {
        if (placement.Selection.SpatialId == 3 || DependencyStructure.TryParse(descriptor, out var structure) != DropReason.None) return (0, 0);
        return (structure.ActiveWithin(placement.Selection.SpatialId, 3), structure.DecodeTargetCount);
    }
}
