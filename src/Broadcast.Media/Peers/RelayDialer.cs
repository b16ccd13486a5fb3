using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Rtc;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Stun;

namespace Broadcast.Media.Peers;

/// <summary>The controlling side of ICE toward another node (RFC 8445 §7.2): checks every address until one answers, and stays with that.</summary>
/// <remarks>
/// A transaction id begins with the own username fragment, so that the answer finds its peer whichever worker's socket it
/// arrives on. What is believed is the message integrity. Owned by one MediaWorker.
/// </remarks>
/// <param name="local">Own credentials; a fragment that the <see cref="PeerDirectory"/> can hold.</param>
/// <param name="remote">The other node's.</param>
/// <param name="candidates">Its addresses.</param>
public sealed class RelayDialer(IceCredentials local, IceCredentials remote, IReadOnlyList<TransportAddress> candidates)
{
    /// <summary>Room for one check.</summary>
    public const int MaxCheckLength = 256;

    private const uint HostPriority = 110 << 24;

    private readonly byte[] _username = Encoding.ASCII.GetBytes($"{remote.UsernameFragment}:{local.UsernameFragment}");
    private readonly byte[] _key = Encoding.ASCII.GetBytes(remote.Password);
    private readonly byte[] _transaction = NewTransaction(local);
    private readonly ulong _tieBreaker = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
    private int _next;

    /// <summary>Writes the next check.</summary>
    /// <param name="destination">At least <see cref="MaxCheckLength"/> bytes.</param>
    /// <param name="to">Where it goes.</param>
    /// <returns>Its length; 0 when there is no address.</returns>
    public int WriteCheck(Span<byte> destination, out TransportAddress to)
    {
        to = default;
        if (candidates.Count == 0) return 0;
        to = candidates[_next++ % candidates.Count];
        return StunWriter.WriteBindingRequest(destination, _transaction, _username, _key, HostPriority, _tieBreaker, controlling: true, useCandidate: true);
    }

    /// <summary>True when a response is an authentic answer to a check of this dialer.</summary>
    public bool Accepts(in StunMessageView response) => response.TransactionId.SequenceEqual(_transaction) && response.VerifyIntegrity(_key);

    private static byte[] NewTransaction(IceCredentials local)
    {
        var transaction = new byte[12];
        Encoding.ASCII.GetBytes(local.UsernameFragment, transaction);
        RandomNumberGenerator.Fill(transaction.AsSpan(PeerDirectory.UsernameFragmentLength));
        return transaction;
    }
}
