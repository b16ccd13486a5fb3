using Broadcast.Media.Receive;
using Broadcast.Media.Relay;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Srtp;
using Broadcast.Rtc.Stun;

namespace Broadcast.Media.Peers;

/// <summary>One WebRTC transport: ICE, DTLS, SRTP, and the one session that it carries.</summary>
/// <remarks>
/// Created unbound by a control thread; adopted by the worker on whose socket the first valid check arrives, and owned by
/// that worker from then on. New → Connecting → Connected ⇄ Interrupted → Ended.
/// </remarks>
public sealed class Peer : IDisposable
{
    /// <summary>No consent for this long: stop sending (RFC 7675 §5.1).</summary>
    public static readonly TimeSpan ConsentPause = TimeSpan.FromSeconds(15);

    /// <summary>No consent for this long: the session is over.</summary>
    public static readonly TimeSpan ConsentExpiry = TimeSpan.FromSeconds(30);

    /// <summary>A created session that is never checked is forgotten after this.</summary>
    public static readonly TimeSpan AdoptionTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long after the handshake a repeated last flight of the client can still be answered, unless media shows that it needs no answer.</summary>
    private static readonly TimeSpan HandshakeLinger = TimeSpan.FromSeconds(10);

    private const int MaxDtlsDatagram = 1500;

    private readonly DtlsContext _dtlsContext;
    private readonly DtlsRole _dtlsRole;
    private readonly IReadOnlyList<DtlsFingerprint> _fingerprints;
    private DtlsTransport? _dtls;
    private SrtpReceiver? _receiver;
    private TransportPath _dtlsPath;
    private MonotonicTime _connectedAt;
    private bool _handshakeReleased;
    private bool _peerHasKeys;
    private EarlyMedia? _early;
    private int _owner = -1;

    /// <summary>Creates an unbound peer.</summary>
    public Peer(
        string sessionId, IceLiteAgent ice, DtlsContext dtlsContext, DtlsRole dtlsRole, IReadOnlyList<DtlsFingerprint> fingerprints, MonotonicTime createdAt)
    {
        SessionId = sessionId;
        Ice = ice;
        CreatedAt = createdAt;
        Channel = new PeerChannel(ice);
        _dtlsContext = dtlsContext;
        _dtlsRole = dtlsRole;
        _fingerprints = fingerprints;
    }

    /// <summary>The id in the session's URL.</summary>
    public string SessionId { get; }

    /// <summary>Connectivity.</summary>
    public IceLiteAgent Ice { get; }

    /// <summary>The encrypted way to the peer.</summary>
    public PeerChannel Channel { get; }

    /// <summary>Set when this is a publisher.</summary>
    public IngestSession? Ingest { get; init; }

    /// <summary>Set when this is a viewer.</summary>
    public ViewerSession? Viewer { get; init; }

    /// <summary>Set when this is another node of the cluster.</summary>
    public RelayTransport? Relay { get; init; }

    /// <summary>Set when this side makes the connectivity checks: toward another node.</summary>
    public RelayDialer? Dialer { get; init; }

    /// <summary>When HTTP created it.</summary>
    public MonotonicTime CreatedAt { get; }

    /// <summary>When the first valid connectivity check came; zero before.</summary>
    public MonotonicTime ReachedAt { get; private set; }

    /// <summary>When DTLS was done; zero before.</summary>
    public MonotonicTime ConnectedAt => _connectedAt;

    /// <summary>Where it is in its life. Written by the owner, read by anybody.</summary>
    public SessionState State { get; private set; }

    /// <summary>Why it ended; null while it lives.</summary>
    public string? EndReason { get; private set; }

    /// <summary>The worker that owns it; -1 while unbound.</summary>
    public int Owner => Volatile.Read(ref _owner);

    /// <summary>True while the handshake needs its timers served.</summary>
    public bool IsHandshaking => _dtls is not null && State == SessionState.Connecting;

    /// <summary>Bytes of media kept until the handshake is done, for tests of limits and leaks.</summary>
    internal int EarlyBytes => _early?.Bytes ?? 0;

    /// <summary>Paths under which the owner's table knows this peer, so that they can be removed with it.</summary>
    internal List<TransportPath> MappedPaths { get; } = [];

    /// <summary>Claims an unbound peer for a worker.</summary>
    /// <returns>True when the peer is now, or was already, this worker's.</returns>
    public bool TryAdopt(int engineIndex) =>
        Interlocked.CompareExchange(ref _owner, engineIndex, -1) is var before && (before == -1 || before == engineIndex);

    /// <summary>Handles a check whose username was found to be this peer's.</summary>
    public DropReason HandleStun(in StunMessageView request, ReadOnlySpan<byte> usernameFragment, in TransportPath path, MonotonicTime now, PacketOutput output)
    {
        var reason = Ice.HandleRequest(request, usernameFragment, path, now, output);
        if (reason != DropReason.None) return reason;
        if (State == SessionState.New) BeginHandshake(path, now, output);
        Resume();
        return DropReason.None;
    }

    /// <summary>Handles the answer to a check of this side.</summary>
    public DropReason HandleStunResponse(in StunMessageView response, in TransportPath path, MonotonicTime now, PacketOutput output)
    {
        if (Dialer is null || !Dialer.Accepts(response)) return DropReason.StunBadIntegrity;
        Ice.Adopt(path, now);
        if (State == SessionState.New) BeginHandshake(path, now, output);
        Resume();
        return DropReason.None;
    }

    /// <summary>Handles a DTLS datagram; the answer goes back on the path it came from.</summary>
    public DropReason HandleDtls(ReadOnlySpan<byte> datagram, in TransportPath path, MonotonicTime now, PacketOutput output)
    {
        // DTLS is the amplifier: nothing is answered before ICE has validated the path.
        if (_dtls is null || !Ice.IsValidatedPath(path)) return DropReason.DtlsBeforeIce;
        _dtlsPath = path;
        var reason = _dtls.Receive(datagram, now);
        FlushDtls(output);
        AfterDtls(now);
        return reason;
    }

    /// <summary>Handles an SRTP datagram in place.</summary>
    /// <param name="datagram">As it came; decrypted in place.</param>
    /// <param name="path">Where it came from.</param>
    /// <param name="arrival">Kernel receive time.</param>
    /// <param name="fed">What has news now; null when it was dropped.</param>
    public DropReason HandleRtp(Span<byte> datagram, in TransportPath path, MonotonicTime arrival, out INewsSource? fed)
    {
        fed = null;
        if (_receiver is null) return KeepEarly(datagram, path, arrival);
        if (Viewer is not null) return DropReason.RtpFromViewer;
        if (!Ice.IsValidatedPath(path)) return DropReason.UnknownTuple;
        DropReason reason;
        if (Relay is not null)
        {
            reason = Relay.HandleRtp(datagram, _receiver, arrival, out var inbound);
            fed = inbound;
        }
        else
        {
            reason = Ingest!.HandleRtp(datagram, _receiver, arrival);
            fed = Ingest;
        }

        if (reason == DropReason.None) OnAuthenticated(path, arrival);
        return reason;
    }

    /// <summary>Handles an SRTCP datagram in place.</summary>
    public DropReason HandleRtcp(Span<byte> datagram, in TransportPath path, DropCounters drops, MonotonicTime now, PacketOutput output)
    {
        if (_receiver is null) return KeepEarly(datagram, path, now);
        var reason = _receiver.UnprotectRtcp(datagram, out var length);
        if (reason != DropReason.None) return reason;
        OnAuthenticated(path, now);
        if (Viewer is not null) return Viewer.HandleRtcp(datagram[..length], Channel, drops, now, output);
        return Relay is not null
            ? Relay.HandleRtcp(datagram[..length], Channel, drops, now, output)
            : Ingest!.HandleRtcp(datagram[..length], now);
    }

    /// <summary>Hands over, once, what came before the keys; null when there was nothing.</summary>
    internal EarlyMedia? TakeEarlyMedia()
    {
        var early = _early;
        _early = null;
        return early;
    }

    /// <summary>Serves timers: DTLS retransmission, consent, feedback and reports.</summary>
    /// <returns>When it wants to be called next; it may be called later for viewers, whose reports are not urgent.</returns>
    public MonotonicTime Tick(MonotonicTime now, PacketOutput output)
    {
        if (State == SessionState.Ended) return MonotonicTime.Never;
        if (_dtls is not null && !_handshakeReleased)
        {
            if (now >= _dtls.NextTimeout)
            {
                _dtls.HandleTimeout(now);
                FlushDtls(output);
                AfterDtls(now);
                if (State == SessionState.Ended) return MonotonicTime.Never;
            }

            if (State >= SessionState.Connected && (_peerHasKeys || now - _connectedAt > HandshakeLinger))
            {
                // 60 KB per peer; what remains can still read and write close_notify.
                _dtls.ReleaseHandshake();
                _handshakeReleased = true;
            }
        }

        if (!CheckConsent(now)) return MonotonicTime.Never;
        if (State == SessionState.New) Dial(output);
        if (State != SessionState.Connected) return now + TimeSpan.FromMilliseconds(50);
        if (Relay is not null) return Relay.Tick(Channel, now, output);
        if (Ingest is not null)
        {
            if (Ingest.SaidBye) End(EndReasons.Goodbye, output);
            return Ingest.Tick(now, Channel, output);
        }

        Viewer!.Tick(now, Channel, output);
        return now + ViewerSession.ReportInterval;
    }

    /// <summary>Ends the session: BYE and close_notify when they can be sent, then everything is freed. Owner only; idempotent.</summary>
    public void End(string reason, PacketOutput? output)
    {
        if (State == SessionState.Ended) return;
        State = SessionState.Ended;
        EndReason = reason;
        Relay?.OnEnded();
        if (output is not null && _dtls is not null)
        {
            Viewer?.SayBye(Channel, output);
            _dtls.Close();
            FlushDtls(output);
        }

        Channel.Srtp?.Dispose();
        Channel.Srtp = null;
        _receiver?.Dispose();
        _receiver = null;
        _dtls?.Dispose();
        _dtls = null;
        _early = null;
    }

    /// <summary>Frees what is left, without telling the peer.</summary>
    public void Dispose() => End("Disposed.", null);

    /// <summary>The keys of the other side, for its link's count of streams.</summary>
    internal SrtpReceiver? Receiver => _receiver;

    private void Dial(PacketOutput output)
    {
        if (Dialer is null) return;
        var length = Dialer.WriteCheck(output.Reserve(RelayDialer.MaxCheckLength), out var to);
        if (length > 0) output.Commit(new TransportPath(to, default), length);
    }

    private bool CheckConsent(MonotonicTime now)
    {
        var since = Ice.LastConsent == MonotonicTime.Zero ? CreatedAt : Ice.LastConsent;
        if (now - since > ConsentExpiry)
        {
            End(EndReasons.Silent, null);
            return false;
        }

        if (State == SessionState.Connected && now - since > ConsentPause)
        {
            State = SessionState.Interrupted;
            Channel.HasConsent = false;
            Viewer?.Pause();
        }

        return true;
    }

    private void OnAuthenticated(in TransportPath path, MonotonicTime arrival)
    {
        _peerHasKeys = true;
        if (Ice.RenewConsent(path, arrival)) Resume();
    }

    private void Resume()
    {
        if (State == SessionState.Interrupted) State = SessionState.Connected;
        Channel.HasConsent = true;
    }

    private void BeginHandshake(in TransportPath path, MonotonicTime now, PacketOutput output)
    {
        State = SessionState.Connecting;
        ReachedAt = now;
        _dtlsPath = path;
        _dtls = new DtlsTransport(_dtlsContext, _dtlsRole, _fingerprints);
        _dtls.Start(now);
        FlushDtls(output);
    }

    /// <summary>Keeps what a publisher sends while its last flight is still under way.</summary>
    private DropReason KeepEarly(ReadOnlySpan<byte> datagram, in TransportPath path, MonotonicTime arrival)
    {
        // Before the handshake has begun the peer cannot have keys; a viewer has nothing to say before it has media.
        if (Viewer is not null || _dtls?.State != DtlsState.Connecting || !Ice.IsValidatedPath(path)) return DropReason.SrtpBeforeDtls;
        _early ??= new EarlyMedia();
        return _early.Add(datagram, path, arrival);
    }

    private void FlushDtls(PacketOutput output)
    {
        while (true)
        {
            var slot = output.Reserve(MaxDtlsDatagram);
            if (!_dtls!.TryTakeDatagram(slot, out var length)) return;
            output.Commit(_dtlsPath, length);
        }
    }

    private void AfterDtls(MonotonicTime now)
    {
        switch (_dtls!.State)
        {
            case DtlsState.Connected when State == SessionState.Connecting:
                _dtls.TakeKeyingMaterial(out var sender, out _receiver);
                Channel.Srtp = sender;
                State = SessionState.Connected;
                _connectedAt = now;
                break;
            case DtlsState.Failed:
                End(EndReasons.HandshakeFailed + _dtls.FailureReason, null);
                break;
            case DtlsState.Closed:
                End(EndReasons.Closed, null);
                break;
            default:
                break;
        }
    }
}
