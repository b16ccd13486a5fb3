using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Broadcast.Rtc.OpenSsl;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Rtc.Dtls;

/// <summary>What feeding a datagram led to.</summary>
internal enum DtlsProgress : byte
{
    /// <summary>The handshake waits for more.</summary>
    Handshaking,

    /// <summary>The handshake is complete.</summary>
    Established,

    /// <summary>The peer ended the association: close_notify or a fatal alert.</summary>
    ClosedByPeer,

    /// <summary>OpenSSL gave up; it may have left an alert to send.</summary>
    Failed,
}

/// <summary>One OpenSSL DTLS object with a memory BIO on either side: datagrams in, records out.</summary>
/// <remarks>
/// <para>
/// One thread at a time. <see cref="Dispose"/> must be called; it frees about 60 KB (OpenSSL 3.0.22).
/// </para>
/// <para>
/// OpenSSL's retransmission timer compares a deadline on the wall clock (<c>gettimeofday</c>) with the present, in
/// <c>DTLSv1_handle_timeout</c> and again after each read that finds nothing. The callback of
/// <c>DTLS_set_timer_cb</c> only chooses the next interval: a tiny one makes every such read retransmit at once, a long
/// one cannot be cut short. So the callback answers "an hour", OpenSSL never retransmits by time, and
/// <see cref="DtlsOutbox"/> does. What remains to OpenSSL is the answer to a repeated Finished, which needs no timer.
/// </para>
/// </remarks>
internal sealed unsafe class DtlsEngine : IDisposable
{
    private const int ControlSetMtu = 17;
    private const int BioControlReset = 1;
    private const int BioControlInfo = 3;
    private const int BioSetMemoryEofReturn = 130;
    private const int ErrorSsl = 1;
    private const int ErrorWantRead = 2;
    private const int ErrorZeroReturn = 6;
    private const int ReceivedShutdown = 2;
    private const uint OneHourInMicroseconds = 3_600_000_000;

    // The verification callback comes on this thread in the middle of a call made by the engine.
    [ThreadStatic]
    private static DtlsEngine? _running;

    private readonly DtlsRole _role;
    private readonly IReadOnlyList<DtlsFingerprint> _expectedPeer;
    private readonly nint _input;
    private readonly nint _output;
    private nint _ssl;
    private bool _established;

    public DtlsEngine(DtlsContext context, DtlsRole role, IReadOnlyList<DtlsFingerprint> expectedPeer, int maxDatagramLength)
    {
        _role = role;
        _expectedPeer = expectedPeer;
        _ssl = LibSsl.SSL_new(context.Handle);
        OpenSslError.ThrowIf(_ssl == 0, "create a DTLS association");
        _input = LibCrypto.BIO_new(LibCrypto.BIO_s_mem());
        _output = LibCrypto.BIO_new(LibCrypto.BIO_s_mem());
        LibCrypto.BIO_ctrl(_input, BioSetMemoryEofReturn, -1, null);
        LibCrypto.BIO_ctrl(_output, BioSetMemoryEofReturn, -1, null);
        LibSsl.SSL_set_bio(_ssl, _input, _output);
        LibSsl.SSL_ctrl(_ssl, ControlSetMtu, maxDatagramLength, null);
        LibSsl.DTLS_set_timer_cb(_ssl, &OnTimerInterval);
        if (role == DtlsRole.Client) LibSsl.SSL_set_connect_state(_ssl);
        else LibSsl.SSL_set_accept_state(_ssl);
    }

    /// <summary>Whether a certificate was shown and its hash is one of those expected.</summary>
    public bool PeerVerified { get; private set; }

    /// <summary>Whether a certificate was shown and its hash is none of those expected.</summary>
    public bool PeerRejected { get; private set; }

    /// <summary>OpenSSL's word for what went wrong.</summary>
    public string? Failure { get; private set; }

    /// <summary>The records written since <see cref="ClearOutput"/>; valid until then.</summary>
    public ReadOnlySpan<byte> Output
    {
        get
        {
            byte* data;
            var length = LibCrypto.BIO_ctrl(_output, BioControlInfo, 0, &data);
            return length > 0 ? new ReadOnlySpan<byte>(data, (int)length) : default;
        }
    }

    /// <summary>The profile agreed on, or null if there is none (RFC 5764 §4.1).</summary>
    public SrtpProfile? SelectedProfile
    {
        get
        {
            var selected = LibSsl.SSL_get_selected_srtp_profile(_ssl);
            if (selected == null) return null;
            var profile = (SrtpProfile)selected->Id.Value;
            return Enum.IsDefined(profile) ? profile : null;
        }
    }

    /// <summary>Gives OpenSSL one datagram of whole records, or none to begin with, and lets it work.</summary>
    public DtlsProgress Advance(ReadOnlySpan<byte> datagram)
    {
        LibCrypto.ERR_clear_error();
        fixed (byte* d = datagram)
        {
            if (!datagram.IsEmpty && LibCrypto.BIO_write(_input, d, datagram.Length) != datagram.Length) return Fail();
        }

        _running = this;
        try
        {
            return _established ? Read() : Handshake();
        }
        finally
        {
            _running = null;
            LibCrypto.ERR_clear_error();
        }
    }

    /// <summary>Forgets <see cref="Output"/>.</summary>
    public void ClearOutput() => LibCrypto.BIO_ctrl(_output, BioControlReset, 0, null);

    /// <summary>Writes close_notify.</summary>
    public void Shutdown()
    {
        LibCrypto.ERR_clear_error();
        _ = LibSsl.SSL_shutdown(_ssl);
        LibCrypto.ERR_clear_error();
    }

    /// <summary>Exports keying material (RFC 5764 §4.2, RFC 5705).</summary>
    public void Export(ReadOnlySpan<byte> label, Span<byte> output)
    {
        int result;
        fixed (byte* l = label, o = output)
            result = LibSsl.SSL_export_keying_material(_ssl, o, (nuint)output.Length, l, (nuint)label.Length, null, 0, 0);
        OpenSslError.ThrowIf(result != 1, "export keying material");
    }

    /// <summary>The record keys of epoch 1, once the master secret is known; null before or for a suite that is none of ours.</summary>
    public DtlsRecordProtection? CreateRecordProtection()
    {
        var cipher = LibSsl.SSL_get_current_cipher(_ssl);
        var session = LibSsl.SSL_get_session(_ssl);
        if (cipher == 0 || session == 0) return null;
        Span<byte> secrets = stackalloc byte[48 + 32 + 32];
        fixed (byte* s = secrets)
        {
            if (LibSsl.SSL_SESSION_get_master_key(session, s, 48) != 48) return null;
            LibSsl.SSL_get_client_random(_ssl, s + 48, 32);
            LibSsl.SSL_get_server_random(_ssl, s + 80, 32);
        }

        var protection = DtlsRecordProtection.TryCreate(
            LibSsl.SSL_CIPHER_get_protocol_id(cipher),
            _role == DtlsRole.Client,
            new DtlsSecrets { MasterSecret = secrets[..48], ClientRandom = secrets.Slice(48, 32), ServerRandom = secrets[80..] });
        CryptographicOperations.ZeroMemory(secrets);
        return protection;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Frees both BIOs too.
        LibSsl.SSL_free(_ssl);
        _ssl = 0;
    }

    /// <summary>Called for the certificate of the peer whose handshake runs on this thread.</summary>
    internal static bool VerifyPeerOfRunning(nint certificate)
    {
        var engine = _running;
        if (engine is null || certificate == 0) return false;
        foreach (var fingerprint in engine._expectedPeer) engine.PeerVerified |= fingerprint.Matches(certificate);
        engine.PeerRejected = !engine.PeerVerified;
        return engine.PeerVerified;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static uint OnTimerInterval(nint ssl, uint previous) => OneHourInMicroseconds;

    private DtlsProgress Handshake()
    {
        var result = LibSsl.SSL_do_handshake(_ssl);
        if (result == 1)
        {
            // More records may have come in the datagram that completed the handshake.
            _established = true;
            return Read();
        }

        return LibSsl.SSL_get_error(_ssl, result) == ErrorWantRead ? DtlsProgress.Handshaking : Fail();
    }

    private DtlsProgress Read()
    {
        const int bufferLength = 2048;
        var discarded = stackalloc byte[bufferLength];
        int result;
        do
        {
            // No application data is part of this product; a peer that opens a data channel is not answered.
            result = LibSsl.SSL_read(_ssl, discarded, bufferLength);
        }
        while (result > 0);

        return LibSsl.SSL_get_error(_ssl, result) switch
        {
            ErrorWantRead => DtlsProgress.Established,
            ErrorZeroReturn => DtlsProgress.ClosedByPeer,
            ErrorSsl when (LibSsl.SSL_get_shutdown(_ssl) & ReceivedShutdown) != 0 => DtlsProgress.ClosedByPeer,
            _ => Fail(),
        };
    }

    private DtlsProgress Fail()
    {
        Failure = OpenSslError.Take() ?? "unknown error";
        return DtlsProgress.Failed;
    }
}
