using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Broadcast.Server.Options;

namespace Broadcast.Server.Doctor;

/// <summary>Is there an address that clients elsewhere can reach?</summary>
internal static class AddressCheck
{
    private const string Name = "public address";

    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("::1/128"),
    ];

    /// <summary>The addresses of this machine.</summary>
    public static IEnumerable<IPAddress> OfThisMachine() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(card => card.OperationalStatus == OperationalStatus.Up)
        .SelectMany(card => card.GetIPProperties().UnicastAddresses, (_, unicast) => unicast.Address)
        .Where(address => address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6);

    public static Finding Run(ServerOptions options, IEnumerable<IPAddress> local)
    {
        if (options.PublicIp.Count > 0) return Finding.Ok(Name, $"{string.Join(", ", options.PublicIp)} by --public-ip");
        if (ServerOptionsCheck.ListensOnLoopbackOnly(options)) return Finding.Ok(Name, "none needed: this machine only");
        var listed = options.HostIp.Select(IPAddress.Parse).ToList();
        var offered = local.Where(address => listed.Count == 0 || listed.Contains(address)).ToList();
        return offered.FirstOrDefault(address => !Private.Any(network => network.Contains(address))) is { } reachable
            ? Finding.Ok(Name, $"{reachable}")
            : Finding.Warn(Name, "only private addresses are found: others than this network cannot connect. Behind NAT forward the media port and name the outside address with --public-ip.");
    }
}
