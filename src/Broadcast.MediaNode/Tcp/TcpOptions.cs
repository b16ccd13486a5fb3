using System.Net;

namespace Broadcast.MediaNode.Tcp;

/// <summary>ICE over TCP (RFC 6544, passive candidates) for networks that let no UDP through.</summary>
public sealed record TcpOptions
{
    /// <summary>The least <see cref="WriteQueueBytes"/>: one frame that was cut must always fit.</summary>
    public const int MinWriteQueueBytes = 64 * 1024 + 2;

    /// <summary>The address to listen on; null (the default) takes all addresses of both families.</summary>
    public IPAddress? BindAddress { get; init; }

    /// <summary>On which addresses connections are taken, when all are listened on; others are closed at once. Defaults to all.</summary>
    public LocalAddressFilter LocalAddresses { get; init; } = LocalAddressFilter.All;

    /// <summary>The port, the same number as for UDP; 0 lets the kernel choose.</summary>
    public int Port { get; init; }

    /// <summary>Lets the listeners of all workers share the port; the kernel spreads connections. Defaults to true.</summary>
    public bool ReusePort { get; init; } = true;

    /// <summary>Connections one worker holds at most. Defaults to 4096 (about 4 KiB each, more while a peer is slow); further ones are closed at once.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Connections one worker takes from one IPv4 address or IPv6 /64. Defaults to 32, enough for an office behind one address.</summary>
    public int MaxConnectionsPerSource { get; init; } = 32;

    /// <summary>A connection that brings no valid frame for so long is closed. Defaults to 10 s: browsers check at least every 2.5 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What waits for a slow peer at most, in bytes; beyond it whole new datagrams are dropped. Defaults to 256 KiB, 0.8 s of 2.5 Mbit/s.</summary>
    public int WriteQueueBytes { get; init; } = 256 * 1024;

    /// <summary>Kernel send buffer; 0 (the default) leaves it to the kernel. Unsent bytes in it are limited to 64 KiB anyway.</summary>
    public int SendBufferBytes { get; init; }
}
