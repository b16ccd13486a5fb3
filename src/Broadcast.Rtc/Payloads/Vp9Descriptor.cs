using System.Buffers.Binary;

namespace Broadcast.Rtc.Payloads;

/// <summary>The VP9 payload descriptor (RFC 9628 §4.2), with the places that a rewriter patches.</summary>
/// <remarks>
/// <code>
/// |I|P|L|F|B|E|V|Z|   required
/// |M| PICTURE ID  |   if I; 15 bits in two bytes if M
/// | TID |U| SID |D|   if L
/// |   TL0PICIDX   |   if L and not F
/// | P_DIFF      |N|   if F and P, up to three times
/// | scalability structure | if V
/// </code>
/// </remarks>
public readonly struct Vp9Descriptor
{
    private const int MaximumReferences = 3;

    /// <summary>Bytes of the descriptor: where the VP9 data begin.</summary>
    public int Length { get; private init; }

    /// <summary>P: predicted from an earlier picture.</summary>
    public bool IsInterPicturePredicted { get; private init; }

    /// <summary>F: references are named in the descriptor; there is no TL0PICIDX.</summary>
    public bool IsFlexibleMode { get; private init; }

    /// <summary>B: the first packet of a layer frame.</summary>
    public bool BeginsFrame { get; private init; }

    /// <summary>E: the last packet of a layer frame.</summary>
    public bool EndsFrame { get; private init; }

    /// <summary>Z: not referenced by upper spatial layers.</summary>
    public bool IsNotReferencedByUpperLayers { get; private init; }

    /// <summary>V: the scalability structure is here, as on each key picture.</summary>
    public bool HasScalabilityStructure { get; private init; }

    /// <summary>7 or 15 bits; meaningful only when <see cref="HasPictureId"/>.</summary>
    public ushort PictureId { get; private init; }

    /// <summary>True when the picture id has 15 bits.</summary>
    public bool HasLongPictureId { get; private init; }

    /// <summary>Offset of the picture id from the start of the payload; 0 when absent.</summary>
    public byte PictureIdOffset { get; private init; }

    /// <summary>L: <see cref="TemporalId"/>, <see cref="SpatialId"/> and their bits are given.</summary>
    public bool HasLayerIndices { get; private init; }

    /// <summary>0 to 7; 0 when not given.</summary>
    public byte TemporalId { get; private init; }

    /// <summary>U: one may switch up to this temporal layer here.</summary>
    public bool IsSwitchingUpPoint { get; private init; }

    /// <summary>0 to 7; 0 when not given.</summary>
    public byte SpatialId { get; private init; }

    /// <summary>D: predicted from the next lower spatial layer of the same picture.</summary>
    public bool IsInterLayerPredicted { get; private init; }

    /// <summary>Running number of the base temporal layer's pictures; meaningful only when <see cref="HasTl0PicIdx"/>.</summary>
    public byte Tl0PicIdx { get; private init; }

    /// <summary>Offset of TL0PICIDX from the start of the payload; 0 when absent.</summary>
    public byte Tl0PicIdxOffset { get; private init; }

    /// <summary>Spatial layers named by the scalability structure, 1 to 8; 0 without one.</summary>
    public byte SpatialLayerCount { get; private init; }

    /// <summary>Size of the largest spatial layer, from the scalability structure; unknown without one.</summary>
    public FrameSize LargestLayerSize { get; private init; }

    /// <summary>Where the scalability structure begins; 0 without one.</summary>
    internal int StructureOffset { get; private init; }

    /// <summary>I.</summary>
    public bool HasPictureId => PictureIdOffset != 0;

    /// <summary>TL0PICIDX is given.</summary>
    public bool HasTl0PicIdx => Tl0PicIdxOffset != 0;

    /// <summary>B in the first byte of a descriptor.</summary>
    internal static bool BeginsFrameIn(int first) => (first & 0x08) != 0;

    /// <summary>B without P in the first byte of a descriptor.</summary>
    internal static bool MayBeginKeyframe(int first) => (first & 0x48) == 0x08;

    /// <summary>Reads the descriptor.</summary>
    /// <returns><see cref="DropReason.PayloadTruncated"/> when it does not fit the payload, <see cref="DropReason.PayloadMalformed"/>
    /// when a fourth reference is announced.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> payload, out Vp9Descriptor descriptor)
    {
        descriptor = default;
        if (payload.IsEmpty) return DropReason.PayloadTruncated;

        int first = payload[0];
        var position = 1;
        var isInterPicture = (first & 0x40) != 0;
        var isFlexible = (first & 0x10) != 0;

        var pictureId = default(PictureIdField);
        if ((first & 0x80) != 0)
        {
            if (!PictureIdField.TryRead(payload, position, out pictureId)) return DropReason.PayloadTruncated;
            position += pictureId.Length;
        }

        var layer = 0;
        var tl0Offset = 0;
        var hasLayers = (first & 0x20) != 0;
        if (hasLayers)
        {
            if (payload.Length < position + (isFlexible ? 1 : 2)) return DropReason.PayloadTruncated;
            layer = payload[position++];
            if (!isFlexible) tl0Offset = position++;
        }

        if (isFlexible && isInterPicture)
        {
            var more = true;
            for (var references = 0; more; references++)
            {
                if (references == MaximumReferences) return DropReason.PayloadMalformed;
                if (payload.Length < position + 1) return DropReason.PayloadTruncated;
                more = (payload[position++] & 1) != 0;
            }
        }

        var structure = default(Vp9ScalabilityStructure);
        var structureOffset = 0;
        var hasStructure = (first & 0x02) != 0;
        if (hasStructure)
        {
            structureOffset = position;
            var reason = Vp9ScalabilityStructure.TryParse(payload[position..], out structure);
            if (reason != DropReason.None) return reason;
            position += structure.Length;
        }

        descriptor = new Vp9Descriptor
        {
            Length = position,
            IsInterPicturePredicted = isInterPicture,
            IsFlexibleMode = isFlexible,
            BeginsFrame = BeginsFrameIn(first),
            EndsFrame = (first & 0x04) != 0,
            HasScalabilityStructure = hasStructure,
            IsNotReferencedByUpperLayers = (first & 0x01) != 0,
            PictureId = pictureId.Value,
            HasLongPictureId = pictureId.IsLong,
            PictureIdOffset = pictureId.Offset,
            HasLayerIndices = hasLayers,
            TemporalId = (byte)(layer >> 5),
            IsSwitchingUpPoint = (layer & 0x10) != 0,
            SpatialId = (byte)((layer >> 1) & 7),
            IsInterLayerPredicted = (layer & 1) != 0,
            Tl0PicIdx = tl0Offset != 0 ? payload[tl0Offset] : (byte)0,
            Tl0PicIdxOffset = (byte)tl0Offset,
            SpatialLayerCount = structure.SpatialLayerCount,
            LargestLayerSize = structure.LargestSize,
            StructureOffset = structureOffset,
        };
        return DropReason.None;
    }

    /// <summary>True on the first packet of a key picture: not predicted, beginning of a frame, lowest spatial layer.</summary>
    /// <remarks>FFmpeg's packetizer never sets P, so the frame's own header must not contradict (§4.2, VP9 bitstream §6.2).</remarks>
    /// <param name="payload">The payload that the descriptor was read from.</param>
    public bool IsKeyframe(ReadOnlySpan<byte> payload)
    {
        if (IsInterPicturePredicted || !BeginsFrame || SpatialId != 0 || payload.Length <= Length) return false;
        return !Vp9FrameHeader.TryRead(payload[Length..], out var isKeyframe, out _) || isKeyframe;
    }

    /// <summary>The size of a key picture: from the scalability structure, otherwise from the frame header.</summary>
    /// <param name="payload">The first packet of a key picture.</param>
    public FrameSize KeyframeSize(ReadOnlySpan<byte> payload)
    {
        if (LargestLayerSize.IsKnown || payload.Length <= Length) return LargestLayerSize;
        return Vp9FrameHeader.TryRead(payload[Length..], out _, out var size) ? size : default;
    }

    /// <summary>The size that the scalability structure gives a spatial layer; unknown without one.</summary>
    /// <param name="payload">The payload that the descriptor was read from.</param>
    /// <param name="spatialId">0 to 7.</param>
    internal FrameSize SizeOfLayer(ReadOnlySpan<byte> payload, int spatialId) =>
        StructureOffset == 0 ? default : Vp9ScalabilityStructure.SizeOf(payload[StructureOffset..], spatialId);
}
