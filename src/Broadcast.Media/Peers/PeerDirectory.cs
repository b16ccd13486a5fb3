using System.Collections.Concurrent;

namespace Broadcast.Media.Peers;

/// <summary>Finds a peer by the local username fragment of a connectivity check. Shared by all workers and control threads.</summary>
/// <remarks>Looked at only for datagrams from unknown addresses and for checks, never per media packet.</remarks>
public sealed class PeerDirectory
{
    private readonly ConcurrentDictionary<ulong, Peer> _byUsername = new();

    /// <summary>Length of every username fragment this server gives out: it is the key.</summary>
    public const int UsernameFragmentLength = 8;

    /// <summary>Sessions known.</summary>
    public int Count => _byUsername.Count;

    /// <summary>Registers a username fragment; a restart registers a second one for the same peer.</summary>
    /// <returns>False when it is taken.</returns>
    public bool TryAdd(string usernameFragment, Peer peer) => _byUsername.TryAdd(KeyOf(usernameFragment), peer);

    /// <summary>Forgets a username fragment.</summary>
    public void Remove(string usernameFragment) => _byUsername.TryRemove(KeyOf(usernameFragment), out _);

    /// <summary>Finds the peer of a username fragment.</summary>
    public bool TryFind(ReadOnlySpan<byte> usernameFragment, out Peer peer)
    {
        peer = null!;
        return usernameFragment.Length == UsernameFragmentLength
            && _byUsername.TryGetValue(BitConverter.ToUInt64(usernameFragment), out peer!);
    }

    private static ulong KeyOf(string usernameFragment)
    {
        if (usernameFragment.Length != UsernameFragmentLength) throw new ArgumentException("Eight ASCII characters.", nameof(usernameFragment));
        Span<byte> bytes = stackalloc byte[UsernameFragmentLength];
        System.Text.Encoding.ASCII.GetBytes(usernameFragment, bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
