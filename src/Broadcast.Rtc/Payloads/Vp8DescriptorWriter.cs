namespace Broadcast.Rtc.Payloads;

/// <summary>Changes the running numbers of a VP8 payload descriptor in place, so that a viewer sees no gap where layers or sources change.</summary>
public static class Vp8DescriptorWriter
{
    /// <summary>Overwrites picture id and TL0PICIDX where the descriptor has them.</summary>
    /// <param name="payload">A copy of the payload that <paramref name="descriptor"/> was read from.</param>
    /// <param name="descriptor">Tells the places.</param>
    /// <param name="pictureId">Cut to the width that the descriptor has, 7 or 15 bits: the payload's length does not change.</param>
    /// <param name="tl0PicIdx">The new TL0PICIDX.</param>
    /// <returns>False, with nothing written, when the payload is shorter than its descriptor.</returns>
    public static bool TryPatch(Span<byte> payload, in Vp8Descriptor descriptor, ushort pictureId, byte tl0PicIdx)
    {
        if (payload.Length < descriptor.Length) return false;
        PictureIdField.Patch(payload, descriptor.PictureIdOffset, descriptor.HasLongPictureId, pictureId);
        if (descriptor.HasTl0PicIdx) payload[descriptor.Tl0PicIdxOffset] = tl0PicIdx;
        return true;
    }
}
