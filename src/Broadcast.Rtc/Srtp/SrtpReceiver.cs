using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Broadcast.Rtc.Srtp;

/// <summary>Checks and decrypts what one session receives (RFC 3711, RFC 7714).</summary>
/// <remarks>
/// Owned by one MediaWorker; not thread-safe. Per SSRC it follows the rollover counter and a replay window (1,024
/// packets of RTP, 128 of RTCP), for a bounded number of SSRCs each, made only for authenticated packets. Native contexts are
/// made when first used and freed by <see cref="Dispose"/>, which must be called.
/// </remarks>
public sealed class SrtpReceiver : IDisposable
{
    private const int RtpWindow = 1024;
    private const int RtcpWindow = 128;

    private readonly SrtpMasterKey _master;
    private SrtpTransform? _rtp;
    private SrtpTransform? _rtcp;
    private ReplayTable? _rtpStreams;
    private ReplayTable? _rtcpStreams;
    private bool _disposed;

    /// <summary>Creates the receiving direction from the keying material of the handshake, which is copied.</summary>
    /// <exception cref="ArgumentException">A length does not fit the profile.</exception>
    public SrtpReceiver(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt) =>
        _master = new SrtpMasterKey(profile, masterKey, masterSalt);

    /// <summary>The negotiated profile.</summary>
    public SrtpProfile Profile => _master.Profile;

    /// <summary>SSRCs of RTP that are followed at once; to be set before the first packet. 32 suffice for a browser.</summary>
    public int MaxStreams { get; set; } = ReplayTable.MaxStreams;

    /// <summary>Forgets an SSRC that will not be used again, so that it does not count any more.</summary>
    public void Forget(uint ssrc) => _rtpStreams?.Remove(ssrc);

    /// <summary>Checks and decrypts one SRTP packet in place.</summary>
    /// <param name="packet">The whole datagram. Garbage afterwards unless the result is <see cref="DropReason.None"/>.</param>
    /// <param name="length">Length of the plain RTP packet at the start of <paramref name="packet"/>.</param>
    /// <param name="extendedSequenceNumber">Rollover counter * 65,536 + sequence number.</param>
    public DropReason UnprotectRtp(Span<byte> packet, out int length, out long extendedSequenceNumber)
    {
        length = 0;
        extendedSequenceNumber = -1;
        if (packet.Length > SrtpLimits.MaxPacketLength) return DropReason.RtpTooLarge;
        var headerLength = RtpHeaderLength(packet, out var reason);
        if (reason != DropReason.None) return reason;
        if (packet.Length < headerLength + _master.Profile.RtpOverhead()) return DropReason.SrtpTooShort;

        var streams = _rtpStreams ??= new ReplayTable(RtpWindow, MaxStreams);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var sequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var window = streams.Find(ssrc);
        if (window is null) return UnprotectFirstOfStream(packet, headerLength, ssrc, sequenceNumber, out length, out extendedSequenceNumber);

        // RFC 3711 Appendix A: of the indices with this sequence number, the one nearest to the highest so far.
        var index = window.Highest + (short)(sequenceNumber - (ushort)window.Highest);
        reason = window.Check(index);
        if (reason != DropReason.None) return reason;
        if (!Rtp.UnprotectRtp(packet, headerLength, (uint)(index >> 16), out var plainLength)) return DropReason.SrtpBadAuthentication;
        length = plainLength;
        window.Commit(index);
        extendedSequenceNumber = index;
        return DropReason.None;
    }

    /// <summary>Checks and decrypts one SRTCP packet in place.</summary>
    /// <param name="packet">The whole datagram. Garbage afterwards unless the result is <see cref="DropReason.None"/>.</param>
    /// <param name="length">Length of the plain compound packet at the start of <paramref name="packet"/>.</param>
    public DropReason UnprotectRtcp(Span<byte> packet, out int length)
    {
        length = 0;
        if (packet.Length > SrtpLimits.MaxPacketLength) return DropReason.RtpTooLarge;
        if (packet.Length < 8 + _master.Profile.RtcpOverhead()) return DropReason.SrtpTooShort;
        if (packet[0] >> 6 != 2) return DropReason.RtcpBadVersion;
        var transform = _rtcp ?? CreateRtcp();
        var trailer = BinaryPrimitives.ReadUInt32BigEndian(packet[transform.RtcpIndexOffset(packet.Length)..]);
        if (trailer >> 31 == 0) return DropReason.SrtcpUnencrypted;

        var streams = _rtcpStreams ??= new ReplayTable(RtcpWindow, ReplayTable.MaxStreams);
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var index = (long)(trailer & 0x7FFF_FFFF);
        var window = streams.Find(ssrc);
        if (window is null && streams.IsFull) return DropReason.SrtpTooManyStreams;
        var reason = window?.Check(index) ?? DropReason.None;
        if (reason != DropReason.None) return reason;
        if (!transform.UnprotectRtcp(packet, out var plainLength)) return DropReason.SrtpBadAuthentication;
        length = plainLength;
        (window ?? streams.Add(ssrc)).Commit(index);
        return DropReason.None;
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

    private SrtpTransform Rtp => _rtp ?? CreateRtp();

    /// <summary>
    /// The first packet seen of a stream may come from after its first wrap, when its sender started near 65,535 and
    /// what was before got lost; so counter 1 is tried when 0 does not fit, on a copy, since GCM decrypts in place.
    /// </summary>
    [SkipLocalsInit]
    private DropReason UnprotectFirstOfStream(
        Span<byte> packet, int headerLength, uint ssrc, ushort sequenceNumber, out int length, out long extendedSequenceNumber)
    {
        length = 0;
        extendedSequenceNumber = -1;
        var streams = _rtpStreams!;
        if (streams.IsFull) return DropReason.SrtpTooManyStreams;

        Span<byte> copy = stackalloc byte[SrtpLimits.MaxPacketLength];
        packet.CopyTo(copy);
        for (var rolloverCounter = 0u; rolloverCounter <= 1; rolloverCounter++)
        {
            if (rolloverCounter != 0) copy[..packet.Length].CopyTo(packet);
            if (!Rtp.UnprotectRtp(packet, headerLength, rolloverCounter, out var plainLength)) continue;
            length = plainLength;
            extendedSequenceNumber = ((long)rolloverCounter << 16) | sequenceNumber;
            streams.Add(ssrc).Commit(extendedSequenceNumber);
            return DropReason.None;
        }

        return DropReason.SrtpBadAuthentication;
    }

    /// <summary>12 bytes, CSRCs, and the extension with its 4-byte preamble (RFC 3550 §5.1, §5.3.1).</summary>
    private static int RtpHeaderLength(ReadOnlySpan<byte> packet, out DropReason reason)
    {
        reason = DropReason.SrtpTooShort;
        if (packet.Length < 12) return 0;
        if (packet[0] >> 6 != 2)
        {
            reason = DropReason.RtpBadVersion;
            return 0;
        }

        var length = 12 + (4 * (packet[0] & 0x0F));
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < length + 4) return 0;
            length += 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]));
        }

        reason = DropReason.None;
        return length;
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
}
