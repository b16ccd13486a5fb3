using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Broadcast.Signalling.Http;

/// <summary>Whom limits count: one IPv4 address, or the /64 an IPv6 host can choose its addresses from.</summary>
public readonly record struct SourceAddress
{
    private readonly ulong _high;
    private readonly uint _low;

    /// <summary>False only for the default value.</summary>
    public bool IsCounted { get; }

    /// <summary>Reduces an address to what is counted; null (no socket, as in tests) counts as one source.</summary>
    public SourceAddress(IPAddress? address)
    {
        // Tells a source without an address from the default value, which stands for "not counted".
        IsCounted = true;
        if (address is null)
            return;
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6)
        {
            address.TryWriteBytes(bytes, out _);
            _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            return;
        }

        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out _);
        _low = BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
