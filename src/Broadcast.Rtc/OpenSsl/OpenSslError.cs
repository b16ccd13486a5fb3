using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Broadcast.Rtc.OpenSsl;

/// <summary>OpenSSL's per-thread error queue: read once, always left empty, so that no call sees another's error.</summary>
internal static unsafe class OpenSslError
{
    /// <summary>Takes the reason of the latest error, or null, and empties the queue.</summary>
    public static string? Take()
    {
        var error = LibCrypto.ERR_peek_last_error();
        if (error == 0) return null;
        var reason = LibCrypto.ERR_reason_error_string(error);
        var text = reason == null ? $"error {error:X}" : Marshal.PtrToStringUTF8((nint)reason);
        LibCrypto.ERR_clear_error();
        return text;
    }

    /// <summary>Throws if a set-up call failed: an installation that lacks something, never a peer's doing.</summary>
    public static void ThrowIf(bool failed, string what)
    {
        if (failed) throw new CryptographicException($"OpenSSL could not {what}: {Take() ?? "no reason given"}.");
    }
}
