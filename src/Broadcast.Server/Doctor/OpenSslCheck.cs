using System.Runtime.InteropServices;

namespace Broadcast.Server.Doctor;

/// <summary>Is OpenSSL 3 there?</summary>
internal static class OpenSslCheck
{
    private const string Name = "openssl";

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate ulong VersionNumber();

    public static Finding Run()
    {
        if (!NativeLibrary.TryLoad("libcrypto.so.3", out var crypto) || !NativeLibrary.TryLoad("libssl.so.3", out _))
            return Finding.Fail(Name, "libssl.so.3 and libcrypto.so.3 are not found. Install OpenSSL 3 (Debian: libssl3 or libssl3t64).");
        if (!NativeLibrary.TryGetExport(crypto, "OpenSSL_version_num", out var address))
            return Finding.Fail(Name, "libcrypto.so.3 does not tell its version. Install OpenSSL 3 (Debian: libssl3 or libssl3t64).");
        // MNN00PP0: major, minor and patch.
        var version = Marshal.GetDelegateForFunctionPointer<VersionNumber>(address)();
        var major = version >> 28;
        var text = $"{major}.{(version >> 20) & 0xff}.{(version >> 4) & 0xff}";
        return major >= 3 ? Finding.Ok(Name, $"OpenSSL {text}") : Finding.Fail(Name, $"OpenSSL {text} is too old; 3.0 or later is needed.");
    }
}
