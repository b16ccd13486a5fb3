using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtp;

/// <summary>Bounds-checked, non-owning view over one unprotected RTP packet (RFC 3550 §5.1).</summary>
/// <remarks>Valid only while the underlying buffer is; never stored.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// |                           timestamp                           |
/// |           synchronization source (SSRC) identifier            |
/// |            contributing source (CSRC) identifiers, CC of them |
/// | extension profile (if X)      | length in words               |
/// </code></remarks>
public readonly ref struct RtpPacketView
{
    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _extensionOffset;
    private readonly int _headerLength;
    private readonly int _paddingLength;

    private RtpPacketView(ReadOnlySpan<byte> packet, int extensionOffset, int headerLength, int paddingLength)
    {
        _packet = packet;
        _extensionOffset = extensionOffset;
        _headerLength = headerLength;
        _paddingLength = paddingLength;
    }

    /// <summary>Meaning depends on the payload; for video the last packet of a frame.</summary>
    public bool Marker => (_packet[1] & 0x80) != 0;

    /// <summary>0 to 127.</summary>
    public byte PayloadType => (byte)(_packet[1] & 0x7F);

    /// <summary>Increases by one per packet, modulo 2^16.</summary>
    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    /// <summary>Media time in units of the payload's clock rate (90 kHz for video), modulo 2^32.</summary>
    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]);

    /// <summary>Synchronization source.</summary>
    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_packet[8..]);

    /// <summary>Number of contributing sources, 0 to 15.</summary>
    public int CsrcCount => _packet[0] & 0x0F;

    /// <summary>Fixed header, contributing sources and header extension together, in bytes.</summary>
    public int HeaderLength => _headerLength;

    /// <summary>The X bit.</summary>
    public bool HasExtension => (_packet[0] & 0x10) != 0;

    /// <summary>"Defined by profile" of the header extension (RFC 8285: 0xBEDE or 0x100x); 0 without an extension.</summary>
    public ushort ExtensionProfile => HasExtension ? BinaryPrimitives.ReadUInt16BigEndian(_packet[_extensionOffset..]) : (ushort)0;

    /// <summary>The header extension's words without its 4-byte head; empty without an extension.</summary>
    public ReadOnlySpan<byte> ExtensionData => HasExtension ? _packet[(_extensionOffset + 4).._headerLength] : default;

    /// <summary>The payload without padding.</summary>
    public ReadOnlySpan<byte> Payload => _packet[_headerLength..(_packet.Length - _paddingLength)];

    /// <summary>Padding bytes at the end, their count included; 0 to 255.</summary>
    public int PaddingLength => _paddingLength;

    /// <summary>The whole packet as it was given, padding included.</summary>
    public ReadOnlySpan<byte> Packet => _packet;

    /// <summary>Validates version, lengths and padding, and exposes the packet without copying it.</summary>
    /// <returns>Why the packet must be dropped, or <see cref="DropReason.None"/>.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> packet, out RtpPacketView view)
    {
        view = default;
        if (packet.Length < RtpHeader.FixedLength) return DropReason.RtpTruncated;

        var first = packet[0];
        if (first >> 6 != 2) return DropReason.RtpBadVersion;

        var extensionOffset = RtpHeader.FixedLength + ((first & 0x0F) * 4);
        var headerLength = extensionOffset;
        if ((first & 0x10) != 0)
        {
            if (packet.Length < extensionOffset + 4) return DropReason.RtpBadExtension;
            headerLength += 4 + (BinaryPrimitives.ReadUInt16BigEndian(packet[(extensionOffset + 2)..]) * 4);
            if (packet.Length < headerLength) return DropReason.RtpBadExtension;
        }
        else if (packet.Length < headerLength)
        {
            return DropReason.RtpTruncated;
        }

        var paddingLength = 0;
        if ((first & 0x20) != 0)
        {
            paddingLength = packet[^1];
            if (paddingLength == 0 || paddingLength > packet.Length - headerLength) return DropReason.RtpBadPadding;
        }

        view = new RtpPacketView(packet, extensionOffset, headerLength, paddingLength);
        return DropReason.None;
    }
}
