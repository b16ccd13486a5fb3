using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Udp;

/// <summary>Reads and writes <c>sockaddr_in6</c> and <c>sockaddr_in</c>.</summary>
internal static class SocketName
{
    /// <summary>sizeof(sockaddr_in6), room enough for both.</summary>
    public const int MaxLength = 28;

    /// <summary>sizeof(sockaddr_in).</summary>
    public const int IPv4Length = 16;

    /// <summary>Writes <c>sockaddr_in6</c>; IPv4 stays in its mapped form, which a dual-stack socket takes.</summary>
    public static void WriteIPv6(Span<byte> name, in TransportAddress address)
    {
        MemoryMarshal.Write(name, (ushort)LibcConstants.AfInet6);
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], address.Port);
        MemoryMarshal.Write(name[4..], 0u); // flow label
        address.CopyAddressTo(name[8..]);
        MemoryMarshal.Write(name[24..], address.ScopeId);
    }

    /// <summary>Writes <c>sockaddr_in</c>.</summary>
    public static void WriteIPv4(Span<byte> name, in TransportAddress address)
    {
        MemoryMarshal.Write(name, (ushort)LibcConstants.AfInet);
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], address.Port);
        BinaryPrimitives.WriteUInt32BigEndian(name[4..], address.IPv4);
        MemoryMarshal.Write(name[8..], 0ul);
    }

    /// <summary>Reads either form; anything else is no address.</summary>
    public static TransportAddress Read(ReadOnlySpan<byte> name)
    {
        if (name.Length < IPv4Length) return default;
        var family = MemoryMarshal.Read<ushort>(name);
        var port = BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        if (family == LibcConstants.AfInet) return FromIPv4(name.Slice(4, 4), port);
        if (family != LibcConstants.AfInet6 || name.Length < MaxLength) return default;
        return new TransportAddress(name.Slice(8, 16), port, MemoryMarshal.Read<uint>(name[24..]));
    }

    /// <summary>The mapped form of four network-order bytes.</summary>
    public static TransportAddress FromIPv4(ReadOnlySpan<byte> address, ushort port)
    {
        Span<byte> mapped = stackalloc byte[16];
        mapped.Clear();
        mapped[10] = 0xFF;
        mapped[11] = 0xFF;
        address.CopyTo(mapped[12..]);
        return new TransportAddress(mapped, port);
    }
}
