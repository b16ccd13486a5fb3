using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Testing.Peers;

/// <summary>Everything the server told a publisher by RTCP.</summary>
public sealed class PublisherFeedback
{
    private long _lastTransport = -1;

    /// <summary>When PLIs and FIRs came.</summary>
    public List<MonotonicTime> KeyframeRequests { get; } = [];

    /// <summary>The sources that the PLIs among them were for.</summary>
    public List<(MonotonicTime At, uint Ssrc)> KeyframeTargets { get; } = [];

    /// <summary>Sequence numbers asked for again, and when.</summary>
    public List<(MonotonicTime At, uint Ssrc, ushort Sequence)> Nacks { get; } = [];

    /// <summary>Report blocks.</summary>
    public List<(MonotonicTime At, ReportBlock Block)> Reports { get; } = [];

    /// <summary>REMB figures.</summary>
    public List<long> Estimates { get; } = [];

    /// <summary>Transport-wide numbers that were reported as received, extended, and when the report came.</summary>
    public Dictionary<long, MonotonicTime> TransportReceived { get; } = [];

    /// <summary>Transport-wide numbers that were ever reported as lost.</summary>
    public HashSet<long> TransportLost { get; } = [];

    /// <summary>Compound packets that do not begin with a report.</summary>
    public int ReducedSize { get; private set; }

    /// <summary>Packets that could not be read.</summary>
    public int Malformed { get; private set; }

    internal void Read(ReadOnlySpan<byte> compound, MonotonicTime now)
    {
        var reader = new RtcpReader(compound);
        var first = true;
        while (reader.TryRead(out var packet, out var reason))
        {
            if (first && packet.Kind != RtcpPacketKind.ReceiverReport) ReducedSize++;
            first = false;
            Read(packet, now);
            if (reason != DropReason.None) Malformed++;
        }
    }

    private void Read(in RtcpPacketView packet, MonotonicTime now)
    {
        switch (packet.Kind)
        {
            case RtcpPacketKind.ReceiverReport when ReceiverReportView.TryParse(packet, out var report) == DropReason.None:
                for (var i = 0; i < report.ReportBlockCount; i++) Reports.Add((now, report[i]));
                break;
            case RtcpPacketKind.Nack when NackView.TryParse(packet, out var nack) == DropReason.None:
                foreach (var sequence in nack) Nacks.Add((now, nack.MediaSsrc, sequence));
                break;
            case RtcpPacketKind.PictureLossIndication or RtcpPacketKind.FullIntraRequest:
                KeyframeRequests.Add(now);
                if (PliView.TryParse(packet, out var pli) == DropReason.None) KeyframeTargets.Add((now, pli.MediaSsrc));
                break;
            case RtcpPacketKind.ReceiverEstimatedMaximumBitrate when RembView.TryParse(packet, out var remb) == DropReason.None:
                Estimates.Add(remb.BitsPerSecond);
                break;
            case RtcpPacketKind.TransportFeedback when TransportFeedbackView.TryParse(packet, out var feedback) == DropReason.None:
                foreach (var status in feedback) Note(status, now);
                break;
            case RtcpPacketKind.SourceDescription:
                break;
            default:
                Malformed++;
                break;
        }
    }

    private void Note(in TransportPacketStatus status, MonotonicTime now)
    {
        var extended = _lastTransport < 0 ? status.SequenceNumber : _lastTransport + (short)(status.SequenceNumber - (ushort)_lastTransport);
        _lastTransport = Math.Max(_lastTransport, extended);
        if (status.Received) TransportReceived.TryAdd(extended, now);
        else TransportLost.Add(extended);
    }
}
