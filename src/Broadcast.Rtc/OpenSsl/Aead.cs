using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Broadcast.Rtc.OpenSsl;

/// <summary>AES-GCM or ChaCha20-Poly1305 over one native context: 12-byte nonce, 16-byte tag, in place (RFC 5116, RFC 8439).</summary>
/// <remarks>Safety: all pointers address memory of the stated length that stays put for the call.</remarks>
internal static unsafe class Aead
{
    public const int NonceLength = 12;
    public const int TagLength = 16;

    /// <summary>Encrypts <paramref name="data"/> in place and writes its tag.</summary>
    [SkipLocalsInit]
    public static bool Seal(
        CipherAlgorithm algorithm, nint context, byte* nonce, byte* associated, int associatedLength, byte* data, int dataLength, byte* tag)
    {
        nuint written;
        var parameters = stackalloc OsslParam[2];
        SetTagParameter(parameters, tag);
        return algorithm.EncryptInit(context, null, 0, nonce, NonceLength, null) == 1
            && algorithm.Cipher(context, null, &written, (nuint)associatedLength, associated, (nuint)associatedLength) == 1
            && (dataLength == 0 || algorithm.Cipher(context, data, &written, (nuint)dataLength, data, (nuint)dataLength) == 1)
            && algorithm.Finish(context, null, &written, 0) == 1
            && algorithm.GetContextParameters(context, parameters) == 1;
    }

    /// <summary>Decrypts <paramref name="data"/> in place and checks its tag; on failure the data is garbage.</summary>
    [SkipLocalsInit]
    public static bool Open(
        CipherAlgorithm algorithm, nint context, byte* nonce, byte* associated, int associatedLength, byte* data, int dataLength, byte* tag)
    {
        nuint written;
        var parameters = stackalloc OsslParam[2];
        SetTagParameter(parameters, tag);
        if (algorithm.DecryptInit(context, null, 0, nonce, NonceLength, parameters) == 1
            && algorithm.Cipher(context, null, &written, (nuint)associatedLength, associated, (nuint)associatedLength) == 1
            && (dataLength == 0 || algorithm.Cipher(context, data, &written, (nuint)dataLength, data, (nuint)dataLength) == 1)
            && algorithm.Finish(context, null, &written, 0) == 1)
        {
            return true;
        }

        LibCrypto.ERR_clear_error();
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetTagParameter(OsslParam* parameters, byte* tag)
    {
        // A UTF-8 literal lies in the image, zero-terminated, and never moves.
        parameters[0].Key = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("tag"u8));
        parameters[0].DataType = OsslParam.OctetString;
        parameters[0].Data = tag;
        parameters[0].DataSize = TagLength;
        parameters[0].ReturnSize = 0;
        parameters[1].Key = null;
    }
}
