using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Broadcast.Rtc.OpenSsl;

/// <summary>The pseudorandom function of TLS 1.2 (RFC 5246 §5), from OpenSSL.</summary>
internal static unsafe class Tls12Prf
{
    /// <summary>Fills <paramref name="output"/> with PRF(secret, label ‖ seed).</summary>
    /// <param name="useSha384">SHA-384, as cipher suites ending so say, instead of SHA-256.</param>
    /// <param name="secret">The master secret.</param>
    /// <param name="labelAndSeed">Label and seed, concatenated.</param>
    /// <param name="output">As many bytes as wanted.</param>
    public static void Derive(bool useSha384, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> labelAndSeed, Span<byte> output)
    {
        var kdf = LibCrypto.EVP_KDF_fetch(0, "TLS1-PRF", 0);
        var context = LibCrypto.EVP_KDF_CTX_new(kdf);
        LibCrypto.EVP_KDF_free(kdf);
        OpenSslError.ThrowIf(context == 0, "provide the TLS 1.2 PRF");

        var digest = useSha384 ? "SHA384"u8 : "SHA256"u8;
        var parameters = stackalloc OsslParam[4];
        int result;
        fixed (byte* s = secret, l = labelAndSeed, o = output)
        {
            // UTF-8 literals lie in the image, zero-terminated, and never move.
            parameters[0] = Parameter("digest"u8, OsslParam.Utf8String, Address(digest), digest.Length);
            parameters[1] = Parameter("secret"u8, OsslParam.OctetString, s, secret.Length);
            parameters[2] = Parameter("seed"u8, OsslParam.OctetString, l, labelAndSeed.Length);
            parameters[3] = default;
            result = LibCrypto.EVP_KDF_derive(context, o, (nuint)output.Length, parameters);
        }

        LibCrypto.EVP_KDF_CTX_free(context);
        OpenSslError.ThrowIf(result != 1, "compute the TLS 1.2 PRF");
    }

    private static OsslParam Parameter(ReadOnlySpan<byte> key, uint type, byte* data, int length) =>
        new() { Key = Address(key), DataType = type, Data = data, DataSize = (nuint)length };

    private static byte* Address(ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));
}
