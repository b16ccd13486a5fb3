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
    public const uint OctetString = 5;

    public byte* Key;
    public uint DataType;
    public void* Data;
    public nuint DataSize;
    public nuint ReturnSize;
}
