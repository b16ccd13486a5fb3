using System.Text;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Stun;

namespace Broadcast.Media.Peers;

/// <summary>The controlled, lite side of ICE for one session (RFC 8445 §2.5, §6.1.1).</summary>
/// <remarks>
/// Answers authenticated checks, keeps up to <see cref="MaxPaths"/> validated paths and sends on the one nominated last.
/// Anything unauthenticated gets silence: an error response would only help a scanner or a reflection.
/// The peer's checks are the consent to send (RFC 7675), for a lite agent sends none of its own; and so is what it encrypts
/// on the selected path: GStreamer's agent (libnice without consent freshness) and FFmpeg's first WHIP releases make no
/// more checks once they are connected.
/// Owned by one MediaWorker once adopted; <see cref="Restart"/> may come from a control thread.
/// </remarks>
public sealed class IceLiteAgent
{
    /// <summary>Validated paths kept per session.</summary>
    public const int MaxPaths = 8;

    private readonly PathState[] _paths = new PathState[MaxPaths];
    private Generation _current;
    private Generation? _previous;
    private int _pathCount;
    private int _selected = -1;
    private uint _highestNomination;

    /// <summary>Creates an agent with its first credentials.</summary>
    public IceLiteAgent(IceCredentials local) => _current = new Generation(local);

    /// <summary>Credentials of the current generation.</summary>
    public IceCredentials Local => Volatile.Read(ref _current).Credentials;

    /// <summary>True once a check has been answered.</summary>
    public bool IsValidated => _pathCount > 0;

    /// <summary>Where to send: the path nominated last, else the first validated one.</summary>
    public TransportPath SelectedPath => _selected >= 0 ? _paths[_selected].Path : default;

    /// <summary>When the last authenticated check, or packet on the selected path, came.</summary>
    public MonotonicTime LastConsent { get; private set; }

    /// <summary>Counts changes of <see cref="SelectedPath"/>; congestion state is reset when it changes.</summary>
    public int SelectedPathChanges { get; private set; }

    /// <summary>Begins a new generation; the old credentials work until the first valid check with the new ones (RFC 8445 §2.4).</summary>
    public void Restart(IceCredentials local)
    {
        Volatile.Write(ref _previous, _current);
        Volatile.Write(ref _current, new Generation(local));
    }

    /// <summary>True when the username fragment is one of this agent's.</summary>
    public bool Owns(ReadOnlySpan<byte> usernameFragment) =>
        usernameFragment.SequenceEqual(Volatile.Read(ref _current).UsernameFragment)
        || (Volatile.Read(ref _previous) is { } previous && usernameFragment.SequenceEqual(previous.UsernameFragment));

    /// <summary>True when the request was made with this agent's password; changes nothing.</summary>
    public bool Authenticates(in StunMessageView request, ReadOnlySpan<byte> usernameFragment) =>
        GenerationOf(usernameFragment) is { } generation && request.VerifyIntegrity(generation.Password);

    /// <summary>Handles a Binding request whose username was found to be this agent's.</summary>
    /// <param name="request">A parsed STUN request.</param>
    /// <param name="usernameFragment">The part of USERNAME before the colon.</param>
    /// <param name="path">Where it came from, and the local address it came to.</param>
    /// <param name="now">Present time.</param>
    /// <param name="output">Receives the response.</param>
    /// <returns>Why it was dropped unanswered, or <see cref="DropReason.None"/>.</returns>
    public DropReason HandleRequest(
        in StunMessageView request, ReadOnlySpan<byte> usernameFragment, in TransportPath path, MonotonicTime now, PacketOutput output)
    {
        if (!request.HasMessageIntegrity) return DropReason.StunMissingIntegrity;
        if (GenerationOf(usernameFragment) is not { } generation) return DropReason.StunUnknownUser;
        if (!request.VerifyIntegrity(generation.Password)) return DropReason.StunBadIntegrity;

        if (request.HasUnknownComprehensionRequired)
        {
            Span<ushort> unknown = stackalloc ushort[StunWriter.MaxUnknownAttributes];
            var count = request.CopyUnknownComprehensionRequired(unknown);
            return Refuse(420, request, path, output, generation, unknown[..count], DropReason.StunUnknownComprehensionRequired);
        }

        // A lite agent is always controlled: two controlled sides cannot nominate (RFC 8445 §7.3.1.1).
        if (request.IsControlled) return Refuse(487, request, path, output, generation, default, DropReason.StunRoleConflict);

        var index = IndexOf(path);
        if (index < 0)
        {
            // Whoever holds a session's password could make this server send to others: never more than was received.
            if (StunWriter.SuccessLength(path.Remote) > request.Length) return DropReason.StunTooShortToAnswer;
            index = Admit(path, now);
        }

        if (index < 0) return DropReason.StunTooManyTuples;

        var slot = output.Reserve(StunWriter.MaxResponseLength);
        output.Commit(path, StunWriter.WriteBindingSuccess(slot, request.TransactionId, path.Remote, generation.Password));

        _paths[index].LastSeen = now;
        LastConsent = now;
        if (ReferenceEquals(generation, Volatile.Read(ref _current)) && Volatile.Read(ref _previous) is not null)
        {
            // The peer has restarted: its nominations are counted from the beginning again.
            Volatile.Write(ref _previous, null);
            _highestNomination = 0;
        }

        if (request.UseCandidate || request.HasNomination || _selected < 0) Nominate(request, index);
        return DropReason.None;
    }

    /// <summary>Takes a path on which a check of this side was answered.</summary>
    public void Adopt(in TransportPath path, MonotonicTime now)
    {
        var index = IndexOf(path);
        if (index < 0) index = Admit(path, now);
        if (index < 0) return;
        (_selected, LastConsent) = (index, now);
        _paths[index].LastSeen = now;
    }

    /// <summary>True when media may be accepted from a path.</summary>
    public bool IsValidatedPath(in TransportPath path) => IndexOf(path) >= 0;

    /// <summary>Takes an authenticated packet for consent, if it came from where packets are sent.</summary>
    /// <returns>Whether it did.</returns>
    public bool RenewConsent(in TransportPath path, MonotonicTime arrival)
    {
        if (!IsValidated || !SelectedPath.Equals(path)) return false;
        if (arrival > LastConsent) LastConsent = arrival;
        return true;
    }

    /// <summary>Forgets a path that can no longer be used (its TCP connection closed) and picks the most recently seen one instead.</summary>
    public void RemovePath(in TransportPath path)
    {
        var index = IndexOf(path);
        if (index < 0) return;
        _paths[index] = _paths[--_pathCount];
        _paths[_pathCount] = default;
        if (_selected != index)
        {
            if (_selected == _pathCount) _selected = index;
            return;
        }

        _selected = -1;
        for (var i = 0; i < _pathCount; i++)
        {
            if (_selected < 0 || _paths[i].LastSeen > _paths[_selected].LastSeen) _selected = i;
        }

        SelectedPathChanges++;
    }

    /// <summary>Last nominated wins; with the nomination attribute the highest value wins.</summary>
    private void Nominate(in StunMessageView request, int index)
    {
        if (request.HasNomination)
        {
            if (request.Nomination < _highestNomination) return;
            _highestNomination = request.Nomination;
        }

        if (_selected == index) return;
        _selected = index;
        SelectedPathChanges++;
    }

    private int IndexOf(in TransportPath path)
    {
        for (var i = 0; i < _pathCount; i++)
        {
            if (_paths[i].Path.Equals(path)) return i;
        }

        return -1;
    }

    /// <summary>Adds a path; a full table gives up its stalest unselected path if that has been silent for 5 s.</summary>
    private int Admit(in TransportPath path, MonotonicTime now)
    {
        if (_pathCount < MaxPaths)
        {
            _paths[_pathCount].Path = path;
            return _pathCount++;
        }

        var stalest = -1;
        for (var i = 0; i < _pathCount; i++)
        {
            if (i != _selected && (stalest < 0 || _paths[i].LastSeen < _paths[stalest].LastSeen)) stalest = i;
        }

        if (now - _paths[stalest].LastSeen < TimeSpan.FromSeconds(5)) return -1;
        _paths[stalest].Path = path;
        return stalest;
    }

    private static DropReason Refuse(
        int code, in StunMessageView request, in TransportPath path, PacketOutput output, Generation generation, ReadOnlySpan<ushort> unknown, DropReason reason)
    {
        var slot = output.Reserve(StunWriter.MaxResponseLength);
        var length = StunWriter.WriteBindingError(slot, request.TransactionId, code, generation.Password, unknown);
        if (length <= request.Length) output.Commit(path, length);
        return reason;
    }

    private Generation? GenerationOf(ReadOnlySpan<byte> usernameFragment)
    {
        var current = Volatile.Read(ref _current);
        if (usernameFragment.SequenceEqual(current.UsernameFragment)) return current;
        return Volatile.Read(ref _previous) is { } previous && usernameFragment.SequenceEqual(previous.UsernameFragment) ? previous : null;
    }

    private struct PathState
    {
        public TransportPath Path;
        public MonotonicTime LastSeen;
    }

    private sealed class Generation(IceCredentials credentials)
    {
        public readonly IceCredentials Credentials = credentials;
        public readonly byte[] UsernameFragment = Encoding.ASCII.GetBytes(credentials.UsernameFragment);
        public readonly byte[] Password = Encoding.ASCII.GetBytes(credentials.Password);
    }
}
