using System.Buffers.Binary;

namespace Broadcast.Rtc.Payloads;

/// <summary>The VP8 payload descriptor (RFC 7741 §4.2), with the places that a rewriter patches.</summary>
/// <remarks>
/// <code>
/// |X|R|N|S|R| PID |   required
/// |I|L|T|K| RSV   |   if X
/// |M| PictureID   |   if I; 15 bits in two bytes if M
/// |   TL0PICIDX   |   if L
/// |TID|Y| KEYIDX  |   if T or K
/// </code>
/// </remarks>
public readonly struct Vp8Descriptor
{
    private const int FrameTagLength = 3;
    private const int KeyframeHeaderLength = 10;

    /// <summary>Bytes of the descriptor: where the VP8 data begin.</summary>
    public int Length { get; private init; }

    /// <summary>N: the frame is not referenced and may be dropped.</summary>
    public bool IsNonReference { get; private init; }

    /// <summary>S = 1 and PID = 0: the first packet of a frame.</summary>
    public bool IsFrameStart { get; private init; }

    /// <summary>7 or 15 bits; meaningful only when <see cref="HasPictureId"/>.</summary>
    public ushort PictureId { get; private init; }

    /// <summary>True when the picture id has 15 bits.</summary>
    public bool HasLongPictureId { get; private init; }

    /// <summary>Offset of the picture id from the start of the payload; 0 when absent.</summary>
    public byte PictureIdOffset { get; private init; }

    /// <summary>Running number of the base-layer frames; meaningful only when <see cref="HasTl0PicIdx"/>.</summary>
    public byte Tl0PicIdx { get; private init; }

    /// <summary>Offset of TL0PICIDX from the start of the payload; 0 when absent.</summary>
    public byte Tl0PicIdxOffset { get; private init; }

    /// <summary>T: <see cref="TemporalId"/> and <see cref="IsLayerSync"/> are given.</summary>
    public bool HasTemporalId { get; private init; }

    /// <summary>0 to 3; 0 when not given.</summary>
    public byte TemporalId { get; private init; }

    /// <summary>Y: depends on base-layer frames only, so one may switch up to this temporal layer here.</summary>
    public bool IsLayerSync { get; private init; }

    /// <summary>K: <see cref="KeyIndex"/> is given.</summary>
    public bool HasKeyIndex { get; private init; }

    /// <summary>Low 5 bits of a running number of keyframes.</summary>
    public byte KeyIndex { get; private init; }

    /// <summary>I.</summary>
    public bool HasPictureId => PictureIdOffset != 0;

    /// <summary>L.</summary>
    public bool HasTl0PicIdx => Tl0PicIdxOffset != 0;

    /// <summary>S = 1 and PID = 0 in the first byte of a descriptor.</summary>
    internal static bool IsFrameStartIn(int first) => (first & 0x17) == 0x10;

    /// <summary>Reads the descriptor.</summary>
    /// <returns><see cref="DropReason.PayloadTruncated"/> when it does not fit the payload.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> payload, out Vp8Descriptor descriptor)
    {
        descriptor = default;
        if (payload.IsEmpty) return DropReason.PayloadTruncated;

        int first = payload[0];
        var position = 1;
        var extension = 0;
        if ((first & 0x80) != 0)
        {
            if (payload.Length < 2) return DropReason.PayloadTruncated;
            extension = payload[position++];
        }

        var pictureId = default(PictureIdField);
        if ((extension & 0x80) != 0)
        {
            if (!PictureIdField.TryRead(payload, position, out pictureId)) return DropReason.PayloadTruncated;
            position += pictureId.Length;
        }

        var tl0Offset = (extension & 0x40) != 0 ? position++ : 0;
        var hasLayerByte = (extension & 0x30) != 0;
        var layerOffset = hasLayerByte ? position++ : 0;
        if (payload.Length < position) return DropReason.PayloadTruncated;

        var layer = hasLayerByte ? payload[layerOffset] : 0;
        var hasTemporalId = (extension & 0x20) != 0;
        var hasKeyIndex = (extension & 0x10) != 0;
        descriptor = new Vp8Descriptor
        {
            Length = position,
            IsNonReference = (first & 0x20) != 0,
            IsFrameStart = IsFrameStartIn(first),
            PictureId = pictureId.Value,
            HasLongPictureId = pictureId.IsLong,
            PictureIdOffset = pictureId.Offset,
            Tl0PicIdx = tl0Offset != 0 ? payload[tl0Offset] : (byte)0,
            Tl0PicIdxOffset = (byte)tl0Offset,
            HasTemporalId = hasTemporalId,
            TemporalId = hasTemporalId ? (byte)(layer >> 6) : (byte)0,
            IsLayerSync = hasTemporalId && (layer & 0x20) != 0,
            HasKeyIndex = hasKeyIndex,
            KeyIndex = hasKeyIndex ? (byte)(layer & 0x1F) : (byte)0,
        };
        return DropReason.None;
    }

    /// <summary>True on the first packet of a keyframe (RFC 7741 §4.3: the P bit of the payload header is 0).</summary>
    /// <param name="payload">The payload that the descriptor was read from.</param>
    public bool IsKeyframe(ReadOnlySpan<byte> payload) => IsFrameStart && payload.Length > Length && (payload[Length] & 1) == 0;

    /// <summary>The size in the header of a keyframe (RFC 6386 §9.1).</summary>
    /// <param name="payload">The first packet of a keyframe.</param>
    public FrameSize KeyframeSize(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Length + KeyframeHeaderLength) return default;
        var header = payload[(Length + FrameTagLength)..];
        if (header[0] != 0x9D || header[1] != 0x01 || header[2] != 0x2A) return default;

        // 14 bits each; the upper two are a scaling hint.
        return FrameSize.From(
            BinaryPrimitives.ReadUInt16LittleEndian(header[3..]) & 0x3FFF,
            BinaryPrimitives.ReadUInt16LittleEndian(header[5..]) & 0x3FFF);
    }
}
