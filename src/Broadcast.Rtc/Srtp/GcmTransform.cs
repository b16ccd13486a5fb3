using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Broadcast.Rtc.OpenSsl;

namespace Broadcast.Rtc.Srtp;

/// <summary>AES-GCM for SRTP and SRTCP (RFC 7714).</summary>
internal sealed unsafe class GcmTransform : SrtpTransform
{
    private const int TagLength = Aead.TagLength;
    private const int RtcpHeaderLength = 8;

    private readonly CipherAlgorithm _algorithm;
    private readonly ulong _saltHigh;
    private readonly uint _saltLow;
    private readonly byte[]? _key;
    private nint _context;

    /// <summary>Creates a transform from session keys.</summary>
    /// <param name="key">16 or 32 bytes.</param>
    /// <param name="salt">12 bytes.</param>
    /// <param name="keepContext">Hold a native context (976 bytes), or make one for each packet.</param>
    public GcmTransform(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, bool keepContext)
    {
        _algorithm = key.Length == 32 ? CipherAlgorithm.Aes256Gcm : CipherAlgorithm.Aes128Gcm;
        _saltHigh = BinaryPrimitives.ReadUInt64BigEndian(salt);
        _saltLow = BinaryPrimitives.ReadUInt32BigEndian(salt[8..]);
        if (keepContext) _context = _algorithm.NewContext(key);
        else _key = key.ToArray();
    }

    /// <summary>Derives the session keys of one direction.</summary>
    public static new GcmTransform Create(SrtpMasterKey master, bool rtcp)
    {
        Span<byte> key = stackalloc byte[master.Profile.MasterKeyLength()];
        Span<byte> salt = stackalloc byte[12];
        master.Derive(rtcp ? SrtpKeyLabel.RtcpEncryption : SrtpKeyLabel.RtpEncryption, key);
        master.Derive(rtcp ? SrtpKeyLabel.RtcpSalt : SrtpKeyLabel.RtpSalt, salt);
        var transform = new GcmTransform(key, salt, keepContext: !rtcp);
        CryptographicOperations.ZeroMemory(key);
        return transform;
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override int ProtectRtp(Span<byte> packet, int headerLength, int length, uint rolloverCounter)
    {
        var nonce = stackalloc byte[Aead.NonceLength];
        WriteRtpNonce(nonce, packet, rolloverCounter);
        var context = Borrow();
        bool done;
        fixed (byte* p = packet)
        {
            done = Aead.Seal(_algorithm, context, nonce, p, headerLength, p + headerLength, length - headerLength, p + length);
        }

        Return(context);
        if (!done) ThrowEncryptionFailed();
        return length + TagLength;
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override bool UnprotectRtp(Span<byte> packet, int headerLength, uint rolloverCounter, out int length)
    {
        length = packet.Length - TagLength;
        var nonce = stackalloc byte[Aead.NonceLength];
        WriteRtpNonce(nonce, packet, rolloverCounter);
        var context = Borrow();
        bool authentic;
        fixed (byte* p = packet)
        {
            authentic = Aead.Open(_algorithm, context, nonce, p, headerLength, p + headerLength, length - headerLength, p + length);
        }

        Return(context);
        return authentic;
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override int ProtectRtcp(Span<byte> packet, int length, uint index)
    {
        // Order on the wire: payload, tag, then E || index (RFC 7714 §9).
        BinaryPrimitives.WriteUInt32BigEndian(packet[(length + TagLength)..], index | 0x8000_0000);
        var nonce = stackalloc byte[Aead.NonceLength];
        var associated = stackalloc byte[RtcpHeaderLength + 4];
        WriteRtcpNonce(nonce, packet, index);
        WriteRtcpAssociatedData(associated, packet, length + TagLength);
        var context = Borrow();
        bool done;
        fixed (byte* p = packet)
        {
            done = Aead.Seal(
                _algorithm, context, nonce, associated, RtcpHeaderLength + 4, p + RtcpHeaderLength, length - RtcpHeaderLength, p + length);
        }

        Return(context);
        if (!done) ThrowEncryptionFailed();
        return length + TagLength + 4;
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override bool UnprotectRtcp(Span<byte> packet, out int length)
    {
        var indexOffset = packet.Length - 4;
        length = indexOffset - TagLength;
        var index = BinaryPrimitives.ReadUInt32BigEndian(packet[indexOffset..]) & 0x7FFF_FFFF;
        var nonce = stackalloc byte[Aead.NonceLength];
        var associated = stackalloc byte[RtcpHeaderLength + 4];
        WriteRtcpNonce(nonce, packet, index);
        WriteRtcpAssociatedData(associated, packet, indexOffset);
        var context = Borrow();
        bool authentic;
        fixed (byte* p = packet)
        {
            authentic = Aead.Open(
                _algorithm, context, nonce, associated, RtcpHeaderLength + 4, p + RtcpHeaderLength, length - RtcpHeaderLength, p + length);
        }

        Return(context);
        return authentic;
    }

    /// <inheritdoc/>
    public override int RtcpIndexOffset(int packetLength) => packetLength - 4;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _algorithm.FreeContext(_context);
        _context = 0;
        CryptographicOperations.ZeroMemory(_key);
    }

    /// <summary>00 00 ‖ SSRC ‖ ROC ‖ SEQ, XOR salt (RFC 7714 §8.1).</summary>
    private void WriteRtpNonce(byte* nonce, ReadOnlySpan<byte> packet, uint rolloverCounter)
    {
        var sequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        WriteNonce(nonce, ((ulong)ssrc << 16) | (rolloverCounter >> 16), (rolloverCounter << 16) | sequenceNumber);
    }

    /// <summary>00 00 ‖ SSRC ‖ 00 00 ‖ 0 ‖ index, XOR salt (RFC 7714 §9.1).</summary>
    private void WriteRtcpNonce(byte* nonce, ReadOnlySpan<byte> packet, uint index) =>
        WriteNonce(nonce, (ulong)BinaryPrimitives.ReadUInt32BigEndian(packet[4..]) << 16, index);

    private void WriteNonce(byte* nonce, ulong high, uint low)
    {
        BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(nonce, 8), high ^ _saltHigh);
        BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(nonce + 8, 4), low ^ _saltLow);
    }

    /// <summary>The first 8 bytes and E ‖ index (RFC 7714 §9.2).</summary>
    private static void WriteRtcpAssociatedData(byte* associated, ReadOnlySpan<byte> packet, int indexOffset)
    {
        packet[..RtcpHeaderLength].CopyTo(new Span<byte>(associated, RtcpHeaderLength));
        packet.Slice(indexOffset, 4).CopyTo(new Span<byte>(associated + RtcpHeaderLength, 4));
    }

    private nint Borrow()
    {
        if (_context != 0) return _context;
        ObjectDisposedException.ThrowIf(_key is null, this);
        return _algorithm.NewContext(_key);
    }

    private void Return(nint context)
    {
        if (_context == 0) _algorithm.FreeContext(context);
    }

    private static void ThrowEncryptionFailed() => throw new CryptographicException("OpenSSL could not encrypt a packet.");
}
