using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Broadcast.Rtc.OpenSsl;

namespace Broadcast.Rtc.Dtls;

/// <summary>What all DTLS associations of a process share: certificate, cipher suites, SRTP profiles (RFC 8827 §6.5).</summary>
/// <remarks>Immutable and thread-safe. DTLS 1.2 only, no tickets, no session cache, no renegotiation, no cookies.</remarks>
public sealed unsafe class DtlsContext : IDisposable
{
    internal const string DefaultCiphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
        + "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";

    // The server takes the first of its own list that the client offers too.
    internal const string DefaultProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";

    private const string Groups = "X25519:P-256:P-384";
    private const string SignatureAlgorithms =
        "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256:ECDSA+SHA384:ed25519:RSA-PSS+SHA384:RSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA512:RSA+SHA512";

    private const int Dtls12 = 0xFEFD;

    private const ulong OptionNoQueryMtu = 1UL << 12;
    private const ulong OptionNoTicket = 1UL << 14;
    private const ulong OptionNoCompression = 1UL << 17;
    private const ulong OptionServerPreference = 1UL << 22;
    private const ulong OptionNoRenegotiation = 1UL << 30;

    private const int ControlMode = 33;
    private const int ControlSessionCacheMode = 44;
    private const int ControlMaxCertificateList = 51;
    private const int ControlMaxSendFragment = 52;
    private const int ControlGroupsList = 92;
    private const int ControlSignatureAlgorithmsList = 98;
    private const int ControlMinProtocol = 123;
    private const int ControlMaxProtocol = 124;

    private const long ModeNoAutoChain = 0x08;
    private const long ModeReleaseBuffers = 0x10;
    private const long SessionCacheOff = 0;
    private const long MaxCertificateListLength = 16 * 1024;

    private const int VerifyPeer = 1;
    private const int VerifyFailIfNoPeerCertificate = 2;

    /// <summary>Creates the context; the certificate may be disposed of afterwards.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">This OpenSSL lacks something.</exception>
    public DtlsContext(DtlsCertificate certificate)
        : this(certificate, DefaultCiphers, DefaultProfiles)
    {
    }

    /// <summary>Creates a context that offers and accepts less, for tests.</summary>
    internal DtlsContext(DtlsCertificate certificate, string ciphers, string profiles)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        Handle = LibSsl.SSL_CTX_new(LibSsl.DTLS_method());
        OpenSslError.ThrowIf(Handle == 0, "create a DTLS context");
        try
        {
            // Level 1 admits the 1,024-bit RSA certificates of older peers; the certificate is pinned by its hash anyway.
            LibSsl.SSL_CTX_set_security_level(Handle, 1);
            LibSsl.SSL_CTX_set_options(
                Handle, OptionNoQueryMtu | OptionNoTicket | OptionNoCompression | OptionServerPreference | OptionNoRenegotiation);
            Control(ControlMode, ModeNoAutoChain | ModeReleaseBuffers);
            Control(ControlSessionCacheMode, SessionCacheOff);
            Control(ControlMaxCertificateList, MaxCertificateListLength);
            Control(ControlMaxSendFragment, DtlsTransport.MaxDatagramLength); // a smaller write buffer per association
            OpenSslError.ThrowIf(Control(ControlMinProtocol, Dtls12) != 1 || Control(ControlMaxProtocol, Dtls12) != 1, "enable DTLS 1.2");
            OpenSslError.ThrowIf(LibSsl.SSL_CTX_set_cipher_list(Handle, ciphers) != 1, "enable the cipher suites");
            OpenSslError.ThrowIf(Control(ControlGroupsList, Groups) != 1, "enable the key exchange groups");
            OpenSslError.ThrowIf(Control(ControlSignatureAlgorithmsList, SignatureAlgorithms) != 1, "enable the signature algorithms");
            OpenSslError.ThrowIf(LibSsl.SSL_CTX_set_tlsext_use_srtp(Handle, profiles) != 0, "enable the SRTP profiles");
            OpenSslError.ThrowIf(LibSsl.SSL_CTX_use_certificate(Handle, certificate.Certificate) != 1, "use the certificate");
            OpenSslError.ThrowIf(LibSsl.SSL_CTX_use_PrivateKey(Handle, certificate.Key) != 1, "use the certificate's key");
            LibSsl.SSL_CTX_set_verify(Handle, VerifyPeer | VerifyFailIfNoPeerCertificate, 0);
            LibSsl.SSL_CTX_set_cert_verify_callback(Handle, &OnVerifyCertificate, 0);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Native <c>SSL_CTX</c>; associations keep their own reference to it.</summary>
    internal nint Handle { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        LibSsl.SSL_CTX_free(Handle);
        Handle = 0;
    }

    /// <summary>Called by OpenSSL in place of building a chain: only the leaf's hash counts (RFC 5763 §5).</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnVerifyCertificate(nint storeContext, nint argument)
    {
        const int certificateRejected = 28; // X509_V_ERR_CERT_REJECTED, which becomes a bad_certificate alert
        if (DtlsEngine.VerifyPeerOfRunning(LibCrypto.X509_STORE_CTX_get0_cert(storeContext))) return 1;
        LibCrypto.X509_STORE_CTX_set_error(storeContext, certificateRejected);
        return 0;
    }

    private long Control(int command, long argument) => LibSsl.SSL_CTX_ctrl(Handle, command, argument, null);

    private long Control(int command, string argument)
    {
        var text = Marshal.StringToCoTaskMemUTF8(argument);
        try
        {
            return LibSsl.SSL_CTX_ctrl(Handle, command, 0, (void*)text);
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }
}
