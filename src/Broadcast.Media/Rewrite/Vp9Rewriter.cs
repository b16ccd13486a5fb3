using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Rewrite;

/// <summary>
/// VP9: picture ids keep their distances, because references are given as distances or by the place in a group of pictures
/// (RFC 9628 §4.2); only a new source shifts them.
/// </summary>
internal static class Vp9Rewriter
{
    /// <summary>Reads the numbers of a payload.</summary>
    public static FrameCounters Read(ReadOnlySpan<byte> payload) =>
        Vp9Descriptor.TryParse(payload, out var descriptor) == DropReason.None && descriptor.HasPictureId
            ? new FrameCounters(true, descriptor.PictureId, descriptor.Tl0PicIdx)
            : default;

    /// <summary>Shifts the numbers of a payload in place; a 7-bit field keeps its width.</summary>
    /// <returns>What was written.</returns>
    public static FrameCounters Rewrite(Span<byte> payload, in SourceMapping mapping, in Placement placement)
    {
        if (Vp9Descriptor.TryParse(payload, out var descriptor) != DropReason.None || !descriptor.HasPictureId) return default;
        var shifted = new FrameCounters(true, descriptor.PictureId, descriptor.Tl0PicIdx).Shift(mapping, placement);
        if (mapping.ShiftsCounters(placement)) Vp9DescriptorWriter.TryPatch(payload, descriptor, (ushort)(shifted.PictureId & 0x7FFF), shifted.Tl0PictureIndex);
        return shifted;
    }
}
