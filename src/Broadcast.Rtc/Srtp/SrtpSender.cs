namespace Broadcast.Rtc.Srtp;

/// <summary>Protects what one session sends (RFC 3711, RFC 7714).</summary>
/// <remarks>
/// Owned by one MediaWorker; not thread-safe. Protects in place and allocates nothing after the first packet. Native
/// contexts are made when first used and freed by <see cref="Dispose"/>, which must be called.
/// </remarks>
public sealed class SrtpSender : IDisposable
{
    private const uint EndOfRtcpIndex = 0x8000_0000;

    private readonly SrtpMasterKey _master;
    private readonly byte _rtpOverhead;
    private SrtpTransform? _rtp;
    private SrtpTransform? _rtcp;
    private uint _rtcpIndex;
    private bool _disposed;

    /// <summary>Creates the sending direction from the keying material of the handshake, which is copied.</summary>
    /// <exception cref="ArgumentException">A length does not fit the profile.</exception>
    public SrtpSender(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        _master = new SrtpMasterKey(profile, masterKey, masterSalt);
        _rtpOverhead = (byte)profile.RtpOverhead();
    }

    /// <summary>The negotiated profile.</summary>
    public SrtpProfile Profile => _master.Profile;

    /// <summary>Bytes that <see cref="ProtectRtp"/> adds: 10 or 16.</summary>
    public int RtpOverhead => _rtpOverhead;

    /// <summary>Bytes that <see cref="ProtectRtcp"/> adds: 14 or 20.</summary>
    public int RtcpOverhead => _rtpOverhead + 4;

    /// <summary>The index the next RTCP packet gets, for tests of its end.</summary>
    internal uint RtcpIndex { get => _rtcpIndex; set => _rtcpIndex = value; }

    /// <summary>Protects the RTP packet <c>packet[..length]</c> in place.</summary>
    /// <param name="packet">The packet and <see cref="RtpOverhead"/> bytes of room behind it.</param>
    /// <param name="headerLength">Bytes of header including CSRCs and extensions, which stay in the clear.</param>
    /// <param name="length">Length of the plain packet.</param>
    /// <param name="rolloverCounter">
    /// Upper part of the extended sequence number. The caller owns extended sequence numbers, so a retransmission
    /// from before the wrap is protected with the counter it had. GCM breaks if a different packet is ever protected
    /// under the same SSRC, counter and sequence number (RFC 7714 §8.4).
    /// </param>
    /// <returns>Length of the protected packet.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit each other or the buffer.</exception>
    public int ProtectRtp(Span<byte> packet, int headerLength, int length, uint rolloverCounter)
    {
        if (headerLength < 12 || length < headerLength || packet.Length - length < _rtpOverhead) ThrowBadLength();
        return (_rtp ?? CreateRtp()).ProtectRtp(packet, headerLength, length, rolloverCounter);
    }

    /// <summary>Protects the compound RTCP packet <c>packet[..length]</c> in place under the session's next index.</summary>
    /// <param name="packet">The packet and <see cref="RtcpOverhead"/> bytes of room behind it.</param>
    /// <param name="length">Length of the plain packet, at least 8.</param>
    /// <returns>Length of the protected packet, or 0 when all 2^31 indices are used up and nothing more may be sent.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit each other or the buffer.</exception>
    public int ProtectRtcp(Span<byte> packet, int length)
    {
        if (length < 8 || packet.Length - length < RtcpOverhead) ThrowBadLength();
        if (_rtcpIndex == EndOfRtcpIndex) return 0;
        return (_rtcp ?? CreateRtcp()).ProtectRtcp(packet, length, _rtcpIndex++);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _rtp?.Dispose();
        _rtcp?.Dispose();
        _master.Dispose();
        _rtp = _rtcp = null;
    }

    private SrtpTransform CreateRtp()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _rtp = SrtpTransform.Create(_master, rtcp: false);
    }

    private SrtpTransform CreateRtcp()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _rtcp = SrtpTransform.Create(_master, rtcp: true);
    }

    private static void ThrowBadLength() => throw new ArgumentException("Header, packet and buffer lengths do not fit each other.");
}
