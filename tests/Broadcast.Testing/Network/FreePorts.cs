using System.Net;
using System.Net.Sockets;

namespace Broadcast.Testing.Network;

/// <summary>Ports of this machine for servers that a test starts.</summary>
/// <remarks>Below the range that systems give out: a port from there may belong to somebody's connection before the server has begun to listen.</remarks>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int End = 30_000;

    /// <summary>A port that nobody uses now, by TCP at any address.</summary>
    public static int Find() => Find(0);

    /// <summary>A port of which all these neighbours are free.</summary>
    /// <param name="offsets">Their distances from it, 0 for itself.</param>
    public static int Find(params ReadOnlySpan<int> offsets)
    {
        while (true)
        {
            var first = Random.Shared.Next(First, End);
            var free = true;
            foreach (var offset in offsets) free &= IsFree(first + offset);
            if (free) return first;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Any, port) { ExclusiveAddressUse = true };
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
