using System.Buffers.Binary;

namespace Broadcast.Rtc.Rtcp;

/// <summary>RR: report blocks of a receiver (RFC 3550 §6.4.2).</summary>
public readonly ref struct ReceiverReportView
{
    private const int FixedLength = 4;

    private readonly ReadOnlySpan<byte> _body;

    private ReceiverReportView(ReadOnlySpan<byte> body, int count)
    {
        _body = body;
        ReportBlockCount = count;
    }

    /// <summary>Who reports.</summary>
    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(_body);

    /// <summary>0 to 31.</summary>
    public int ReportBlockCount { get; }

    /// <summary>A report block.</summary>
    /// <param name="index">0 to <see cref="ReportBlockCount"/> − 1.</param>
    public ReportBlock this[int index] => ReportBlock.Read(_body[(FixedLength + (index * ReportBlock.Length))..]);

    /// <summary>Checks that the blocks are there; profile-specific extensions behind them are ignored.</summary>
    public static DropReason TryParse(scoped in RtcpPacketView packet, out ReceiverReportView view)
    {
        view = default;
        if (packet.Kind != RtcpPacketKind.ReceiverReport) return DropReason.RtcpMalformed;
        if (packet.Body.Length < FixedLength + (packet.CountOrFormat * ReportBlock.Length)) return DropReason.RtcpMalformed;
        view = new ReceiverReportView(packet.Body, packet.CountOrFormat);
        return DropReason.None;
    }
}
