using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>Reception statistics about one source (RFC 3550 §6.4.1).</summary>
/// <param name="Ssrc">The source reported on.</param>
/// <param name="FractionLost">Lost since the last report, in 1/256.</param>
/// <param name="CumulativeLost">Lost since the beginning, signed 24 bits: duplicates make it negative. Clamped when written.</param>
/// <param name="ExtendedHighestSequenceNumber">Cycles in the upper 16 bits.</param>
/// <param name="Jitter">Interarrival jitter in RTP timestamp units.</param>
/// <param name="LastSenderReport">Compact NTP time of the last sender report; 0 for none.</param>
/// <param name="DelaySinceLastSenderReport">In 1/65,536 s; 0 for none.</param>
public readonly record struct ReportBlock(
    uint Ssrc,
    byte FractionLost,
    int CumulativeLost,
    uint ExtendedHighestSequenceNumber,
    uint Jitter,
    uint LastSenderReport,
    uint DelaySinceLastSenderReport)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 24;

    private const int CumulativeLostMaximum = 0x7F_FFFF;

    /// <summary>Reads a block from at least <see cref="Length"/> bytes.</summary>
    internal static ReportBlock Read(ReadOnlySpan<byte> data)
    {
        var lost = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        return new ReportBlock(
            BinaryPrimitives.ReadUInt32BigEndian(data),
            (byte)(lost >> 24),
            (int)(lost << 8) >> 8,
            BinaryPrimitives.ReadUInt32BigEndian(data[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(data[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(data[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(data[20..]));
    }

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    internal void Write(Span<byte> destination)
    {
        var lost = Math.Clamp(CumulativeLost, -CumulativeLostMaximum - 1, CumulativeLostMaximum);
        BinaryPrimitives.WriteUInt32BigEndian(destination, Ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ((uint)FractionLost << 24) | ((uint)lost & 0xFF_FFFF));
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], ExtendedHighestSequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], DelaySinceLastSenderReport);
    }
}
