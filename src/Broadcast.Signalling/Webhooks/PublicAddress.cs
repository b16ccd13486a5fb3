using System.Net;
using System.Net.Sockets;

namespace Broadcast.Signalling.Webhooks;

/// <summary>Tells addresses of the Internet from those of this machine, of private networks, and of no use (RFC 6890).</summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    // Global unicast is 2000::/3; within it these are not: protocol assignments with Teredo, documentation, 6to4 (which hides an IPv4 address), segment routing.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] NotGlobal = [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20")];

    /// <summary>True for an address of the Internet. IPv6 addresses that carry one of IPv4 (mapped, NAT64) are judged by that.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetwork) return !NotPublic.Any(network => network.Contains(address));
        var bytes = address.GetAddressBytes();
        if (IsNat64(bytes)) return IsPublic(new IPAddress(bytes.AsSpan(12)));
        return GlobalUnicast.Contains(address) && !NotGlobal.Any(network => network.Contains(address));
    }

    private static bool IsNat64(byte[] bytes) => bytes.AsSpan(0, 12).SequenceEqual((ReadOnlySpan<byte>)[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]);
}
