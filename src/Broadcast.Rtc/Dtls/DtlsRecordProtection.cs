using System.Buffers.Binary;
using System.Security.Cryptography;
using Broadcast.Rtc.OpenSsl;

namespace Broadcast.Rtc.Dtls;

/// <summary>The record keys of a finished handshake: all that is left of it once OpenSSL's object is freed.</summary>
/// <remarks>
/// For the AEAD suites of TLS 1.2 (RFC 5288, RFC 7905): keys come from the master secret as in RFC 5246 §6.3. Used a
/// few times per association at most, so it makes a cipher context for each record. About 200 bytes.
/// </remarks>
internal sealed unsafe class DtlsRecordProtection : IDisposable
{
    /// <summary>Longest fragment <see cref="TryOpen"/> looks at; alerts and Finished are shorter.</summary>
    public const int MaxPlaintextLength = 64;

    private const int ExplicitNonceLength = 8;

    private readonly CipherAlgorithm _algorithm;
    private readonly bool _explicitNonce;
    private readonly byte[] _sendKey;
    private readonly byte[] _sendIv;
    private readonly byte[] _receiveKey;
    private readonly byte[] _receiveIv;

    private DtlsRecordProtection(CipherAlgorithm algorithm, int keyLength, int ivLength, bool useSha384, bool isClient, in DtlsSecrets secrets)
    {
        _algorithm = algorithm;
        _explicitNonce = ivLength == 4;

        // key_block = PRF(master_secret, "key expansion", server_random + client_random)
        Span<byte> labelAndSeed = stackalloc byte[13 + 64];
        "key expansion"u8.CopyTo(labelAndSeed);
        secrets.ServerRandom.CopyTo(labelAndSeed[13..]);
        secrets.ClientRandom.CopyTo(labelAndSeed[45..]);
        Span<byte> block = stackalloc byte[2 * (keyLength + ivLength)];
        Tls12Prf.Derive(useSha384, secrets.MasterSecret, labelAndSeed, block);

        var clientKey = block[..keyLength].ToArray();
        var serverKey = block.Slice(keyLength, keyLength).ToArray();
        var clientIv = block.Slice(2 * keyLength, ivLength).ToArray();
        var serverIv = block.Slice((2 * keyLength) + ivLength, ivLength).ToArray();
        (_sendKey, _sendIv, _receiveKey, _receiveIv) = isClient
            ? (clientKey, clientIv, serverKey, serverIv)
            : (serverKey, serverIv, clientKey, clientIv);
        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>Bytes a record's fragment is longer than its plaintext.</summary>
    public int Overhead => (_explicitNonce ? ExplicitNonceLength : 0) + Aead.TagLength;

    /// <summary>Derives the keys of a cipher suite, or returns null if it is none of ours.</summary>
    /// <param name="cipherSuite">As in the IANA registry.</param>
    /// <param name="isClient">Whether this end was the client.</param>
    /// <param name="secrets">Master secret and randoms.</param>
    public static DtlsRecordProtection? TryCreate(ushort cipherSuite, bool isClient, in DtlsSecrets secrets) => cipherSuite switch
    {
        0xC02B or 0xC02F => new(CipherAlgorithm.Aes128Gcm, 16, 4, useSha384: false, isClient, secrets),
        0xC02C or 0xC030 => new(CipherAlgorithm.Aes256Gcm, 32, 4, useSha384: true, isClient, secrets),
        0xCCA9 or 0xCCA8 => new(CipherAlgorithm.ChaCha20Poly1305, 32, 12, useSha384: false, isClient, secrets),
        _ => null,
    };

    /// <summary>Decrypts a received record.</summary>
    /// <param name="record">Header and fragment; not changed.</param>
    /// <param name="plaintext">At least <see cref="MaxPlaintextLength"/> bytes.</param>
    /// <param name="length">Length of the plaintext.</param>
    /// <returns>False if it is not authentic, or longer than <see cref="MaxPlaintextLength"/>.</returns>
    public bool TryOpen(ReadOnlySpan<byte> record, Span<byte> plaintext, out int length) =>
        TryOpen(record, plaintext, out length, _receiveKey, _receiveIv);

    /// <summary>Encrypts a record of this end again under another sequence number, as a retransmission needs it.</summary>
    /// <param name="record">A record this end sent, changed in place; its length stays.</param>
    /// <param name="epochAndSequence">Never used before.</param>
    public bool TryReseal(Span<byte> record, ulong epochAndSequence)
    {
        Span<byte> plaintext = stackalloc byte[MaxPlaintextLength];
        if (!TryOpen(record, plaintext, out var length, _sendKey, _sendIv)) return false;
        Seal(record, DtlsRecord.ContentType(record), epochAndSequence, plaintext[..length]);
        return true;
    }

    /// <summary>Writes an encrypted record.</summary>
    /// <returns>Its length: header, <see cref="Overhead"/> and plaintext.</returns>
    public int Seal(Span<byte> record, DtlsContentType type, ulong epochAndSequence, ReadOnlySpan<byte> plaintext)
    {
        var fragmentLength = plaintext.Length + Overhead;
        DtlsRecord.WriteHeader(record, type, epochAndSequence, fragmentLength);
        var data = record.Slice(DtlsRecord.HeaderLength + (_explicitNonce ? ExplicitNonceLength : 0));
        if (_explicitNonce) BinaryPrimitives.WriteUInt64BigEndian(record[DtlsRecord.HeaderLength..], epochAndSequence);
        plaintext.CopyTo(data);

        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        Span<byte> associated = stackalloc byte[DtlsRecord.HeaderLength];
        WriteNonce(nonce, record, _sendIv);
        WriteAssociatedData(associated, record, plaintext.Length);
        var context = _algorithm.NewContext(_sendKey);
        bool done;
        fixed (byte* n = nonce, a = associated, d = data)
        {
            done = Aead.Seal(_algorithm, context, n, a, associated.Length, d, plaintext.Length, d + plaintext.Length);
        }

        _algorithm.FreeContext(context);
        OpenSslError.ThrowIf(!done, "encrypt a record");
        return DtlsRecord.HeaderLength + fragmentLength;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_sendKey);
        CryptographicOperations.ZeroMemory(_receiveKey);
    }

    private bool TryOpen(ReadOnlySpan<byte> record, Span<byte> plaintext, out int length, byte[] key, byte[] iv)
    {
        length = DtlsRecord.TotalLength(record) - DtlsRecord.HeaderLength - Overhead;
        if (length is < 0 or > MaxPlaintextLength) return false;
        Span<byte> data = stackalloc byte[MaxPlaintextLength + Aead.TagLength];
        record.Slice(DtlsRecord.HeaderLength + (_explicitNonce ? ExplicitNonceLength : 0), length + Aead.TagLength).CopyTo(data);

        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        Span<byte> associated = stackalloc byte[DtlsRecord.HeaderLength];
        WriteNonce(nonce, record, iv);
        WriteAssociatedData(associated, record, length);
        var context = _algorithm.NewContext(key);
        bool authentic;
        fixed (byte* n = nonce, a = associated, d = data)
        {
            authentic = Aead.Open(_algorithm, context, n, a, associated.Length, d, length, d + length);
        }

        _algorithm.FreeContext(context);
        if (authentic) data[..length].CopyTo(plaintext);
        return authentic;
    }

    /// <summary>RFC 5288 §3: salt ‖ explicit part; RFC 7905 §2: IV XOR (0 ‖ epoch ‖ sequence).</summary>
    private void WriteNonce(Span<byte> nonce, ReadOnlySpan<byte> record, byte[] iv)
    {
        iv.CopyTo(nonce);
        var number = BinaryPrimitives.ReadUInt64BigEndian(record[(_explicitNonce ? DtlsRecord.HeaderLength : 3)..]);
        if (!_explicitNonce) number ^= BinaryPrimitives.ReadUInt64BigEndian(nonce[4..]);
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], number);
    }

    /// <summary>epoch ‖ sequence ‖ type ‖ version ‖ length of the plaintext (RFC 5246 §6.2.3.3, RFC 6347 §4.1.2.1).</summary>
    private static void WriteAssociatedData(Span<byte> associated, ReadOnlySpan<byte> record, int plaintextLength)
    {
        record.Slice(3, 8).CopyTo(associated);
        record[..3].CopyTo(associated[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(associated[11..], (ushort)plaintextLength);
    }
}

/// <summary>What record keys are made from.</summary>
internal readonly ref struct DtlsSecrets
{
    public required ReadOnlySpan<byte> MasterSecret { get; init; }

    public required ReadOnlySpan<byte> ClientRandom { get; init; }

    public required ReadOnlySpan<byte> ServerRandom { get; init; }
}
