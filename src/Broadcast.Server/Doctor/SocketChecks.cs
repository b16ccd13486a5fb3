using System.Net;
using Broadcast.MediaNode;
using Broadcast.MediaNode.Udp;

namespace Broadcast.Server.Doctor;

/// <summary>What the kernel grants media sockets: segmentation both ways, and buffers.</summary>
internal static class SocketChecks
{
    private const string CoreFolder = "/proc/sys/net/core/";

    public static IEnumerable<Finding> Run(bool noOffload, Func<string, string?> read)
    {
        var wanted = new DatagramSocketOptions { BindAddress = IPAddress.Loopback, ReusePort = false, Segmentation = !noOffload, Coalescing = !noOffload };
        bool segments, coalesces;
        int received;
        try
        {
            using var socket = DatagramSocket.Open(wanted, new MonotonicClock());
            (segments, coalesces, received) = (socket.Segments, socket.Coalesces, socket.ReceiveBufferBytes);
        }
        catch (IOException exception)
        {
            return [Finding.Fail("udp", $"No UDP socket can be opened: {exception.Message}.")];
        }

        return
        [
            Offload("udp gso", noOffload, segments, "sending costs about three times the CPU: use Linux 4.18 or later, outside a sandbox"),
            Offload("udp gro", noOffload, coalesces, "receiving costs more CPU: use Linux 5.0 or later, outside a sandbox"),
            .. Buffers(wanted, received, read),
        ];
    }

    /// <param name="wanted">What a media socket asks for.</param>
    /// <param name="received">The receive buffer it got, in bytes.</param>
    /// <param name="read">The text of a file; null when there is none.</param>
    internal static IEnumerable<Finding> Buffers(DatagramSocketOptions wanted, int received, Func<string, string?> read)
    {
        // Who may force buffers gets them whatever the limits say, for sending as for receiving.
        var receiveLimit = Limit("rmem_max");
        var forced = received >= wanted.ReceiveBufferBytes && receiveLimit < wanted.ReceiveBufferBytes;
        yield return Buffer("receive buffer", "rmem_max", wanted.ReceiveBufferBytes, forced ? received : Math.Min(received, receiveLimit ?? received));
        yield return Buffer("send buffer", "wmem_max", wanted.SendBufferBytes, forced ? wanted.SendBufferBytes : Limit("wmem_max") ?? wanted.SendBufferBytes);

        long? Limit(string name) => long.TryParse(read(CoreFolder + name)?.Trim(), out var value) ? value : null;
    }

    private static Finding Buffer(string check, string limit, int wanted, long granted) => granted >= wanted
        ? Finding.Ok(check, $"{wanted / 1024} KiB are granted")
        : Finding.Warn(check, $"{granted / 1024} KiB of {wanted / 1024} KiB are granted; bursts get lost. Run: sysctl -w net.core.{limit}={wanted} (deploy/sysctl/60-broadcast.conf keeps it)");

    private static Finding Offload(string check, bool off, bool works, string otherwise) => (off, works) switch
    {
        (true, _) => Finding.Ok(check, "switched off by --no-offload"),
        (_, true) => Finding.Ok(check, "works"),
        _ => Finding.Warn(check, $"does not work here; {otherwise}"),
    };
}
