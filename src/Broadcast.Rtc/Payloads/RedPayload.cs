using System.Buffers.Binary;

namespace Broadcast.Rtc.Payloads;

/// <summary>Redundant audio: one packet with copies of earlier ones before it (RFC 2198 §3).</summary>
/// <remarks>
/// <code>
/// |1| block PT(7) | timestamp offset(14) | block length(10) |   for each earlier packet
/// |0| block PT(7) |                                             for this one
/// | data of the earlier packets, in that order | data of this one, to the end |
/// </code>
/// Valid only while the underlying buffer is.
/// </remarks>
public readonly ref struct RedPayload
{
    /// <summary>More earlier packets than this in one payload are not understood.</summary>
    public const int MaximumRedundantBlocks = 32;

    private const int RedundantHeaderLength = 4;
    private const int PrimaryHeaderLength = 1;
    private const int FollowsFlag = 0x80;

    private readonly ReadOnlySpan<byte> _headers;
    private readonly ReadOnlySpan<byte> _redundant;

    private RedPayload(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> redundant, byte payloadType, ReadOnlySpan<byte> primary)
    {
        _headers = headers;
        _redundant = redundant;
        PayloadType = payloadType;
        Primary = primary;
    }

    /// <summary>Of the packet itself, 0 to 127.</summary>
    public byte PayloadType { get; }

    /// <summary>The packet itself; never empty.</summary>
    public ReadOnlySpan<byte> Primary { get; }

    /// <summary>0 to 32.</summary>
    public int RedundantCount => _headers.Length / RedundantHeaderLength;

    /// <summary>The earlier packets, in the order of the payload, which is usually oldest first; a block may be empty.</summary>
    public RedBlockReader Redundant => new(_headers, _redundant);

    /// <summary>Reads a payload.</summary>
    /// <returns><see cref="DropReason.PayloadTruncated"/> when headers or data do not fit or nothing is left for the primary,
    /// <see cref="DropReason.PayloadMalformed"/> for too many blocks.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> payload, out RedPayload red)
    {
        red = default;
        int position = 0, redundantLength = 0, count = 0;
        while (position < payload.Length && (payload[position] & FollowsFlag) != 0)
        {
            if (count++ == MaximumRedundantBlocks) return DropReason.PayloadMalformed;
            if (payload.Length < position + RedundantHeaderLength) return DropReason.PayloadTruncated;
            redundantLength += RedBlockReader.LengthIn(payload[position..]);
            position += RedundantHeaderLength;
        }

        if (payload.Length <= position + PrimaryHeaderLength + redundantLength) return DropReason.PayloadTruncated;
        var data = payload[(position + PrimaryHeaderLength)..];
        red = new RedPayload(payload[..position], data[..redundantLength], payload[position], data[redundantLength..]);
        return DropReason.None;
    }

    /// <summary>Writes a payload of one packet and up to two before it.</summary>
    /// <param name="destination">Does not overlap the sources.</param>
    /// <param name="payloadType">Of the packet, 0 to 127.</param>
    /// <param name="primary">The packet; not empty.</param>
    /// <param name="older">The earlier one of two, or the default value.</param>
    /// <param name="newer">The later one of two, or the default value. A block that the format cannot carry, further back than
    /// 16,383 units or longer than 1,023 bytes, is left out.</param>
    /// <returns>The bytes written; 0 when the result does not fit, or there is no primary.</returns>
    public static int Write(Span<byte> destination, byte payloadType, ReadOnlySpan<byte> primary, in RedBlock older, in RedBlock newer)
    {
        var hasOlder = older.CanBeWritten;
        var hasNewer = newer.CanBeWritten;
        var length = PrimaryHeaderLength + primary.Length
            + (hasOlder ? RedundantHeaderLength + older.Data.Length : 0) + (hasNewer ? RedundantHeaderLength + newer.Data.Length : 0);
        if (primary.IsEmpty || destination.Length < length) return 0;

        var position = 0;
        if (hasOlder) WriteHeader(destination, ref position, older);
        if (hasNewer) WriteHeader(destination, ref position, newer);
        destination[position++] = (byte)(payloadType & ~FollowsFlag);
        if (hasOlder) Append(destination, ref position, older.Data);
        if (hasNewer) Append(destination, ref position, newer.Data);
        Append(destination, ref position, primary);
        return position;
    }

    private static void WriteHeader(Span<byte> destination, ref int position, in RedBlock block)
    {
        var header = ((uint)(FollowsFlag | block.PayloadType) << 24) | (block.TimestampOffset << 10) | (uint)block.Data.Length;
        BinaryPrimitives.WriteUInt32BigEndian(destination[position..], header);
        position += RedundantHeaderLength;
    }

    private static void Append(Span<byte> destination, ref int position, ReadOnlySpan<byte> data)
    {
        data.CopyTo(destination[position..]);
        position += data.Length;
    }
}
