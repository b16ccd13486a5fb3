using Broadcast.Media.Layers;
using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Media.Send;

/// <summary>One viewer: its send streams, their pace, and what it reports back.</summary>
/// <remarks>Owned by one MediaWorker; not thread-safe.</remarks>
/// <param name="stream">What is watched.</param>
/// <param name="streams">Audio and video, as negotiated.</param>
/// <param name="cname">RTCP canonical name.</param>
/// <param name="layers">Keeps the video at the right quality.</param>
/// <param name="share">The viewer's part of the node's uplink.</param>
/// <param name="transport">Its numbers and pace.</param>
public sealed class ViewerSession(LiveStream stream, SendStream[] streams, byte[] cname, LayerController layers, UplinkShare share, PacedTransport transport)
{
    /// <summary>Interval of sender reports; 1 s also for audio, which shortens lip-sync acquisition.</summary>
    public static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MaxRepairTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DefaultRoundTrip = TimeSpan.FromMilliseconds(100);

    /// <summary>A probe goes no higher than this many times the best that the viewer could get: what there is to send needs no more.</summary>
    private const int ProbeShare = 2;

    private const long MinProbeCeiling = 1_000_000;

    /// <summary>Sound before pictures: it is small, and missed more.</summary>
    private readonly SendStream[] _byPriority = [.. streams.OrderBy(sender => sender.Media.Kind == MediaKind.Video)];

    private RetransmissionQueue? _retransmissions;
    private DropCounters? _drops;
    private TransportAddress _remote;
    private Publication? _publication;
    private bool _awaitsSizes;
    private MonotonicTime _nextReport;
    private MonotonicTime _reportedAt;
    private long _octetsAtReport;
    private byte? _firSequenceNumber;
    private RedundancyPolicy _redundancy;
    private ReportTimes _reportTimes;

    /// <summary>What is watched.</summary>
    public LiveStream Stream { get; } = stream;

    /// <summary>Audio and video, as negotiated.</summary>
    public IReadOnlyList<SendStream> Streams => streams;

    /// <summary>What quality it gets, and why.</summary>
    public LayerController Layers => layers;

    /// <summary>The tracks whose news it must see, by <see cref="SourceTrack.Index"/>.</summary>
    public ulong Demand { get; private set; }

    /// <summary>True while it is served by time and not only by news: it catches up, something waits for the pace, or a probe is under way.</summary>
    public bool IsPaced { get; private set; }

    /// <summary>True while a probe is under way, whose packets follow each other closely.</summary>
    public bool IsProbing => transport.IsProbing;

    /// <summary>True while it is to be served even if nothing new arrives: it is new, paced, or is to get another quality.</summary>
    public bool IsUrgent { get; private set; } = true;

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

    /// <summary>Of those, what was not sent again: too old, unknown, or too much.</summary>
    public long NacksRefused { get; private set; }

    /// <summary>PLI and FIR received.</summary>
    public long KeyframeRequests { get; private set; }

    /// <summary>Media packets sent.</summary>
    public long Packets => Sum(static s => s.Packets);

    /// <summary>When the first media packet left; zero before.</summary>
    public MonotonicTime FirstSentAt
    {
        get
        {
            var first = MonotonicTime.Zero;
            foreach (var stream in streams)
            {
                if (stream.FirstSentAt != MonotonicTime.Zero && (first == MonotonicTime.Zero || stream.FirstSentAt < first)) first = stream.FirstSentAt;
            }

            return first;
        }
    }

    /// <summary>Payload octets sent.</summary>
    public long Octets => Sum(static s => s.Octets);

    /// <summary>Packets sent again.</summary>
    public long Retransmitted => Sum(static s => s.Retransmitted);

    /// <summary>Sends what is new. Positions and plans are by <see cref="SourceTrack.Index"/>.</summary>
    public void Forward(Publication publication, ReadOnlySpan<long> heads, BurstPlan[] plans, PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        if (!ReferenceEquals(publication, _publication) || _awaitsSizes) Attach(publication, heads, now);
        ulong demand = 0;
        var (isBehind, isCatchingUp) = (false, false);
        transport.Advance(now);
        foreach (var stream in _byPriority)
        {
            stream.Forward(heads, plans, channel, transport, now, output);
            demand |= stream.Demand;
            isBehind |= stream.IsBehind;
            isCatchingUp |= stream.IsCatchingUp;
        }

        RetransmitWaiting(channel, now, output);
        if (transport.IsProbing) FillProbe(mayPad: !isBehind, channel, now, output);

        // Whatever arrives may bring the sizes.
        Demand = _awaitsSizes ? ulong.MaxValue : demand;
        IsPaced = IsUrgent = isBehind || isCatchingUp || transport.IsProbing || _retransmissions is { Count: > 0 };
    }

    /// <summary>Stops all streams until the path is usable again.</summary>
    public void Pause()
    {
        foreach (var stream in streams) stream.Pause();
        _retransmissions?.Clear();
        transport.StopProbing();
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
                    for (var i = 0; i < fir.EntryCount; i++) OnFullIntraRequest(fir[i].Ssrc, fir[i].SequenceNumber, now);
                    break;
                case RtcpPacketKind.ReceiverEstimatedMaximumBitrate:
                    if (RembView.TryParse(packet, out var remb) != DropReason.None) return DropReason.RtcpMalformed;
                    OnReceiverEstimate(remb.BitsPerSecond, drops, now);
                    break;
                case RtcpPacketKind.TransportFeedback:
                    if (TransportFeedbackView.TryParse(packet, out var feedback) != DropReason.None) return DropReason.RtcpMalformed;
                    OnTransportFeedback(feedback, drops, now);
                    break;
                default:
                    break;
            }
        }

        return reason;
    }

    /// <summary>Looks after the quality, and sends sender reports when they are due.</summary>
    public void Tick(MonotonicTime now, PeerChannel channel, PacketOutput output)
    {
        if (!channel.CanSend) return;
        SendReports(now, channel, output);
        Probe(channel, now);
        Adapt(now);
        ChooseRedundancy(now);
    }

    private void Adapt(MonotonicTime now)
    {
        if (_awaitsSizes || _publication is not { Qualities: { Rungs.Length: > 0 } qualities } || VideoStream is not { } video) return;
        IsUrgent |= layers.Update(qualities, Stream.Limits, share.BitsPerViewer, video, now);
        transport.ChosenBitsPerSecond = layers.ChosenRate(qualities);
    }

    private void ChooseRedundancy(MonotonicTime now)
    {
        if (StreamOf(MediaKind.Audio) is not { } audio) return;

        // The estimate is of the picture's part of the network. Without one, loss is all that is known.
        var spare = VideoStream is null || !transport.Estimator.IsMeasured ? long.MaxValue
            : transport.IsCalm(now) ? transport.Estimator.BitsPerSecond - transport.ChosenBitsPerSecond : -1;
        audio.AddsRedundancy = _redundancy.Decide(spare);
    }

    private SendStream? VideoStream => StreamOf(MediaKind.Video);

    private SendStream? StreamOf(MediaKind kind)
    {
        foreach (var stream in streams)
        {
            if (stream.Media.Kind == kind) return stream;
        }

        return null;
    }

    private void Attach(Publication publication, ReadOnlySpan<long> heads, MonotonicTime now)
    {
        var isNew = !ReferenceEquals(publication, _publication);
        _publication = publication;
        _awaitsSizes = false;
        foreach (var sender in streams)
        {
            var track = publication.TrackOf(sender.Media.Kind);
            if (track is { Kind: MediaKind.Video }) AttachVideo(sender, publication, heads, now);
            else if (isNew) sender.Attach(publication, track, LayerSelection.All, track is null ? 0 : heads[track.Index], now);
        }
    }

    private void AttachVideo(SendStream sender, Publication publication, ReadOnlySpan<long> heads, MonotonicTime now)
    {
        var qualities = publication.Qualities;
        _awaitsSizes = !layers.CanStart(qualities, Stream.Limits);
        if (_awaitsSizes)
        {
            sender.Attach(publication, null, LayerSelection.All, 0, now);
            return;
        }

        var (track, selection) = layers.Start(qualities, Stream.Limits, share.BitsPerViewer);
        sender.Attach(publication, track, selection, heads[track.Index], now);
        if (layers.IsCrowdedOut) sender.Select(null, selection);
    }

    private void SendReports(MonotonicTime now, PeerChannel channel, PacketOutput output)
    {
        if (now < _nextReport) return;
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
        if (StreamOf(block.Ssrc) is not { } stream) return;
        FractionLost = block.FractionLost;
        if (stream.Media.Kind == MediaKind.Audio) _redundancy.OnReport(block.FractionLost, stream.Octets, now);
        if (stream.Media.Kind == MediaKind.Video || streams.Length == 1) EstimateFrom(block.FractionLost, now);

        if (!_reportTimes.TryFind(block.LastSenderReport, out var sentAt)) return;
        var elapsed = now - sentAt - TimeSpan.FromTicks(NtpTime.CompactToNanoseconds(block.DelaySinceLastSenderReport) / 100);
        if (elapsed <= TimeSpan.Zero || elapsed >= TimeSpan.FromSeconds(10)) return;
        RoundTrip = elapsed;
        transport.Estimator.OnRoundTrip(elapsed);
    }

    private void OnTransportFeedback(in TransportFeedbackView feedback, DropCounters drops, MonotonicTime now)
    {
        TransportFeedbacks++;
        var history = transport.Estimator.History;
        var (unknown, implausible) = (history.NeverSent + history.TooOld, history.Implausible);
        transport.Estimator.OnTransportFeedback(feedback, now);
        drops.Count(DropReason.FeedbackUnknown, history.NeverSent + history.TooOld - unknown);
        drops.Count(DropReason.FeedbackImplausible, history.Implausible - implausible);

        // What is sent in the tenth of a second until the next tick would fill the queue further.
        if (transport.Estimator.BitsPerSecond >= transport.ChosenBitsPerSecond) return;
        Adapt(now);
        ChooseRedundancy(now);
    }

    private void OnReceiverEstimate(long bitsPerSecond, DropCounters drops, MonotonicTime now)
    {
        ReceiverEstimate = bitsPerSecond;
        var absurd = transport.Estimator.AbsurdReceiverEstimates;
        transport.Estimator.OnReceiverEstimate(bitsPerSecond, now);
        drops.Count(DropReason.FeedbackImplausible, transport.Estimator.AbsurdReceiverEstimates - absurd);
    }

    private void OnNack(in NackView nack, PeerChannel channel, DropCounters drops, MonotonicTime now, PacketOutput output)
    {
        if (!channel.CanSend || StreamOf(nack.MediaSsrc) is not { } stream) return;
        transport.Advance(now);
        foreach (var sequence in nack)
        {
            NacksReceived++;
            var reason = MayRetransmit
                ? stream.Retransmit(sequence, RepairTime, channel, transport, now, output)
                : Postpone(stream, sequence, drops);
            if (reason != DropReason.None) Refuse(reason, drops);
        }
    }

    private void Refuse(DropReason reason, DropCounters drops)
    {
        NacksRefused++;
        drops.Count(reason);
    }

    /// <summary>How long a repair takes now. In a queue that has just filled it takes far longer than the last report says, and would be sent again all that time.</summary>
    private TimeSpan RepairTime
    {
        get
        {
            var (reported, fedBack) = (RoundTrip ?? DefaultRoundTrip, transport.Estimator.FeedbackDelay);
            return fedBack > reported && fedBack < MaxRepairTime ? fedBack : reported;
        }
    }

    /// <summary>What is new goes before what is sent again.</summary>
    private bool MayRetransmit => transport.HasBudget && !IsPaced;

    private DropReason Postpone(SendStream stream, ushort sequenceNumber, DropCounters drops)
    {
        _retransmissions ??= new RetransmissionQueue();
        (_drops, IsUrgent) = (drops, true);
        return _retransmissions.TryAdd(stream, sequenceNumber) ? DropReason.None : DropReason.NackLimited;
    }

    /// <summary>After what is new; where that always waits, one at a time all the same: without its repairs what was sent before is worth nothing.</summary>
    private void RetransmitWaiting(PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        if (_retransmissions is not { Count: > 0 } waiting) return;
        do
        {
            var (stream, sequence) = waiting.Take();
            var reason = stream.Retransmit(sequence, RepairTime, channel, transport, now, output);
            if (reason != DropReason.None) Refuse(reason, _drops!);
        }
        while (waiting.Count > 0 && transport.HasBudget);
    }

    /// <summary>Lets the estimator look at the time, and begins anew with it when the viewer has gone to another address.</summary>
    private void Probe(PeerChannel channel, MonotonicTime now)
    {
        var remote = channel.Path.Remote;
        if (remote != _remote && _remote != default) transport.Reset(now);
        _remote = remote;
        if (_publication is { Qualities: var qualities })
            transport.Estimator.ProbeCeiling = Math.Max(MinProbeCeiling, ProbeShare * layers.Demand(qualities, Stream.Limits).Most);
        transport.Process(now);
        IsUrgent |= transport.IsProbing;
    }

    /// <summary>Goes on with a probe, and ends it when it has had enough. What is sent anyway goes before padding.</summary>
    private void FillProbe(bool mayPad, PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        while (transport.WantsPadding(now) && mayPad)
        {
            if (VideoStream?.SendPadding(channel, transport, now, output) != true) transport.StopProbing();
        }
    }

    private void EstimateFrom(byte fractionLost, MonotonicTime now)
    {
        var elapsed = now - _reportedAt;
        if (elapsed < TimeSpan.FromMilliseconds(200)) return;
        var octets = Octets;
        var sent = (long)((octets - _octetsAtReport) * 8 / elapsed.TotalSeconds);

        // Judged by what is sent alone, a viewer of a low quality could never be found fit for a much better one.
        transport.Estimator.OnReport(fractionLost, Math.Max(sent, (_publication?.Qualities.HighestRate ?? 0) * 2 / 3), now);
        (_reportedAt, _octetsAtReport) = (now, octets);
    }

    /// <summary>A FIR that repeats its number is the same request once more (RFC 5104 §4.3.1.2).</summary>
    private void OnFullIntraRequest(uint ssrc, byte sequenceNumber, MonotonicTime now)
    {
        if (StreamOf(ssrc) is null || _firSequenceNumber == sequenceNumber) return;
        _firSequenceNumber = sequenceNumber;
        OnKeyframeRequest(ssrc, now);
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
