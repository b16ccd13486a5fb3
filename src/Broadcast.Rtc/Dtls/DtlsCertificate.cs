using System.Buffers.Binary;
using System.Security.Cryptography;
using Broadcast.Rtc.OpenSsl;

namespace Broadcast.Rtc.Dtls;

/// <summary>A self-signed certificate and its key; peers know it by its hash in the SDP (RFC 8827 §6.5).</summary>
/// <remarks>One per process is fine. Dispose after the <see cref="DtlsContext"/> that uses it was made, or at the end.</remarks>
public sealed unsafe class DtlsCertificate : IDisposable
{
    private const int KeyTypeEc = 408; // NID_X9_62_id_ecPublicKey
    private const int CurveP256 = 415; // NID_X9_62_prime256v1
    private const int StringUtf8 = 0x1000; // MBSTRING_UTF8
    private const int VersionThree = 2;
    private const long DayInSeconds = 24 * 60 * 60;

    private DtlsCertificate(nint certificate, nint key, string fingerprint)
    {
        Certificate = certificate;
        Key = key;
        Fingerprint = fingerprint;
    }

    /// <summary>SHA-256 of the certificate as "AB:CD:…", for <c>a=fingerprint:sha-256</c>.</summary>
    public string Fingerprint { get; }

    /// <summary>Native <c>X509</c>.</summary>
    internal nint Certificate { get; private set; }

    /// <summary>Native <c>EVP_PKEY</c>.</summary>
    internal nint Key { get; private set; }

    /// <summary>Makes a P-256 ECDSA certificate with a random name, valid from yesterday for a year.</summary>
    /// <exception cref="CryptographicException">OpenSSL could not make it.</exception>
    public static DtlsCertificate CreateSelfSigned()
    {
        var key = CreateKey();
        var certificate = LibCrypto.X509_new();
        try
        {
            Span<byte> random = stackalloc byte[16];
            RandomNumberGenerator.Fill(random);
            var serial = BinaryPrimitives.ReadUInt64BigEndian(random) >> 1;
            var name = LibCrypto.X509_get_subject_name(certificate);
            var done = LibCrypto.X509_set_version(certificate, VersionThree) == 1
                && LibCrypto.ASN1_INTEGER_set_uint64(LibCrypto.X509_get_serialNumber(certificate), serial) == 1
                && LibCrypto.X509_gmtime_adj(LibCrypto.X509_getm_notBefore(certificate), -DayInSeconds) != 0
                && LibCrypto.X509_gmtime_adj(LibCrypto.X509_getm_notAfter(certificate), 365 * DayInSeconds) != 0
                && LibCrypto.X509_NAME_add_entry_by_txt(name, "CN", StringUtf8, Convert.ToHexString(random[8..]), -1, -1, 0) == 1
                && LibCrypto.X509_set_issuer_name(certificate, name) == 1
                && LibCrypto.X509_set_pubkey(certificate, key) == 1
                && LibCrypto.X509_sign(certificate, key, LibCrypto.EVP_sha256()) > 0;
            OpenSslError.ThrowIf(!done, "make a certificate");

            var hash = stackalloc byte[32];
            uint length;
            OpenSslError.ThrowIf(LibCrypto.X509_digest(certificate, LibCrypto.EVP_sha256(), hash, &length) != 1, "hash a certificate");
            return new DtlsCertificate(certificate, key, DtlsFingerprint.Format(new ReadOnlySpan<byte>(hash, 32)));
        }
        catch
        {
            LibCrypto.X509_free(certificate);
            LibCrypto.EVP_PKEY_free(key);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        LibCrypto.X509_free(Certificate);
        LibCrypto.EVP_PKEY_free(Key);
        Certificate = Key = 0;
    }

    private static nint CreateKey()
    {
        var context = LibCrypto.EVP_PKEY_CTX_new_id(KeyTypeEc, 0);
        nint key = 0;
        var done = LibCrypto.EVP_PKEY_keygen_init(context) == 1
            && LibCrypto.EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, CurveP256) == 1
            && LibCrypto.EVP_PKEY_keygen(context, &key) == 1;
        LibCrypto.EVP_PKEY_CTX_free(context);
        OpenSslError.ThrowIf(!done, "make a P-256 key");
        return key;
    }
}
