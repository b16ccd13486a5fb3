using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtp;

/// <summary>Writes the fixed RTP header (RFC 3550 §5.1) into buffers the caller owns.</summary>
/// <remarks>Contributing sources are never sent: a forwarder is not a mixer.</remarks>
public static class RtpHeader
{
    /// <summary>Bytes before contributing sources and header extension.</summary>
    public const int FixedLength = 12;

    /// <summary>Largest count a padding byte can hold.</summary>
    public const int MaximumPadding = 255;

    private const byte VersionBits = 2 << 6;
    private const byte PaddingBit = 0x20;
    private const byte ExtensionBit = 0x10;
    private const byte MarkerBit = 0x80;

    /// <summary>Writes the first 12 bytes of a packet.</summary>
    /// <param name="destination">At least <see cref="FixedLength"/> bytes.</param>
    /// <param name="marker">The M bit.</param>
    /// <param name="payloadType">0 to 127.</param>
    /// <param name="sequenceNumber">Modulo 2^16.</param>
    /// <param name="timestamp">In units of the payload's clock rate, modulo 2^32.</param>
    /// <param name="ssrc">Synchronization source.</param>
    /// <param name="extension">True when a header extension follows.</param>
    /// <param name="padding">True when the packet ends with padding (see <see cref="WritePadding"/>).</param>
    public static void Write(
        Span<byte> destination, bool marker, byte payloadType, ushort sequenceNumber, uint timestamp, uint ssrc, bool extension, bool padding)
    {
        var first = VersionBits | (padding ? PaddingBit : 0) | (extension ? ExtensionBit : 0);
        var second = (marker ? MarkerBit : 0) | (payloadType & 0x7F);

        // The first eight bytes in one store: the compiler does not merge them.
        BinaryPrimitives.WriteUInt64BigEndian(destination, ((ulong)first << 56) | ((ulong)second << 48) | ((ulong)sequenceNumber << 32) | timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], ssrc);
    }

    /// <summary>Fills <paramref name="tail"/> with padding: zeros, then their count (RFC 3550 §5.1). The P bit is the caller's.</summary>
    /// <exception cref="ArgumentException">The tail is not 1 to 255 bytes long.</exception>
    public static void WritePadding(Span<byte> tail)
    {
        if (tail.Length is 0 or > MaximumPadding) throw new ArgumentException("RTP padding is 1 to 255 bytes.", nameof(tail));
        tail.Clear();
        tail[^1] = (byte)tail.Length;
    }

    /// <summary>Changes the P bit of a written packet.</summary>
    public static void SetPadding(Span<byte> packet, bool padding) =>
        packet[0] = (byte)(padding ? packet[0] | PaddingBit : packet[0] & ~PaddingBit);

    /// <summary>Changes the M bit of a written packet.</summary>
    public static void SetMarker(Span<byte> packet, bool marker) =>
        packet[1] = (byte)(marker ? packet[1] | MarkerBit : packet[1] & ~MarkerBit);
}
