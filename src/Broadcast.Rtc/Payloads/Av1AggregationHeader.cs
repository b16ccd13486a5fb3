namespace Broadcast.Rtc.Payloads;

/// <summary>First byte of an AV1 RTP payload (AV1 RTP specification §4.4): <c>|Z|Y| W |N|-|-|-|</c>.</summary>
/// <param name="ContinuesObu">Z: the first element continues an OBU of the previous packet.</param>
/// <param name="LastObuContinues">Y: the last element goes on in the next packet.</param>
/// <param name="ElementCount">W: 1 to 3 elements, the last without a length; 0 when each has one.</param>
/// <param name="StartsCodedVideoSequence">N: the first packet of a keyframe's temporal unit.</param>
public readonly record struct Av1AggregationHeader(bool ContinuesObu, bool LastObuContinues, int ElementCount, bool StartsCodedVideoSequence)
{
    /// <summary>Reads the header.</summary>
    /// <returns><see cref="DropReason.PayloadTruncated"/> when empty; <see cref="DropReason.PayloadMalformed"/> when a sequence would
    /// start with a continuation.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> payload, out Av1AggregationHeader header)
    {
        header = default;
        if (payload.IsEmpty) return DropReason.PayloadTruncated;

        var first = payload[0];
        header = new Av1AggregationHeader((first & 0x80) != 0, (first & 0x40) != 0, (first >> 4) & 3, (first & 0x08) != 0);
        return header is { StartsCodedVideoSequence: true, ContinuesObu: true } ? DropReason.PayloadMalformed : DropReason.None;
    }
}
