using System.Net;
using Broadcast.Server.Cluster;
using Broadcast.Signalling.Http;

namespace Broadcast.Server.Options;

/// <summary>What makes options unusable, said to the person who set them.</summary>
public static class ServerOptionsCheck
{
    private static readonly string[] KnownRoles = ["ingest", "relay", "edge", "recorder"];
    private static readonly string[] KnownLevels = ["debug", "information", "warning", "error"];

    /// <summary>The first thing that is wrong; null when nothing is.</summary>
    public static string? FirstProblem(ServerOptions options)
    {
        try
        {
            OptionsCheck.Validate(options, "Broadcast");
        }
        catch (InvalidDataException exception)
        {
            return exception.Message;
        }

        foreach (var address in options.HostIp.Concat(options.PublicIp).Concat(options.TrustedProxies).Concat(options.ManagementIp))
        {
            if (!IPAddress.TryParse(address, out _))
                return $"\"{address}\" is no IP address.";
        }

        if (options.NoAuth && !options.IKnow && !ListensOnLoopbackOnly(options))
            return "--no-auth lets everybody publish and operate. It is accepted with --host-ip 127.0.0.1, or together with --i-know.";
        if (options.Cert.Length > 0 && !File.Exists(options.Cert))
            return $"The certificate {options.Cert} does not exist.";
        if (options.Key.Length > 0 && !File.Exists(options.Key))
            return $"The key {options.Key} does not exist.";
        if (options.Key.Length > 0 && options.Cert.Length == 0)
            return "--key needs --cert.";
        if (options.ManagementIp.Count > 0 && options.ManagementPort is null)
            return "--management-ip needs --management-port.";
        if (options.ManagementPort is > 0 and var management && (management == options.HttpPort || management == options.HttpsPort || management == options.MediaPort))
            return $"--management-port {management} is the port of something else. It needs one of its own.";
        if (!KnownLevels.Contains(options.LogLevel, StringComparer.OrdinalIgnoreCase))
            return $"The log level \"{options.LogLevel}\" is none of {string.Join(", ", KnownLevels)}.";
        return ClusterProblem(options);
    }

    /// <summary>True when nobody but this machine can reach the node over HTTP.</summary>
    public static bool ListensOnLoopbackOnly(ServerOptions options) =>
        options.HostIp.Count > 0 && options.HostIp.Concat(options.ManagementIp).All(address => IPAddress.TryParse(address, out var parsed) && IPAddress.IsLoopback(parsed));

    private static string? ClusterProblem(ServerOptions options)
    {
        var roles = options.Roles.Split(',', StringSplitOptions.TrimEntries);
        if (roles.FirstOrDefault(role => !KnownRoles.Contains(role)) is { } unknown)
            return $"\"{unknown}\" is no role. Roles are {string.Join(", ", KnownRoles)}.";
        foreach (var (name, value) in new[] { ("--node-id", options.NodeId), ("--region", options.Region), ("--zone", options.Zone) })
        {
            if ((value.Length == 0 && name != "--node-id") || value.Length > 64 || !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                return $"{name} has up to 64 letters, digits, \"-\", \"_\" or \".\".";
        }

        if (options.Cluster is "" or "localhost")
            return null;
        if (options.SiloIp.Length > 0 && !IPAddress.TryParse(options.SiloIp, out _))
            return $"\"{options.SiloIp}\" is no IP address.";
        if (options.PublicUrl.Length > 0 && !(Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            return "--public-url takes an address such as https://node1.example.org.";
        return uint.TryParse(options.Cluster, out _)
            ? "--cluster with a number is for ./run, which starts that many nodes on this machine. A node takes redis://… or postgres://…."
            : ClusterServices.Read(options).Check() is [var fault, ..] ? fault : null;
    }
}
