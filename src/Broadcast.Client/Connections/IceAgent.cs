using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Rtc;
using Broadcast.Rtc.Stun;

namespace Broadcast.Client.Connections;

/// <summary>A full ICE agent with one local socket and some remote candidates (RFC 8445): checks, nomination, consent (RFC 7675).</summary>
/// <remarks>
/// As controlling side it nominates with every check and stays with the first pair that answers, as there is one socket
/// and the server's candidates are equally good. As controlled side it answers the server's checks and takes the pair
/// that was nominated. Sans-IO; owned by one loop.
/// </remarks>
internal sealed class IceAgent
{
    private const uint HostPriority = 110 << 24;
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan ConsentInterval = TimeSpan.FromMilliseconds(2500);
    private static readonly TimeSpan ConsentLifetime = TimeSpan.FromSeconds(30);

    private readonly IceParameters _local;
    private readonly IceParameters _remote;
    private readonly TransportAddress[] _candidates;
    private readonly byte[] _username;
    private readonly byte[] _transaction = new byte[12];
    private readonly ulong _tieBreaker = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
    private readonly bool _controlling;
    private uint _checkNumber;
    private int _nextCandidate;
    private TimeSpan _interval = FirstInterval;
    private MonotonicTime _checkedAt;
    private MonotonicTime _consentUntil = MonotonicTime.Never;

    /// <summary>Creates the agent of one session.</summary>
    /// <param name="local">Own credentials.</param>
    /// <param name="remote">The server's.</param>
    /// <param name="candidates">The server's addresses, best first.</param>
    /// <param name="controlling">True toward a lite agent, and for the side that offered (RFC 8445 §6.1.1).</param>
    public IceAgent(IceParameters local, IceParameters remote, IEnumerable<TransportAddress> candidates, bool controlling)
    {
        _local = local;
        _remote = remote;
        _candidates = [.. candidates];
        _username = Encoding.ASCII.GetBytes($"{remote.UsernameFragment}:{local.UsernameFragment}");
        _controlling = controlling;
        RandomNumberGenerator.Fill(_transaction);
    }

    /// <summary>Where to send; none before <see cref="IsConnected"/>.</summary>
    public TransportAddress Selected { get; private set; }

    /// <summary>A pair works.</summary>
    public bool IsConnected => !Selected.IsNone;

    /// <summary>The latest round trip of a check.</summary>
    public TimeSpan RoundTrip { get; private set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>When the next check is due.</summary>
    public MonotonicTime NextCheck { get; private set; } = MonotonicTime.Zero;

    /// <summary>True when the server has not answered for 30 s: nothing may be sent any more.</summary>
    public bool HasLostConsent(MonotonicTime now) => now > _consentUntil;

    /// <summary>Writes the check that is due.</summary>
    /// <param name="destination">At least 256 bytes.</param>
    /// <param name="now">The present moment.</param>
    /// <param name="to">Where it goes.</param>
    /// <returns>Its length; 0 when none is due.</returns>
    public int WriteCheck(Span<byte> destination, MonotonicTime now, out TransportAddress to)
    {
        to = default;
        if (now < NextCheck || _candidates.Length == 0) return 0;
        if (IsConnected)
        {
            to = Selected;
            NextCheck = now + ConsentInterval;
        }
        else
        {
            to = _candidates[_nextCandidate++ % _candidates.Length];
            NextCheck = now + _interval;
            if (_nextCandidate % _candidates.Length == 0 && _interval < LongestInterval) _interval *= 2;
        }

        _checkedAt = now;
        BinaryPrimitives.WriteUInt32BigEndian(_transaction.AsSpan(8), ++_checkNumber);
        return StunWriter.WriteBindingRequest(destination, _transaction, _username, _remote.Key, HostPriority, _tieBreaker, _controlling, useCandidate: _controlling);
    }

    /// <summary>Takes a STUN message.</summary>
    /// <param name="datagram">The message.</param>
    /// <param name="from">Its sender.</param>
    /// <param name="now">The present moment.</param>
    /// <param name="reply">At least <see cref="StunWriter.MaxResponseLength"/> bytes.</param>
    /// <returns>The length of the reply to send back; 0 for none.</returns>
    public int Receive(ReadOnlySpan<byte> datagram, in TransportAddress from, MonotonicTime now, Span<byte> reply)
    {
        if (StunMessageView.TryParse(datagram, out var message) != DropReason.None) return 0;
        if (message.IsBindingRequest) return Answer(message, from, now, reply);
        if (message.IsBindingSuccess) TakeSuccess(message, from, now);
        return 0;
    }

    private int Answer(in StunMessageView message, in TransportAddress from, MonotonicTime now, Span<byte> reply)
    {
        if (!message.VerifyIntegrity(_local.Key)) return 0;
        if (!_controlling && message.UseCandidate) Select(from, now);
        return StunWriter.WriteBindingSuccess(reply, message.TransactionId, from, _local.Key);
    }

    private void TakeSuccess(in StunMessageView message, in TransportAddress from, MonotonicTime now)
    {
        var id = message.TransactionId;
        if (!id[..8].SequenceEqual(_transaction.AsSpan(0, 8)) || !message.VerifyIntegrity(_remote.Key)) return;
        if (BinaryPrimitives.ReadUInt32BigEndian(id[8..]) == _checkNumber) RoundTrip = now - _checkedAt;
        if (!IsConnected) Select(from, now);
        _consentUntil = now + ConsentLifetime;
    }

    private void Select(in TransportAddress pair, MonotonicTime now)
    {
        if (!IsConnected)
        {
            NextCheck = now + ConsentInterval;
            _consentUntil = now + ConsentLifetime;
        }

        Selected = pair;
    }
}
