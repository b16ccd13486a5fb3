using Broadcast.Rtc;

namespace Broadcast.Media.Peers;

/// <summary>Where a datagram came from or goes to: the remote address, the local one, and the TCP connection if there is one.</summary>
/// <param name="remote">The peer.</param>
/// <param name="local">The address the peer knows this host by; <c>default</c> leaves the choice to the routing table. Its port is not used to send.</param>
/// <param name="tcpConnectionId">0 for UDP; otherwise the ICE-TCP connection (RFC 6544) of the worker that owns the peer.</param>
public readonly struct TransportPath(TransportAddress remote, TransportAddress local, int tcpConnectionId = 0) : IEquatable<TransportPath>
{
    private readonly TransportAddress _remote = remote;
    private readonly TransportAddress _local = local;

    /// <summary>The peer's address as this host sees it.</summary>
    public TransportAddress Remote => _remote;

    /// <summary>The local address to send from; <see cref="TransportAddress.IsNone"/> lets the kernel choose.</summary>
    public TransportAddress Local => _local;

    /// <summary>0 for UDP, else the connection id, unique among all workers of the process.</summary>
    public int TcpConnectionId { get; } = tcpConnectionId;

    /// <summary>True when datagrams on this path are framed on a TCP connection (RFC 4571).</summary>
    public bool IsTcp => TcpConnectionId != 0;

    /// <inheritdoc/>
    public bool Equals(TransportPath other) =>
        TcpConnectionId == other.TcpConnectionId && _remote.Equals(other._remote) && _local.Equals(other._local);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TransportPath other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_remote, _local, TcpConnectionId);

    /// <inheritdoc/>
    public override string ToString() => IsTcp ? $"tcp {_remote} #{TcpConnectionId}" : $"udp {_remote}";

    public static bool operator ==(TransportPath left, TransportPath right) => left.Equals(right);
    public static bool operator !=(TransportPath left, TransportPath right) => !left.Equals(right);
}
