using System.Security.Cryptography;
using Broadcast.Rtc.OpenSsl;

namespace Broadcast.Rtc.Tests.Srtp;

/// <summary>The provider's ciphers against the framework's; versions of OpenSSL differ in how a message is finished.</summary>
public sealed unsafe class AeadTests
{
    private const int TagLength = Aead.TagLength;

    private readonly byte[] _nonce = RandomNumberGenerator.GetBytes(Aead.NonceLength);
    private readonly byte[] _associated = RandomNumberGenerator.GetBytes(13);

    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (var algorithm in new[] { "AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305" })
            foreach (var length in new[] { 0, 1, 2, 16, 60, 1200 })
                data.Add(algorithm, length);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Seals_as_the_framework_does_and_opens_only_what_is_authentic(string name, int length)
    {
        var plaintext = RandomNumberGenerator.GetBytes(length);
        var (algorithm, key, reference) = Make(name, plaintext);
        var context = algorithm.NewContext(key);
        try
        {
            var data = new byte[length + TagLength];
            plaintext.CopyTo(data, 0);
            Assert.True(Seal(algorithm, context, data));
            Assert.Equal(reference, data);

            Assert.True(Open(algorithm, context, data));
            Assert.Equal(plaintext, data[..length]);
            for (var forged = 0; forged < data.Length; forged++)
            {
                reference.CopyTo(data, 0);
                data[forged] ^= 1;
                Assert.False(Open(algorithm, context, data), $"byte {forged} was changed");
            }

            reference.CopyTo(data, 0);
            _associated[0] ^= 1;
            Assert.False(Open(algorithm, context, data));
        }
        finally
        {
            algorithm.FreeContext(context);
        }
    }

    private (CipherAlgorithm Algorithm, byte[] Key, byte[] Sealed) Make(string name, byte[] plaintext)
    {
        var result = new byte[plaintext.Length + TagLength];
        var ciphertext = result.AsSpan(0, plaintext.Length);
        var tag = result.AsSpan(plaintext.Length);
        var key = RandomNumberGenerator.GetBytes(name == "AES-128-GCM" ? 16 : 32);
        if (name == "ChaCha20-Poly1305")
        {
            using var chaCha = new ChaCha20Poly1305(key);
            chaCha.Encrypt(_nonce, plaintext, ciphertext, tag, _associated);
            return (CipherAlgorithm.ChaCha20Poly1305, key, result);
        }

        using var gcm = new AesGcm(key, TagLength);
        gcm.Encrypt(_nonce, plaintext, ciphertext, tag, _associated);
        return (key.Length == 16 ? CipherAlgorithm.Aes128Gcm : CipherAlgorithm.Aes256Gcm, key, result);
    }

    // Safety: the arrays are pinned for the call, and data has room for the tag.
    private bool Seal(CipherAlgorithm algorithm, nint context, byte[] data)
    {
        fixed (byte* nonce = _nonce, associated = _associated, start = data)
        {
            var length = data.Length - TagLength;
            return Aead.Seal(algorithm, context, nonce, associated, _associated.Length, start, length, start + length);
        }
    }

    private bool Open(CipherAlgorithm algorithm, nint context, byte[] data)
    {
        fixed (byte* nonce = _nonce, associated = _associated, start = data)
        {
            var length = data.Length - TagLength;
            return Aead.Open(algorithm, context, nonce, associated, _associated.Length, start, length, start + length);
        }
    }
}
