using System.Runtime.InteropServices;

namespace Broadcast.Rtc.OpenSsl;

/// <summary>The part of OpenSSL's <c>libssl</c> this product calls; names and signatures are OpenSSL's own.</summary>
internal static unsafe partial class LibSsl
{
    private const string Library = "libssl.so.3";

    [LibraryImport(Library)]
    internal static partial nint DTLS_method();

    [LibraryImport(Library)]
    internal static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Library)]
    internal static partial void SSL_CTX_free(nint context);

    [LibraryImport(Library)]
    internal static partial long SSL_CTX_ctrl(nint context, int command, long argument, void* pointer);

    [LibraryImport(Library)]
    internal static partial ulong SSL_CTX_set_options(nint context, ulong options);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_cipher_list(nint context, string ciphers);

    [LibraryImport(Library)]
    internal static partial void SSL_CTX_set_security_level(nint context, int level);

    /// <summary>Returns 0 on success, unlike its neighbours.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_tlsext_use_srtp(nint context, string profiles);

    [LibraryImport(Library)]
    internal static partial int SSL_CTX_use_certificate(nint context, nint certificate);

    [LibraryImport(Library)]
    internal static partial int SSL_CTX_use_PrivateKey(nint context, nint key);

    [LibraryImport(Library)]
    internal static partial void SSL_CTX_set_verify(nint context, int mode, nint callback);

    [LibraryImport(Library)]
    internal static partial void SSL_CTX_set_cert_verify_callback(
        nint context, delegate* unmanaged[Cdecl]<nint, nint, int> callback, nint argument);

    [LibraryImport(Library)]
    internal static partial nint SSL_new(nint context);

    [LibraryImport(Library)]
    internal static partial void SSL_free(nint ssl);

    [LibraryImport(Library)]
    internal static partial void SSL_set_bio(nint ssl, nint read, nint write);

    [LibraryImport(Library)]
    internal static partial void SSL_set_accept_state(nint ssl);

    [LibraryImport(Library)]
    internal static partial void SSL_set_connect_state(nint ssl);

    [LibraryImport(Library)]
    internal static partial long SSL_ctrl(nint ssl, int command, long argument, void* pointer);

    [LibraryImport(Library)]
    internal static partial void DTLS_set_timer_cb(nint ssl, delegate* unmanaged[Cdecl]<nint, uint, uint> callback);

    [LibraryImport(Library)]
    internal static partial int SSL_do_handshake(nint ssl);

    [LibraryImport(Library)]
    internal static partial int SSL_read(nint ssl, byte* buffer, int length);

    [LibraryImport(Library)]
    internal static partial int SSL_shutdown(nint ssl);

    [LibraryImport(Library)]
    internal static partial int SSL_get_shutdown(nint ssl);

    [LibraryImport(Library)]
    internal static partial int SSL_get_error(nint ssl, int result);

    [LibraryImport(Library)]
    internal static partial SrtpProtectionProfile* SSL_get_selected_srtp_profile(nint ssl);

    [LibraryImport(Library)]
    internal static partial int SSL_export_keying_material(
        nint ssl, byte* output, nuint outputLength, byte* label, nuint labelLength, byte* context, nuint contextLength, int useContext);

    [LibraryImport(Library)]
    internal static partial nint SSL_get_session(nint ssl);

    [LibraryImport(Library)]
    internal static partial nuint SSL_SESSION_get_master_key(nint session, byte* output, nuint length);

    [LibraryImport(Library)]
    internal static partial nuint SSL_get_client_random(nint ssl, byte* output, nuint length);

    [LibraryImport(Library)]
    internal static partial nuint SSL_get_server_random(nint ssl, byte* output, nuint length);

    [LibraryImport(Library)]
    internal static partial nint SSL_get_current_cipher(nint ssl);

    [LibraryImport(Library)]
    internal static partial ushort SSL_CIPHER_get_protocol_id(nint cipher);
}

/// <summary><c>SRTP_PROTECTION_PROFILE</c> (openssl/srtp.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SrtpProtectionProfile
{
    public byte* Name;
    public CULong Id;
}
