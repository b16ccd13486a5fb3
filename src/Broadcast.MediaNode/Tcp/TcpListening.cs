using System.Net;
using System.Net.Sockets;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tcp;

/// <summary>One worker's listening socket.</summary>
internal sealed class TcpListening : IDisposable
{
    private const int Backlog = 512;

    private readonly Socket _socket;

    /// <summary>Binds and listens.</summary>
    /// <exception cref="IOException">The address cannot be had; the message says why.</exception>
    public TcpListening(TcpOptions options)
    {
        var ipv6 = Socket.OSSupportsIPv6 && options.BindAddress?.AddressFamily != AddressFamily.InterNetwork;
        try
        {
            _socket = new Socket(ipv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            if (ipv6) _socket.DualMode = options.BindAddress is null;
            if (options.ReusePort && OperatingSystem.IsLinux()) _socket.SetRawSocketOption(LibcConstants.SolSocket, LibcConstants.SoReusePort, [1, 0, 0, 0]);
            _socket.Bind(new IPEndPoint(options.BindAddress ?? (ipv6 ? IPAddress.IPv6Any : IPAddress.Any), options.Port));
            _socket.Listen(Backlog);
        }
        catch (SocketException e)
        {
            _socket?.Dispose();
            throw new IOException($"TCP {options.BindAddress}:{options.Port}: {e.Message}", e);
        }

        LocalAddress = new TransportAddress((IPEndPoint)_socket.LocalEndPoint!);
        PollTarget = PollTarget.Of(_socket);
    }

    /// <summary>The bound address; its port is the real one.</summary>
    public TransportAddress LocalAddress { get; }

    /// <summary>What to watch for readability.</summary>
    public PollTarget PollTarget { get; }

    /// <summary>Accepts one connection.</summary>
    /// <param name="error">What went wrong; <see cref="SocketError.WouldBlock"/> when nobody waits.</param>
    /// <returns>Null on error.</returns>
    public Socket? Accept(out SocketError error)
    {
        error = SocketError.WouldBlock;
        try
        {
            // Looked at first, because an empty queue would be an exception and ends every round of accepting.
            if (!_socket.Poll(0, SelectMode.SelectRead)) return null;
            var socket = _socket.Accept();
            error = SocketError.Success;
            return socket;
        }
        catch (SocketException e)
        {
            error = e.SocketErrorCode;
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
