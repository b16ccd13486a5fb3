using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Broadcast.Rtc.OpenSsl;

/// <summary>HMAC-SHA1 (RFC 2104) under one key, held as the two hash states after the padded key: 40 bytes.</summary>
/// <remarks>
/// Uses the low-level SHA-1 functions of libcrypto, which are deprecated but exported by every usual 3.x build and
/// spare a provider context of about 1 KB per key. A build without them falls back to the framework's HMAC.
/// </remarks>
internal readonly unsafe struct HmacSha1
{
    public const int DigestLength = 20;
    private const int BlockLength = 64;

    private static readonly Sha1Functions Sha1 = Sha1Functions.Load();

    private readonly Sha1State _inner;
    private readonly Sha1State _outer;
    private readonly byte[]? _fallbackKey;

    /// <summary>Prepares a key of at most 64 bytes.</summary>
    public HmacSha1(ReadOnlySpan<byte> key, bool useFallback = false)
    {
        if (useFallback || !Sha1.IsAvailable)
        {
            _fallbackKey = key.ToArray();
            return;
        }

        _inner = StateAfterPaddedKey(key, 0x36);
        _outer = StateAfterPaddedKey(key, 0x5C);
    }

    /// <summary>Writes the 20-byte digest of a message. Safety: both pointers are valid for their lengths.</summary>
    [SkipLocalsInit]
    public void Compute(byte* message, int length, byte* digest)
    {
        if (_fallbackKey is not null)
        {
            HMACSHA1.HashData(_fallbackKey, new ReadOnlySpan<byte>(message, length), new Span<byte>(digest, DigestLength));
            return;
        }

        Sha1Context context;
        context.State = _inner;
        context.BitCountLow = BlockLength * 8;
        context.BitCountHigh = 0;
        context.Buffered = 0;
        Sha1.Update(&context, message, (nuint)length);

        // The outer hash is one more block whose padding is known: digest, 0x80, zeros, 84 * 8 bits.
        var block = stackalloc byte[BlockLength];
        Sha1.Final(block, &context);
        new Span<byte>(block + DigestLength, BlockLength - DigestLength).Clear();
        block[DigestLength] = 0x80;
        block[BlockLength - 2] = (BlockLength + DigestLength) * 8 >> 8;
        block[BlockLength - 1] = (BlockLength + DigestLength) * 8 & 0xFF;
        context.State = _outer;
        Sha1.Transform(&context, block);
        context.State.WriteTo(digest);
    }

    private static Sha1State StateAfterPaddedKey(ReadOnlySpan<byte> key, byte pad)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        block.Fill(pad);
        for (var i = 0; i < key.Length; i++) block[i] ^= key[i];

        Sha1Context context;
        Sha1.Init(&context);
        fixed (byte* b = block) Sha1.Transform(&context, b);
        CryptographicOperations.ZeroMemory(block);
        return context.State;
    }

    /// <summary>The five chaining words of SHA-1 in host order.</summary>
    private struct Sha1State
    {
        public uint A, B, C, D, E;

        public readonly void WriteTo(byte* digest)
        {
            var output = new Span<byte>(digest, DigestLength);
            BinaryPrimitives.WriteUInt32BigEndian(output, A);
            BinaryPrimitives.WriteUInt32BigEndian(output[4..], B);
            BinaryPrimitives.WriteUInt32BigEndian(output[8..], C);
            BinaryPrimitives.WriteUInt32BigEndian(output[12..], D);
            BinaryPrimitives.WriteUInt32BigEndian(output[16..], E);
        }
    }

    /// <summary>OpenSSL's <c>SHA_CTX</c> (openssl/sha.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Sha1Context
    {
        public Sha1State State;
        public uint BitCountLow;
        public uint BitCountHigh;
        public fixed uint Data[16];
        public uint Buffered;
    }

    private readonly struct Sha1Functions
    {
        public readonly delegate* unmanaged[Cdecl]<Sha1Context*, int> Init;
        public readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<Sha1Context*, byte*, nuint, int> Update;
        public readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, Sha1Context*, int> Final;
        public readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<Sha1Context*, byte*, void> Transform;

        private Sha1Functions(nint library)
        {
            if (!NativeLibrary.TryGetExport(library, "SHA1_Init", out var init)
                || !NativeLibrary.TryGetExport(library, "SHA1_Update", out var update)
                || !NativeLibrary.TryGetExport(library, "SHA1_Final", out var final)
                || !NativeLibrary.TryGetExport(library, "SHA1_Transform", out var transform))
            {
                return;
            }

            Init = (delegate* unmanaged[Cdecl]<Sha1Context*, int>)init;
            Update = (delegate* unmanaged[Cdecl, SuppressGCTransition]<Sha1Context*, byte*, nuint, int>)update;
            Final = (delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, Sha1Context*, int>)final;
            Transform = (delegate* unmanaged[Cdecl, SuppressGCTransition]<Sha1Context*, byte*, void>)transform;
        }

        public bool IsAvailable => Transform != null;

        public static Sha1Functions Load() =>
            NativeLibrary.TryLoad(LibCrypto.Library, out var library) ? new Sha1Functions(library) : default;
    }
}
