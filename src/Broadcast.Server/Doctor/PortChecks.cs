using System.Net;
using System.Net.Sockets;
using Broadcast.Server.Cluster;
using Broadcast.Server.Hosting;
using Broadcast.Server.Options;

namespace Broadcast.Server.Doctor;

/// <summary>Are the ports free, or held by a node that runs?</summary>
internal static class PortChecks
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(ServerOptions options, HttpMessageHandler network)
    {
        // A node that answers holds its other ports too, and that is as it should be.
        var running = (options.ManagementPort ?? options.HttpPort) is > 0 and var port && await IsNodeAsync(port, network);
        var findings = new List<Finding> { Tcp("http port", options.HttpPort, "--http-port", running) };
        if (KestrelSetup.UsesHttps(options)) findings.Add(Tcp("https port", options.HttpsPort, "--https-port", running));
        if (options.ManagementPort is { } management) findings.Add(Tcp("management port", management, "--management-port", running));
        findings.Add(One("media port udp", options.MediaPort, "--media-port", running, SocketType.Dgram, ProtocolType.Udp));
        findings.Add(Tcp("media port tcp", options.MediaPort, "--media-port", running));
        if (ClusterServices.IsInCluster(options)) findings.Add(Tcp("silo port", options.SiloPort, "--silo-port", running));
        return findings;
    }

    private static Finding Tcp(string check, int port, string name, bool running) => One(check, port, name, running, SocketType.Stream, ProtocolType.Tcp);

    private static Finding One(string check, int port, string name, bool running, SocketType type, ProtocolType protocol)
    {
        if (port == 0) return Finding.Ok(check, "a free one is taken at start");
        try
        {
            MediaPortProbe.Bind(type, protocol, port);
            return Finding.Ok(check, $"{port} is free");
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return running
                ? Finding.Ok(check, $"{port} is held while a node runs here and answers")
                : Finding.Fail(check, $"{port} is held by another program. Stop it (ss -lntup shows it) or choose another port with {name}.");
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AccessDenied)
        {
            return Finding.Fail(check, $"{port} may not be opened by this user. Choose one above 1023 with {name}.");
        }
        catch (SocketException exception)
        {
            return Finding.Fail(check, $"{port} cannot be opened: {exception.Message}.");
        }
    }

    private static async Task<bool> IsNodeAsync(int port, HttpMessageHandler network)
    {
        try
        {
            using var client = new HttpClient(network, disposeHandler: false) { Timeout = TimeSpan.FromSeconds(2) };
            return await client.GetStringAsync(new Uri($"http://{IPAddress.Loopback}:{port}/health/live")) == "ok\n";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
