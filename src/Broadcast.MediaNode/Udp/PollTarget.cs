using System.Net.Sockets;

namespace Broadcast.MediaNode.Udp;

/// <summary>Something a <see cref="Poller"/> can watch: a descriptor on Linux, a framework socket elsewhere.</summary>
/// <param name="Descriptor">The Linux file descriptor, or -1.</param>
/// <param name="Socket">The framework socket, or null.</param>
public readonly record struct PollTarget(int Descriptor, Socket? Socket)
{
    /// <summary>A framework socket, watchable by either kind of poller.</summary>
    public static PollTarget Of(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return new((int)socket.Handle, socket);
    }
}
