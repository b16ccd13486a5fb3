using System.Net;
using System.Net.Sockets;

namespace Broadcast.Server.Hosting;

/// <summary>Looks whether the media port is free before the workers share it.</summary>
/// <remarks>
/// Workers open it with SO_REUSEPORT, which lets a second node of the same user in without an error; the kernel would
/// then hand each of the two half of the peers. A socket without that option cannot be bound beside them.
/// </remarks>
internal static class MediaPortProbe
{
    /// <exception cref="SocketException">The port is taken or may not be opened.</exception>
    public static void Check(int port)
    {
        if (port == 0)
            return;
        Bind(SocketType.Dgram, ProtocolType.Udp, port);
        Bind(SocketType.Stream, ProtocolType.Tcp, port);
    }

    /// <summary>Binds and lets go again.</summary>
    /// <exception cref="SocketException">The port is taken or may not be opened.</exception>
    public static void Bind(SocketType type, ProtocolType protocol, int port)
    {
        using var socket = Socket.OSSupportsIPv6
            ? new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true }
            : new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port));
        if (type == SocketType.Stream)
            socket.Listen();
    }
}
