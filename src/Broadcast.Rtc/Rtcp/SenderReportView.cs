using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>SR: a source's clock mapping and counts, with its report blocks (RFC 3550 §6.4.1).</summary>
public readonly ref struct SenderReportView
{
    private const int FixedLength = 24;

    private readonly ReadOnlySpan<byte> _body;

    private SenderReportView(ReadOnlySpan<byte> body, int count)
    {
        _body = body;
        ReportBlockCount = count;
    }

    /// <summary>The source.</summary>
    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_body);

    /// <summary>The sender's wall clock in 32.32 fixed point, see <see cref="Rtp.NtpTime"/>.</summary>
    public ulong NtpTimestamp => BinaryPrimitives.ReadUInt64BigEndian(_body[4..]);

    /// <summary>The same instant on the media clock.</summary>
    public uint RtpTimestamp => BinaryPrimitives.ReadUInt32BigEndian(_body[12..]);

    /// <summary>RTP packets sent, modulo 2^32.</summary>
    public uint PacketCount => BinaryPrimitives.ReadUInt32BigEndian(_body[16..]);

    /// <summary>Payload octets sent, modulo 2^32.</summary>
    public uint OctetCount => BinaryPrimitives.ReadUInt32BigEndian(_body[20..]);

    /// <summary>0 to 31.</summary>
    public int ReportBlockCount { get; }

    /// <summary>A report block.</summary>
    /// <param name="index">0 to <see cref="ReportBlockCount"/> − 1.</param>
    public ReportBlock this[int index] => ReportBlock.Read(_body[(FixedLength + (index * ReportBlock.Length))..]);

    /// <summary>Checks that fixed part and blocks are there; profile-specific extensions behind them are ignored.</summary>
    public static DropReason TryParse(scoped in RtcpPacketView packet, out SenderReportView view)
    {
        view = default;
        if (packet.Kind != RtcpPacketKind.SenderReport) return DropReason.RtcpMalformed;
        if (packet.Body.Length < FixedLength + (packet.CountOrFormat * ReportBlock.Length)) return DropReason.RtcpMalformed;
        view = new SenderReportView(packet.Body, packet.CountOrFormat);
        return DropReason.None;
    }
}
