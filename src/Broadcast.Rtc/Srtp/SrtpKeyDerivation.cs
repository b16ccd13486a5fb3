using System.Security.Cryptography;
using Broadcast.Rtc.OpenSsl;

namespace Broadcast.Rtc.Srtp;

/// <summary>What a session key is for (RFC 3711 §4.3.1, §4.3.2).</summary>
internal enum SrtpKeyLabel : byte
{
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// <summary>The AES-CM key derivation of SRTP with a derivation rate of zero (RFC 3711 §4.3, RFC 6188 §3, RFC 7714 §11).</summary>
internal static unsafe class SrtpKeyDerivation
{
    /// <summary>Fills <paramref name="sessionKey"/> with the key named by a label.</summary>
    /// <param name="masterKey">16 or 32 bytes.</param>
    /// <param name="masterSalt">14 bytes, or the 12 of GCM, which count as followed by two zeros (RFC 7714 §11).</param>
    /// <param name="label">Which key.</param>
    /// <param name="sessionKey">As many bytes as the key has.</param>
    public static void Derive(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, SrtpKeyLabel label, Span<byte> sessionKey)
    {
        // x = (label || index DIV rate) XOR master_salt; the keystream starts at x * 2^16. Rate 0 makes the index part 0.
        Span<byte> counter = stackalloc byte[16];
        counter.Clear();
        masterSalt.CopyTo(counter);
        counter[7] ^= (byte)label;

        var algorithm = masterKey.Length == 32 ? CipherAlgorithm.Aes256Ctr : CipherAlgorithm.Aes128Ctr;
        var context = algorithm.NewContext(masterKey);
        sessionKey.Clear();
        nuint written;
        int result;
        fixed (byte* iv = counter)
        fixed (byte* key = sessionKey)
        {
            result = algorithm.EncryptInit(context, null, 0, iv, 16, null) == 1
                ? algorithm.Cipher(context, key, &written, (nuint)sessionKey.Length, key, (nuint)sessionKey.Length)
                : 0;
        }

        algorithm.FreeContext(context);
        if (result != 1) throw new CryptographicException("OpenSSL could not derive an SRTP session key.");
    }
}
