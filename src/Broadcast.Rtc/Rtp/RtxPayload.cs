using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtp;

/// <summary>The payload of a retransmission stream: the original sequence number, then the original payload (RFC 4588 §4).</summary>
public static class RtxPayload
{
    /// <summary>Bytes by which a retransmission is longer than the original.</summary>
    public const int OverheadLength = 2;

    /// <summary>Splits a retransmission payload.</summary>
    /// <returns><see cref="DropReason.RtpPaddingOnly"/> when nothing but padding was sent (probing),
    /// <see cref="DropReason.RtpBadRtx"/> when too short, otherwise <see cref="DropReason.None"/>.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> payload, out ushort originalSequenceNumber, out ReadOnlySpan<byte> originalPayload)
    {
        originalSequenceNumber = 0;
        originalPayload = default;
        if (payload.IsEmpty) return DropReason.RtpPaddingOnly;
        if (payload.Length < OverheadLength) return DropReason.RtpBadRtx;

        originalSequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(payload);
        originalPayload = payload[OverheadLength..];
        return DropReason.None;
    }

    /// <summary>Writes the two bytes before the original payload.</summary>
    public static void Write(Span<byte> destination, ushort originalSequenceNumber) =>
        BinaryPrimitives.WriteUInt16BigEndian(destination, originalSequenceNumber);
}
