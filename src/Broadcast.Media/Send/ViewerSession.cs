using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Media.Send;

/// <summary>One viewer: its send streams, its counter of transport-wide numbers, and what it reports back.</summary>
/// <remarks>Owned by one MediaWorker; not thread-safe.</remarks>
public sealed class ViewerSession(LiveStream stream, SendStream[] streams, byte[] cname)
{
    /// <summary>Interval of sender reports; 1 s also for audio, which shortens lip-sync acquisition.</summary>
    public static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan DefaultRoundTrip = TimeSpan.FromMilliseconds(100);

    private ushort _transport;
    private MonotonicTime _nextReport;
    private ReportTimes _reportTimes;

    /// <summary>What is watched.</summary>
    public LiveStream Stream { get; } = stream;

    /// <summary>Audio and video, as negotiated.</summary>
    public IReadOnlyList<SendStream> Streams => streams;

    /// <summary>Latest round trip from receiver reports; null before the first.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>Worst fraction lost of the last report, in 1/256.</summary>
    public byte FractionLost { get; private set; }

    /// <summary>The receiver's own estimate (REMB); 0 before the first.</summary>
    public long ReceiverEstimate { get; private set; }

    /// <summary>Transport-cc feedback packets received.</summary>
    public long TransportFeedbacks { get; private set; }

    /// <summary>Sequence numbers asked for again.</summary>
    public long NacksReceived { get; private set; }

    /// <summary>PLI and FIR received.</summary>
    public long KeyframeRequests { get; private set; }

    /// <summary>Media packets sent.</summary>
    public long Packets => Sum(static s => s.Packets);

    /// <summary>Payload octets sent.</summary>
    public long Octets => Sum(static s => s.Octets);

    /// <summary>Packets sent again.</summary>
    public long Retransmitted => Sum(static s => s.Retransmitted);

    /// <summary>Sends what is new. Positions are per track of the publication.</summary>
    public void Forward(Publication publication, ReadOnlySpan<long> heads, BurstPlan[] plans, PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        foreach (var stream in streams)
        {
            for (var i = 0; i < publication.Tracks.Count; i++)
            {
                if (publication.Tracks[i].Kind != stream.Media.Kind) continue;
                stream.Forward(publication, heads[i], plans[i], channel, ref _transport, now, output);
                break;
            }
        }
    }

    /// <summary>Stops all streams until the path is usable again.</summary>
    public void Pause()
    {
        foreach (var stream in streams) stream.Pause();
    }

    /// <summary>Handles a decrypted compound RTCP packet.</summary>
    /// <param name="compound">As decrypted.</param>
    /// <param name="channel">For retransmissions.</param>
    /// <param name="drops">Counts unanswered requests by reason.</param>
    /// <param name="now">Present time.</param>
    /// <param name="output">Receives retransmissions.</param>
    public DropReason HandleRtcp(ReadOnlySpan<byte> compound, PeerChannel channel, DropCounters drops, MonotonicTime now, PacketOutput output)
    {
        var reader = new RtcpReader(compound);
        DropReason reason;
        while (reader.TryRead(out var packet, out reason))
        {
            switch (packet.Kind)
            {
                case RtcpPacketKind.ReceiverReport:
                    if (ReceiverReportView.TryParse(packet, out var receiverReport) != DropReason.None) return DropReason.RtcpMalformed;
                    for (var i = 0; i < receiverReport.ReportBlockCount; i++) OnReport(receiverReport[i], now);
                    break;
                case RtcpPacketKind.SenderReport:
                    if (SenderReportView.TryParse(packet, out var senderReport) != DropReason.None) return DropReason.RtcpMalformed;
                    for (var i = 0; i < senderReport.ReportBlockCount; i++) OnReport(senderReport[i], now);
                    break;
                case RtcpPacketKind.Nack:
                    if (NackView.TryParse(packet, out var nack) != DropReason.None) return DropReason.RtcpMalformed;
                    OnNack(nack, channel, drops, now, output);
                    break;
                case RtcpPacketKind.PictureLossIndication:
                    if (PliView.TryParse(packet, out var pli) != DropReason.None) return DropReason.RtcpMalformed;
                    OnKeyframeRequest(pli.MediaSsrc, now);
                    break;
                case RtcpPacketKind.FullIntraRequest:
                    if (FirView.TryParse(packet, out var fir) != DropReason.None) return DropReason.RtcpMalformed;
                    for (var i = 0; i < fir.EntryCount; i++) OnKeyframeRequest(fir[i].Ssrc, now);
                    break;
                case RtcpPacketKind.ReceiverEstimatedMaximumBitrate:
                    if (RembView.TryParse(packet, out var remb) != DropReason.None) return DropReason.RtcpMalformed;
                    ReceiverEstimate = remb.BitsPerSecond;
                    break;
                case RtcpPacketKind.TransportFeedback:
                    TransportFeedbacks++;
                    break;
                default:
                    break;
            }
        }

        return reason;
    }

    /// <summary>Sends sender reports when they are due.</summary>
    public void Tick(MonotonicTime now, PeerChannel channel, PacketOutput output)
    {
        if (now < _nextReport || !channel.CanSend) return;
        _nextReport = now + ReportInterval;
        var slot = output.Reserve(PeerChannel.MaxRtcpLength + SrtpLimits.MaxRtcpOverhead);
        var length = 0;
        foreach (var stream in streams)
        {
            if (!stream.TryMapSenderReport(now, out var ntp, out var rtp)) continue;
            length += RtcpWriter.SenderReport(slot[length..], stream.Ssrc, ntp, rtp, (uint)stream.Packets, (uint)stream.Octets, default);
            length += RtcpWriter.SdesCname(slot[length..], stream.Ssrc, cname);
            _reportTimes.Note(NtpTime.Compact(ntp), now);
        }

        channel.CommitRtcp(output, slot, length);
    }

    /// <summary>Says BYE for every SSRC (RFC 3550 §6.6).</summary>
    public void SayBye(PeerChannel channel, PacketOutput output)
    {
        if (!channel.CanSend) return;
        Span<uint> ssrcs = stackalloc uint[streams.Length];
        for (var i = 0; i < streams.Length; i++) ssrcs[i] = streams[i].Ssrc;
        var slot = output.Reserve(PeerChannel.MaxRtcpLength + SrtpLimits.MaxRtcpOverhead);
        var length = RtcpWriter.ReceiverReport(slot, ssrcs[0], default);
        length += RtcpWriter.SdesCname(slot[length..], ssrcs[0], cname);
        length += RtcpWriter.Bye(slot[length..], ssrcs);
        channel.CommitRtcp(output, slot, length);
    }

    private void OnReport(in ReportBlock block, MonotonicTime now)
    {
        if (StreamOf(block.Ssrc) is null) return;
        FractionLost = block.FractionLost;

        if (!_reportTimes.TryFind(block.LastSenderReport, out var sentAt)) return;
        var elapsed = now - sentAt - TimeSpan.FromTicks(NtpTime.CompactToNanoseconds(block.DelaySinceLastSenderReport) / 100);
        if (elapsed > TimeSpan.Zero && elapsed < TimeSpan.FromSeconds(10)) RoundTrip = elapsed;
    }

    private void OnNack(in NackView nack, PeerChannel channel, DropCounters drops, MonotonicTime now, PacketOutput output)
    {
        if (!channel.CanSend || StreamOf(nack.MediaSsrc) is not { } stream) return;
        foreach (var sequence in nack)
        {
            NacksReceived++;
            var reason = stream.Retransmit(sequence, RoundTrip ?? DefaultRoundTrip, channel, ref _transport, now, output);
            if (reason != DropReason.None) drops.Count(reason);
        }
    }

    private void OnKeyframeRequest(uint ssrc, MonotonicTime now)
    {
        KeyframeRequests++;
        StreamOf(ssrc)?.WantKeyframe(RoundTrip ?? DefaultRoundTrip, now);
    }

    private SendStream? StreamOf(uint ssrc)
    {
        foreach (var stream in streams)
        {
            if (stream.Ssrc == ssrc) return stream;
        }

        return null;
    }

    private long Sum(Func<SendStream, long> value)
    {
        long sum = 0;
        foreach (var stream in streams) sum += value(stream);
        return sum;
    }
}
