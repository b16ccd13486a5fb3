using System.Net;

namespace Broadcast.MediaNode.Udp;

/// <summary>How a worker's datagram socket is opened.</summary>
public sealed record DatagramSocketOptions
{
    /// <summary>The address to bind; null (the default) takes all addresses of both families on one dual-stack socket.</summary>
    public IPAddress? BindAddress { get; init; }

    /// <summary>The port; 0 lets the kernel choose, see <see cref="DatagramSocket.LocalAddress"/>.</summary>
    public int Port { get; init; }

    /// <summary>Lets the sockets of all workers share the port. Defaults to true; the kernel then spreads peers by address.</summary>
    public bool ReusePort { get; init; } = true;

    /// <summary>Receive buffer asked for. Defaults to 4 MiB: 13 ms of 2.5 Gbit/s. Limited by net.core.rmem_max without CAP_NET_ADMIN.</summary>
    public int ReceiveBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Send buffer asked for. Defaults to 4 MiB. Limited by net.core.wmem_max without CAP_NET_ADMIN.</summary>
    public int SendBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Sends a run as one message where the kernel can (UDP_SEGMENT, Linux 4.18). Defaults to true.</summary>
    public bool Segmentation { get; init; } = true;

    /// <summary>Receives neighbours of one peer as one message where the kernel can (UDP_GRO, Linux 5.0). Defaults to true.</summary>
    public bool Coalescing { get; init; } = true;

    /// <summary>Learns the local address of each datagram, so that a host with several answers from the one asked. Defaults to true.</summary>
    public bool LocalAddresses { get; init; } = true;

    /// <summary>Takes arrival times from the kernel rather than from the moment of reading. Defaults to true.</summary>
    public bool KernelTime { get; init; } = true;

    /// <summary>Uses the framework's sockets even on Linux. Defaults to false; about four times the CPU per datagram.</summary>
    public bool Portable { get; init; }

    /// <summary>For tests: behave as if the kernel had no IPv6.</summary>
    internal bool WithoutIPv6 { get; init; }
}
