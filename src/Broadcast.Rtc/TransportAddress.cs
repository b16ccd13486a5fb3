using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Broadcast.Rtc;

/// <summary>An IP address and port as a 24-byte value; IPv4 is held as its IPv4-mapped IPv6 form (RFC 4291 §2.5.5.2).</summary>
/// <remarks>One form for both families means that a dual-stack socket's addresses compare equal to parsed ones.</remarks>
public readonly struct TransportAddress : IEquatable<TransportAddress>
{
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scopeId;
    private readonly ushort _port;

    /// <summary>Creates an address from its 16 network-order bytes and host-order port.</summary>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not 16 bytes long.</exception>
    public TransportAddress(ReadOnlySpan<byte> address, ushort port, uint scopeId = 0)
    {
        if (address.Length != 16) throw new ArgumentException("An IPv6 or IPv4-mapped address has 16 bytes.", nameof(address));
        _high = BinaryPrimitives.ReadUInt64BigEndian(address);
        _low = BinaryPrimitives.ReadUInt64BigEndian(address[8..]);
        _scopeId = scopeId;
        _port = port;
    }

    /// <summary>Creates an address from an endpoint.</summary>
    public TransportAddress(IPEndPoint endPoint)
        : this(endPoint.Address, (ushort)endPoint.Port)
    {
    }

    /// <summary>Creates an address from an IP address and a port.</summary>
    public TransportAddress(IPAddress address, ushort port)
        : this(Mapped(address), port, address.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)address.ScopeId : 0)
    {
    }

    /// <summary>Host-order port.</summary>
    public ushort Port => _port;

    /// <summary>IPv6 scope (interface) id; 0 for IPv4 and global addresses.</summary>
    public uint ScopeId => _scopeId;

    /// <summary>True for an IPv4 address, however it arrived.</summary>
    public bool IsIPv4 => _high == 0 && _low >> 32 == 0xFFFF;

    /// <summary>The IPv4 address as a host-order number; meaningful only when <see cref="IsIPv4"/>.</summary>
    public uint IPv4 => (uint)_low;

    /// <summary>True for the default value: no address.</summary>
    public bool IsNone => _high == 0 && _low == 0 && _port == 0;

    /// <summary>True when only the port may differ.</summary>
    public bool HasAddressOf(in TransportAddress other) => _high == other._high && _low == other._low && _scopeId == other._scopeId;

    /// <summary>Writes the 16 address bytes in network order.</summary>
    public void CopyAddressTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
    }

    /// <summary>The same address and port as a framework type. Allocates; not for the packet path.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        CopyAddressTo(bytes);
        var address = IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes, _scopeId);
        return new IPEndPoint(address, _port);
    }

    /// <inheritdoc/>
    public bool Equals(TransportAddress other) => _low == other._low && _high == other._high && _port == other._port && _scopeId == other._scopeId;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TransportAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // Strangers choose addresses, so the mix is keyed per process (System.HashCode is).
        return HashCode.Combine(_high, _low, _port);
    }

    /// <inheritdoc/>
    public override string ToString() => ToEndPoint().ToString();

    public static bool operator ==(TransportAddress left, TransportAddress right) => left.Equals(right);
    public static bool operator !=(TransportAddress left, TransportAddress right) => !left.Equals(right);

    private static byte[] Mapped(IPAddress address) => address.MapToIPv6().GetAddressBytes();
}
