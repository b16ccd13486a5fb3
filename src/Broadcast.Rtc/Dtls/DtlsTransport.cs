using System.Security.Cryptography;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Rtc.Dtls;

/// <summary>The DTLS-SRTP association with one peer (RFC 5764, RFC 6347): datagrams in, datagrams and SRTP keys out.</summary>
/// <remarks>
/// <para>
/// One thread at a time; owned by a MediaWorker. No sockets and no clock: after each call take all datagrams with
/// <see cref="TryTakeDatagram"/>, and call <see cref="HandleTimeout"/> when <see cref="NextTimeout"/> has come.
/// </para>
/// <para>
/// A retransmitted flight starts after 100 ms, doubles to at most 3 s, and ends with the handshake after 30 s. Call
/// <see cref="ReleaseHandshake"/> when the peer has shown that it has the last flight (its media arrive) or some
/// seconds after <see cref="DtlsState.Connected"/>. <see cref="Dispose"/> must be called.
/// </para>
/// </remarks>
public sealed class DtlsTransport : IDisposable
{
    /// <summary>Longest datagram produced, in bytes.</summary>
    public const int MaxDatagramLength = 1200;

    private const byte AlertLevelWarning = 1;
    private const byte AlertLevelFatal = 2;
    private const byte AlertCloseNotify = 0;

    // Native bytes of one association in a handshake, OpenSSL 3.0.22 (Broadcast.Benchmarks dtls).
    private const int EngineBytes = 60 * 1024;

    private static readonly TimeSpan FirstRetransmission = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetransmission = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(30);

    private readonly DtlsRole _role;
    private readonly DtlsOutbox _outbox;
    private DtlsEngine? _engine;
    private DtlsRecordProtection? _protection;
    private byte[]? _keyingMaterial;
    private TimeSpan _interval;
    private MonotonicTime _retransmitAt = MonotonicTime.Never;
    private MonotonicTime _giveUpAt = MonotonicTime.Never;

    /// <summary>Creates the association.</summary>
    /// <param name="context">Shared by the process.</param>
    /// <param name="role">Server unless the peer is passive.</param>
    /// <param name="expectedPeer">Hashes from the peer's SDP; its certificate must have one of them.</param>
    public DtlsTransport(DtlsContext context, DtlsRole role, IReadOnlyList<DtlsFingerprint> expectedPeer)
        : this(context, role, expectedPeer, MaxDatagramLength)
    {
    }

    /// <summary>Creates an association with smaller datagrams, so that tests see fragmentation.</summary>
    internal DtlsTransport(DtlsContext context, DtlsRole role, IReadOnlyList<DtlsFingerprint> expectedPeer, int maxDatagramLength)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(expectedPeer);
        _role = role;
        _engine = new DtlsEngine(context, role, expectedPeer, maxDatagramLength);
        _outbox = new DtlsOutbox(maxDatagramLength);
    }

    /// <summary>Where the association stands.</summary>
    public DtlsState State { get; private set; }

    /// <summary>What went wrong, for logs, when <see cref="DtlsState.Failed"/>.</summary>
    public string? FailureReason { get; private set; }

    /// <summary>The agreed profile; valid from <see cref="DtlsState.Connected"/> on.</summary>
    public SrtpProfile SelectedProfile { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> is due; <see cref="MonotonicTime.Never"/> outside of a handshake.</summary>
    public MonotonicTime NextTimeout => MonotonicTime.Min(_retransmitAt, _giveUpAt);

    /// <summary>Roughly the bytes, mostly native, that <see cref="ReleaseHandshake"/> frees or has freed.</summary>
    public int HandshakeStateBytes => (_engine is null ? 0 : EngineBytes) + _outbox.Size;

    /// <summary>Begins the handshake: a client queues its ClientHello, a server waits for the peer's.</summary>
    public void Start(MonotonicTime now)
    {
        if (_role != DtlsRole.Client || State != DtlsState.New) return;
        Begin(now);
        Advance(default, now);
    }

    /// <summary>Takes one datagram whose first byte is in 20..63 (RFC 7983); may queue datagrams and change <see cref="State"/>.</summary>
    /// <returns>Why it was dropped, or <see cref="DropReason.None"/> if it was processed.</returns>
    public DropReason Receive(ReadOnlySpan<byte> datagram, MonotonicTime now)
    {
        if (datagram.IsEmpty) return DropReason.Empty;
        if (datagram[0] is < 20 or > 63) return DropReason.UnknownFirstByte;
        if (State == DtlsState.Closed) return DropReason.DtlsClosed;
        if (State == DtlsState.Failed) return DropReason.DtlsFailed;
        if (State == DtlsState.New && _role == DtlsRole.Client) return DropReason.DtlsBeforeIce;
        var reason = DtlsRecord.Validate(datagram);
        if (reason != DropReason.None) return reason;
        if (_engine is null) return ReceiveReleased(datagram);
        if (State == DtlsState.New) Begin(now);
        return Advance(datagram, now);
    }

    /// <summary>Takes the next datagram to send, at most <see cref="MaxDatagramLength"/> bytes; call until it returns false.</summary>
    public bool TryTakeDatagram(Span<byte> destination, out int length) => _outbox.TryTake(destination, out length);

    /// <summary>Sends the last flight again if that is due, or gives up (RFC 6347 §4.2.4).</summary>
    public void HandleTimeout(MonotonicTime now)
    {
        if (now >= _giveUpAt)
        {
            Fail("The handshake took longer than 30 s.");
        }
        else if (now >= _retransmitAt)
        {
            _protection ??= _role == DtlsRole.Client ? _engine?.CreateRecordProtection() : null;
            _outbox.ResendFlight(_protection);
            _interval = _interval * 2 < LongestRetransmission ? _interval * 2 : LongestRetransmission;
            _retransmitAt = now + _interval;
        }
    }

    /// <summary>Hands over the SRTP keys of both directions, once.</summary>
    /// <param name="sender">For what this end sends; the caller disposes of it.</param>
    /// <param name="receiver">For what the peer sends; the caller disposes of it.</param>
    /// <exception cref="InvalidOperationException">Not connected, or taken before.</exception>
    public void TakeKeyingMaterial(out SrtpSender sender, out SrtpReceiver receiver)
    {
        if (_keyingMaterial is null) throw new InvalidOperationException("There is keying material once, after the handshake.");

        // client key ‖ server key ‖ client salt ‖ server salt (RFC 5764 §4.2)
        var keyLength = SelectedProfile.MasterKeyLength();
        var saltLength = SelectedProfile.MasterSaltLength();
        ReadOnlySpan<byte> material = _keyingMaterial;
        var clientKey = material[..keyLength];
        var serverKey = material.Slice(keyLength, keyLength);
        var clientSalt = material.Slice(2 * keyLength, saltLength);
        var serverSalt = material.Slice((2 * keyLength) + saltLength, saltLength);
        if (_role == DtlsRole.Client)
        {
            sender = new SrtpSender(SelectedProfile, clientKey, clientSalt);
            receiver = new SrtpReceiver(SelectedProfile, serverKey, serverSalt);
        }
        else
        {
            sender = new SrtpSender(SelectedProfile, serverKey, serverSalt);
            receiver = new SrtpReceiver(SelectedProfile, clientKey, clientSalt);
        }

        ForgetKeyingMaterial();
    }

    /// <summary>Frees OpenSSL's state after the handshake, leaving the record keys, so that closing still works both ways.</summary>
    /// <remarks>Does nothing unless connected. Afterwards a repeated last flight of the peer is no longer answered.</remarks>
    public void ReleaseHandshake()
    {
        if (State != DtlsState.Connected || _engine is null) return;
        _protection ??= _engine.CreateRecordProtection();
        if (_protection is null) return; // a suite whose records only OpenSSL can handle
        FreeEngine();
    }

    /// <summary>Ends the association, queueing a close_notify if it was connected.</summary>
    public void Close()
    {
        if (State is DtlsState.Closed or DtlsState.Failed) return;
        if (State == DtlsState.Connected && _engine is not null)
        {
            _engine.Shutdown();
            _outbox.Send(_engine.Output, _protection);
        }
        else if (State == DtlsState.Connected && _protection is not null)
        {
            Span<byte> record = stackalloc byte[DtlsRecord.HeaderLength + DtlsRecordProtection.MaxPlaintextLength];
            var length = _protection.Seal(record, DtlsContentType.Alert, _outbox.NextNumberInEpoch1, [AlertLevelWarning, AlertCloseNotify]);
            _outbox.Send(record[..length], null);
        }

        End(DtlsState.Closed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (State is not (DtlsState.Closed or DtlsState.Failed)) End(DtlsState.Closed);
        ForgetKeyingMaterial();
    }

    private void Begin(MonotonicTime now)
    {
        State = DtlsState.Connecting;
        _giveUpAt = now + HandshakeLimit;
    }

    private DropReason Advance(ReadOnlySpan<byte> datagram, MonotonicTime now)
    {
        var engine = _engine!;
        var progress = engine.Advance(datagram);
        var wasConnecting = State == DtlsState.Connecting;
        if (wasConnecting && progress == DtlsProgress.Handshaking) SendFlight(engine.Output, now);
        else if (!engine.Output.IsEmpty) _outbox.Send(engine.Output, _protection);
        engine.ClearOutput();

        switch (progress)
        {
            case DtlsProgress.Established or DtlsProgress.ClosedByPeer when wasConnecting && !TryComplete():
                return DropReason.DtlsFailed;
            case DtlsProgress.ClosedByPeer:
                End(DtlsState.Closed);
                break;
            case DtlsProgress.Failed when wasConnecting:
                var reason = engine.PeerRejected ? DropReason.DtlsFingerprintMismatch : DropReason.DtlsFailed;
                Fail(engine.PeerRejected ? "The peer's certificate has none of the fingerprints in its SDP." : engine.Failure!);
                return reason;
            case DtlsProgress.Failed:
                // OpenSSL refuses to go on, but the keys stand and the peer has not closed.
                ReleaseHandshake();
                return DropReason.DtlsFailed;
        }

        return DropReason.None;
    }

    private void SendFlight(ReadOnlySpan<byte> records, MonotonicTime now)
    {
        if (records.IsEmpty) return;
        _outbox.SendFlight(records, _protection);
        _interval = FirstRetransmission;
        _retransmitAt = now + _interval;
    }

    private bool TryComplete()
    {
        var engine = _engine!;
        if (!engine.PeerVerified)
        {
            Fail("The peer showed no certificate.");
            return false;
        }

        if (engine.SelectedProfile is not { } profile)
        {
            Fail("The peer offers no SRTP profile of ours.");
            return false;
        }

        SelectedProfile = profile;
        _keyingMaterial = new byte[2 * (profile.MasterKeyLength() + profile.MasterSaltLength())];
        engine.Export("EXTRACTOR-dtls_srtp"u8, _keyingMaterial);
        _outbox.ForgetFlight();
        _retransmitAt = _giveUpAt = MonotonicTime.Never;
        State = DtlsState.Connected;
        return true;
    }

    /// <summary>After the release only an alert matters; all else, such as a repeated Finished, is left unread.</summary>
    private DropReason ReceiveReleased(ReadOnlySpan<byte> datagram)
    {
        Span<byte> plaintext = stackalloc byte[DtlsRecordProtection.MaxPlaintextLength];
        for (; !datagram.IsEmpty; datagram = datagram[DtlsRecord.TotalLength(datagram)..])
        {
            if (DtlsRecord.ContentType(datagram) != DtlsContentType.Alert || DtlsRecord.Epoch(datagram) != 1) continue;
            if (!_protection!.TryOpen(datagram, plaintext, out var length) || length != 2) return DropReason.DtlsMalformed;
            if (plaintext[0] != AlertLevelFatal && plaintext[1] != AlertCloseNotify) continue;
            End(DtlsState.Closed);
            break;
        }

        return DropReason.None;
    }

    private void Fail(string reason)
    {
        FailureReason = reason;
        End(DtlsState.Failed);
    }

    private void End(DtlsState state)
    {
        State = state;
        FreeEngine();
        _protection?.Dispose();
        _protection = null;
        if (state == DtlsState.Failed) ForgetKeyingMaterial();
    }

    private void FreeEngine()
    {
        _engine?.Dispose();
        _engine = null;
        _outbox.ForgetFlight();
        _retransmitAt = _giveUpAt = MonotonicTime.Never;
    }

    private void ForgetKeyingMaterial()
    {
        CryptographicOperations.ZeroMemory(_keyingMaterial);
        _keyingMaterial = null;
    }
}
