using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Rewrite;

/// <summary>The frame counters of a VP8 or VP9 payload descriptor; libwebrtc derives references from them.</summary>
/// <param name="IsPresent">False for other codecs and for descriptors without a picture id.</param>
/// <param name="PictureId">7 or 15 bits.</param>
/// <param name="Tl0PictureIndex">8 bits; 0 when absent.</param>
public readonly record struct PictureIds(bool IsPresent, ushort PictureId, byte Tl0PictureIndex)
{
    /// <summary>Bytes of payload that hold the descriptor, at most.</summary>
    public const int MaxDescriptorLength = 16;

    /// <summary>Reads the counters from the first bytes of a payload.</summary>
    public static PictureIds Read(CodecKind codec, ReadOnlySpan<byte> payload)
    {
        switch (codec)
        {
            case CodecKind.Vp8 when Vp8Descriptor.TryParse(payload, out var vp8) == DropReason.None && vp8.HasPictureId:
                return new PictureIds(true, vp8.PictureId, vp8.Tl0PicIdx);
            case CodecKind.Vp9 when Vp9Descriptor.TryParse(payload, out var vp9) == DropReason.None && vp9.HasPictureId:
                return new PictureIds(true, vp9.PictureId, vp9.Tl0PicIdx);
            default:
                return default;
        }
    }

    /// <summary>The counters shifted by a mapping's offsets.</summary>
    public PictureIds Shift(in SourceMapping mapping) => IsPresent
        ? new PictureIds(true, (ushort)((PictureId + mapping.PictureIdOffset) & 0x7FFF), (byte)(Tl0PictureIndex + mapping.Tl0PictureIndexOffset))
        : this;

    /// <summary>Writes the counters into a payload in place; a 7-bit field keeps its width.</summary>
    public void Patch(CodecKind codec, Span<byte> payload)
    {
        if (codec == CodecKind.Vp8 && Vp8Descriptor.TryParse(payload, out var vp8) == DropReason.None)
        {
            Vp8DescriptorWriter.TryPatch(payload, vp8, PictureId, Tl0PictureIndex);
        }
        else if (codec == CodecKind.Vp9 && Vp9Descriptor.TryParse(payload, out var vp9) == DropReason.None)
        {
            Vp9DescriptorWriter.TryPatch(payload, vp9, PictureId, Tl0PictureIndex);
        }
    }
}
