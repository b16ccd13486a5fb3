using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Rewrite;

/// <summary>VP8: libwebrtc finds references by picture id and TL0PICIDX, so both count what is forwarded, without gaps (RFC 7741 §4.2).</summary>
internal static class Vp8Rewriter
{
    /// <summary>Reads the numbers of a payload.</summary>
    public static FrameCounters Read(ReadOnlySpan<byte> payload) =>
        Vp8Descriptor.TryParse(payload, out var descriptor) == DropReason.None && descriptor.HasPictureId
            ? new FrameCounters(true, descriptor.PictureId, descriptor.Tl0PicIdx)
            : default;

    /// <summary>Shifts the numbers of a payload in place; a 7-bit field keeps its width.</summary>
    /// <returns>What was written.</returns>
    public static FrameCounters Rewrite(Span<byte> payload, in SourceMapping mapping, in Placement placement)
    {
        if (Vp8Descriptor.TryParse(payload, out var descriptor) != DropReason.None || !descriptor.HasPictureId) return default;
        var shifted = new FrameCounters(true, descriptor.PictureId, descriptor.Tl0PicIdx).Shift(mapping, placement);
        if (mapping.ShiftsCounters(placement)) Vp8DescriptorWriter.TryPatch(payload, descriptor, (ushort)(shifted.PictureId & 0x7FFF), shifted.Tl0PictureIndex);
        return shifted;
    }
}
