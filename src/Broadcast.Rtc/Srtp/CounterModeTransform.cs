using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Broadcast.Rtc.OpenSsl;

namespace Broadcast.Rtc.Srtp;

/// <summary>AES-128 in counter mode with HMAC-SHA1 cut to 80 bits, for SRTP and SRTCP (RFC 3711 §4.1.1, §4.2.1).</summary>
internal sealed unsafe class CounterModeTransform : SrtpTransform
{
    private const int TagLength = 10;
    private const int RtcpHeaderLength = 8;

    private readonly HmacSha1 _hmac;
    private readonly ulong _saltHigh;
    private readonly ulong _saltLow;
    private readonly byte[]? _key;
    private nint _context;

    /// <summary>Creates a transform from session keys.</summary>
    /// <param name="key">16 bytes.</param>
    /// <param name="salt">14 bytes.</param>
    /// <param name="authenticationKey">20 bytes.</param>
    /// <param name="keepContext">Hold a native context (464 bytes), or make one for each packet.</param>
    public CounterModeTransform(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> authenticationKey, bool keepContext)
    {
        Span<byte> paddedSalt = stackalloc byte[16];
        paddedSalt.Clear();
        salt.CopyTo(paddedSalt);
        _saltHigh = BinaryPrimitives.ReadUInt64BigEndian(paddedSalt);
        _saltLow = BinaryPrimitives.ReadUInt64BigEndian(paddedSalt[8..]);
        _hmac = new HmacSha1(authenticationKey);
        if (keepContext) _context = CipherAlgorithm.Aes128Ctr.NewContext(key);
        else _key = key.ToArray();
    }

    /// <summary>Derives the session keys of one direction.</summary>
    public static new CounterModeTransform Create(SrtpMasterKey master, bool rtcp)
    {
        Span<byte> key = stackalloc byte[16];
        Span<byte> salt = stackalloc byte[14];
        Span<byte> authenticationKey = stackalloc byte[20];
        master.Derive(rtcp ? SrtpKeyLabel.RtcpEncryption : SrtpKeyLabel.RtpEncryption, key);
        master.Derive(rtcp ? SrtpKeyLabel.RtcpSalt : SrtpKeyLabel.RtpSalt, salt);
        master.Derive(rtcp ? SrtpKeyLabel.RtcpAuthentication : SrtpKeyLabel.RtpAuthentication, authenticationKey);
        var transform = new CounterModeTransform(key, salt, authenticationKey, keepContext: !rtcp);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(authenticationKey);
        return transform;
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override int ProtectRtp(Span<byte> packet, int headerLength, int length, uint rolloverCounter)
    {
        var digest = stackalloc byte[HmacSha1.DigestLength];
        fixed (byte* p = packet)
        {
            if (!ApplyRtpKeystream(packet, p, headerLength, length, rolloverCounter)) ThrowEncryptionFailed();

            // The tag covers packet || ROC (RFC 3711 §4.2); the ROC is laid where the tag will go.
            BinaryPrimitives.WriteUInt32BigEndian(packet[length..], rolloverCounter);
            _hmac.Compute(p, length + 4, digest);
            new ReadOnlySpan<byte>(digest, TagLength).CopyTo(packet[length..]);
        }

        return length + TagLength;
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override bool UnprotectRtp(Span<byte> packet, int headerLength, uint rolloverCounter, out int length)
    {
        length = packet.Length - TagLength;
        var digest = stackalloc byte[HmacSha1.DigestLength];
        var tag = stackalloc byte[TagLength];
        packet[length..].CopyTo(new Span<byte>(tag, TagLength));
        fixed (byte* p = packet)
        {
            BinaryPrimitives.WriteUInt32BigEndian(packet[length..], rolloverCounter);
            _hmac.Compute(p, length + 4, digest);
            return SameTag(digest, tag) && ApplyRtpKeystream(packet, p, headerLength, length, rolloverCounter);
        }
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override int ProtectRtcp(Span<byte> packet, int length, uint index)
    {
        // Order on the wire: payload, E || index, then the tag over both (RFC 3711 §3.4).
        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], index | 0x8000_0000);
        var digest = stackalloc byte[HmacSha1.DigestLength];
        fixed (byte* p = packet)
        {
            if (!ApplyRtcpKeystream(packet, p, length, index)) ThrowEncryptionFailed();
            _hmac.Compute(p, length + 4, digest);
        }

        new ReadOnlySpan<byte>(digest, TagLength).CopyTo(packet[(length + 4)..]);
        return length + 4 + TagLength;
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override bool UnprotectRtcp(Span<byte> packet, out int length)
    {
        var tagOffset = packet.Length - TagLength;
        length = tagOffset - 4;
        var index = BinaryPrimitives.ReadUInt32BigEndian(packet[length..]) & 0x7FFF_FFFF;
        var digest = stackalloc byte[HmacSha1.DigestLength];
        fixed (byte* p = packet)
        {
            _hmac.Compute(p, tagOffset, digest);
            return SameTag(digest, p + tagOffset) && ApplyRtcpKeystream(packet, p, length, index);
        }
    }

    /// <inheritdoc/>
    public override int RtcpIndexOffset(int packetLength) => packetLength - TagLength - 4;

    /// <inheritdoc/>
    public override void Dispose()
    {
        CipherAlgorithm.Aes128Ctr.FreeContext(_context);
        _context = 0;
        CryptographicOperations.ZeroMemory(_key);
    }

    private static bool SameTag(byte* digest, byte* tag) =>
        CryptographicOperations.FixedTimeEquals(new ReadOnlySpan<byte>(digest, TagLength), new ReadOnlySpan<byte>(tag, TagLength));

    private bool ApplyRtpKeystream(ReadOnlySpan<byte> packet, byte* p, int headerLength, int length, uint rolloverCounter)
    {
        var sequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        return ApplyKeystream(ssrc, ((ulong)rolloverCounter << 16) | sequenceNumber, p + headerLength, length - headerLength);
    }

    private bool ApplyRtcpKeystream(ReadOnlySpan<byte> packet, byte* p, int length, uint index) =>
        ApplyKeystream(BinaryPrimitives.ReadUInt32BigEndian(packet[4..]), index, p + RtcpHeaderLength, length - RtcpHeaderLength);

    /// <summary>XORs the keystream of IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 (RFC 3711 §4.1.1).</summary>
    [SkipLocalsInit]
    internal bool ApplyKeystream(uint ssrc, ulong index, byte* data, int length)
    {
        var iv = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(iv, 8), _saltHigh ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(iv + 8, 8), _saltLow ^ (index << 16));

        var algorithm = CipherAlgorithm.Aes128Ctr;
        var context = _context;
        if (context == 0)
        {
            ObjectDisposedException.ThrowIf(_key is null, this);
            context = algorithm.NewContext(_key);
        }

        nuint written;
        var done = algorithm.EncryptInit(context, null, 0, iv, 16, null) == 1
            && (length == 0 || algorithm.Cipher(context, data, &written, (nuint)length, data, (nuint)length) == 1);
        if (_context == 0) algorithm.FreeContext(context);
        return done;
    }

    private static void ThrowEncryptionFailed() => throw new CryptographicException("OpenSSL could not encrypt a packet.");
}
