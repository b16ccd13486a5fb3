using System.Buffers.Binary;

namespace Broadcast.Rtc.Stun;

/// <summary>The value of XOR-MAPPED-ADDRESS (RFC 8489 §14.2).</summary>
/// <remarks><code>
///  0               1               2               3
/// |0 0 0 0 0 0 0 0|    Family     |     Port ^ cookie[0..2]       |
/// |  Address ^ cookie (IPv4), or ^ cookie ‖ transaction id (IPv6)  |
/// </code></remarks>
internal static class StunXorAddress
{
    public const int IPv4Length = 8;
    public const int IPv6Length = 20;
    private const byte FamilyIPv4 = 1;
    private const byte FamilyIPv6 = 2;

    /// <summary>The size of the value for an address; IPv4-mapped addresses are IPv4 on the wire.</summary>
    public static int LengthOf(in TransportAddress address) => address.IsIPv4 ? IPv4Length : IPv6Length;

    /// <summary>True when the family and the length of a value agree.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> value) =>
        value.Length >= 2 && value[1] switch
        {
            FamilyIPv4 => value.Length == IPv4Length,
            FamilyIPv6 => value.Length == IPv6Length,
            _ => false,
        };

    /// <summary>Reads a well-formed value.</summary>
    /// <param name="value">The attribute's value.</param>
    /// <param name="cookieAndTransactionId">Bytes 4 to 20 of the message.</param>
    public static TransportAddress Read(ReadOnlySpan<byte> value, ReadOnlySpan<byte> cookieAndTransactionId)
    {
        var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (StunWire.MagicCookie >> 16));
        Span<byte> address = stackalloc byte[16];
        var obscured = value[4..];
        var bytes = address;
        if (value[1] == FamilyIPv4)
        {
            address.Clear();
            address[10] = address[11] = 0xFF;
            bytes = address[12..];
        }

        Xor(obscured, cookieAndTransactionId, bytes);
        return new TransportAddress(address, port);
    }

    /// <summary>Writes a value of <see cref="LengthOf"/> bytes.</summary>
    public static void Write(Span<byte> value, in TransportAddress mapped, ReadOnlySpan<byte> cookieAndTransactionId)
    {
        Span<byte> address = stackalloc byte[16];
        mapped.CopyAddressTo(address);
        value[0] = 0;
        value[1] = mapped.IsIPv4 ? FamilyIPv4 : FamilyIPv6;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(mapped.Port ^ (StunWire.MagicCookie >> 16)));
        Xor(mapped.IsIPv4 ? address[12..] : address, cookieAndTransactionId, value[4..]);
    }

    private static void Xor(ReadOnlySpan<byte> source, ReadOnlySpan<byte> mask, Span<byte> destination)
    {
        for (var i = 0; i < source.Length; i++) destination[i] = (byte)(source[i] ^ mask[i]);
    }
}
