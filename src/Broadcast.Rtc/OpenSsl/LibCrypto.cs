using System.Runtime.InteropServices;

namespace Broadcast.Rtc.OpenSsl;

/// <summary>The part of OpenSSL's <c>libcrypto</c> this product calls; names and signatures are OpenSSL's own.</summary>
/// <remarks>Only functions that every 3.x release exports, so one build runs on 3.0 (Debian 12) and on 3.5.</remarks>
internal static unsafe partial class LibCrypto
{
    internal const string Library = "libcrypto.so.3";

    [LibraryImport(Library)]
    internal static partial void ERR_clear_error();

    [LibraryImport(Library)]
    internal static partial ulong ERR_peek_last_error();

    [LibraryImport(Library)]
    internal static partial byte* ERR_reason_error_string(ulong error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OSSL_PROVIDER_load(nint libraryContext, string name);

    [LibraryImport(Library)]
    internal static partial nint OSSL_PROVIDER_get0_provider_ctx(nint provider);

    [LibraryImport(Library)]
    internal static partial OsslAlgorithm* OSSL_PROVIDER_query_operation(nint provider, int operation, int* noCache);

    [LibraryImport(Library)]
    internal static partial nint BIO_s_mem();

    [LibraryImport(Library)]
    internal static partial nint BIO_new(nint method);

    [LibraryImport(Library)]
    internal static partial int BIO_write(nint bio, byte* data, int length);

    [LibraryImport(Library)]
    internal static partial long BIO_ctrl(nint bio, int command, long argument, void* pointer);

    [LibraryImport(Library)]
    internal static partial nint EVP_sha256();

    [LibraryImport(Library)]
    internal static partial nint EVP_sha384();

    [LibraryImport(Library)]
    internal static partial nint EVP_sha512();

    [LibraryImport(Library)]
    internal static partial nint EVP_PKEY_CTX_new_id(int id, nint engine);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_CTX_free(nint context);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_keygen_init(nint context);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_CTX_set_ec_paramgen_curve_nid(nint context, int nid);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_keygen(nint context, nint* key);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    internal static partial nint X509_new();

    [LibraryImport(Library)]
    internal static partial void X509_free(nint certificate);

    [LibraryImport(Library)]
    internal static partial int X509_set_version(nint certificate, long version);

    [LibraryImport(Library)]
    internal static partial nint X509_get_serialNumber(nint certificate);

    [LibraryImport(Library)]
    internal static partial int ASN1_INTEGER_set_uint64(nint integer, ulong value);

    [LibraryImport(Library)]
    internal static partial nint X509_getm_notBefore(nint certificate);

    [LibraryImport(Library)]
    internal static partial nint X509_getm_notAfter(nint certificate);

    [LibraryImport(Library)]
    internal static partial nint X509_gmtime_adj(nint time, long seconds);

    [LibraryImport(Library)]
    internal static partial int X509_set_pubkey(nint certificate, nint key);

    [LibraryImport(Library)]
    internal static partial nint X509_get_subject_name(nint certificate);

    [LibraryImport(Library)]
    internal static partial int X509_set_issuer_name(nint certificate, nint name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int X509_NAME_add_entry_by_txt(nint name, string field, int type, string value, int length, int location, int set);

    [LibraryImport(Library)]
    internal static partial int X509_sign(nint certificate, nint key, nint digest);

    [LibraryImport(Library)]
    internal static partial int X509_digest(nint certificate, nint digest, byte* hash, uint* length);

    [LibraryImport(Library)]
    internal static partial nint X509_STORE_CTX_get0_cert(nint context);

    [LibraryImport(Library)]
    internal static partial void X509_STORE_CTX_set_error(nint context, int error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_KDF_fetch(nint libraryContext, string name, nint properties);

    [LibraryImport(Library)]
    internal static partial void EVP_KDF_free(nint kdf);

    [LibraryImport(Library)]
    internal static partial nint EVP_KDF_CTX_new(nint kdf);

    [LibraryImport(Library)]
    internal static partial void EVP_KDF_CTX_free(nint context);

    [LibraryImport(Library)]
    internal static partial int EVP_KDF_derive(nint context, byte* key, nuint length, OsslParam* parameters);
}

/// <summary><c>OSSL_ALGORITHM</c>: one line of a provider's table; the last has no names.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OsslAlgorithm
{
    public byte* Names;
    public byte* Properties;
    public OsslDispatch* Implementation;
    public byte* Description;
}

/// <summary><c>OSSL_DISPATCH</c>: a numbered function; the last has number 0.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OsslDispatch
{
    public int FunctionId;
    public nint Function;
}

/// <summary><c>OSSL_PARAM</c>: a named value passed to or from a provider; the last has no name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OsslParam
{
    public const uint Utf8String = 4;
    public const uint OctetString = 5;

    public byte* Key;
    public uint DataType;
    public void* Data;
    public nuint DataSize;
    public nuint ReturnSize;
}
