using Broadcast.Media.Congestion;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Media.Receive;

/// <summary>Everything this server tells a publisher by RTCP, each at its own pace.</summary>
/// <remarks>Owned by the publisher's worker; not thread-safe.</remarks>
public sealed class IngestFeedback
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NackInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan TransportInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TransportIntervalAtStart = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StartPhase = TimeSpan.FromSeconds(3);
    private static ReadOnlySpan<byte> Cname => "broadcast"u8;

    private readonly ReceiveTrack[] _tracks;
    private readonly uint _localSsrc;
    private readonly TransportFeedbackBuilder? _transport;
    private readonly LossBasedReceiveEstimator? _remb;
    private readonly long _limit;
    private readonly bool _reducedSize;
    private bool _started;
    private uint _transportMediaSsrc;
    private MonotonicTime _startedAt;
    private MonotonicTime _nextReport;
    private MonotonicTime _nextTransport;
    private MonotonicTime _nextNack;
    private long _bytesAtReport;
    private byte _firSequenceNumber;

    /// <summary>Creates the feedback of one publisher; transport-cc when negotiated, else REMB when negotiated; with transport-cc, REMB tells the operator's limit.</summary>
    public IngestFeedback(ReceiveTrack[] tracks, HeaderExtensionMap extensions, uint localSsrc, IngestPolicy policy)
    {
        _tracks = tracks;
        _localSsrc = localSsrc;
        var transportWide = extensions.Has(HeaderExtensionKind.TransportSequenceNumber);
        var remb = false;
        _reducedSize = true;
        foreach (var track in tracks)
        {
            remb |= track.Media.Codec.Remb;
            _reducedSize &= track.Media.ReducedSizeRtcp;
        }

        if (transportWide) _transport = new TransportFeedbackBuilder();
        else if (remb) _remb = new LossBasedReceiveEstimator(Math.Min(2_500_000, policy.Ceiling), policy.Ceiling);
        if (remb) _limit = policy.LimitBitsPerSecond;
    }

    /// <summary>Counts a packet for transport-cc: all kinds, also those that cannot be routed.</summary>
    public void OnTransportPacket(ushort transportSequenceNumber, uint ssrc, MonotonicTime arrival)
    {
        _transport?.Add(transportSequenceNumber, arrival);
        if (ssrc != 0) _transportMediaSsrc = ssrc;
    }

    /// <summary>Sends what is due.</summary>
    /// <returns>When something may be due next.</returns>
    public MonotonicTime Send(MonotonicTime now, PeerChannel channel, PacketOutput output)
    {
        if (!_started)
        {
            _started = true;
            _startedAt = now;
            _nextReport = now + ReportInterval;
        }

        if (now >= _nextNack)
        {
            foreach (var track in _tracks)
            {
                if (track.HasHoles) SendNacks(track, now, channel, output);
            }

            _nextNack = now + NackInterval;
        }

        foreach (var track in _tracks)
        {
            if (track.Media.Kind == MediaKind.Video && track.Ssrc != 0 && track.Source.Keyframes.ShouldSend(now)) RequestKeyframe(track, channel, output);
        }

        if (_transport is not null && now >= _nextTransport)
        {
            SendTransportFeedback(now, channel, output);
            _nextTransport = now + (now - _startedAt < StartPhase ? TransportIntervalAtStart : TransportInterval);
        }

        if (now >= _nextReport)
        {
            SendReports(now, channel, output);
            _nextReport = now + ReportInterval;
        }

        return NextDeadline(now);
    }

    private MonotonicTime NextDeadline(MonotonicTime now)
    {
        var next = _nextReport;
        if (_transport is not null) next = MonotonicTime.Min(next, _nextTransport);
        foreach (var track in _tracks)
        {
            if (track.HasHoles) next = MonotonicTime.Min(next, _nextNack);
            if (track.Media.Kind == MediaKind.Video) next = MonotonicTime.Min(next, track.Source.Keyframes.NextDeadline(now + NackInterval));
        }

        return next;
    }

    private void SendNacks(ReceiveTrack track, MonotonicTime now, PeerChannel channel, PacketOutput output)
    {
        Span<ushort> sequences = stackalloc ushort[RtcpWriter.MaximumNackEntries];
        var count = track.CollectNacks(now, sequences);
        if (count == 0 || !channel.CanSend) return;
        var slot = Begin(output, out var length);
        length += RtcpWriter.Nack(slot[length..PeerChannel.MaxRtcpLength], _localSsrc, track.Ssrc, sequences[..count], out _);
        channel.CommitRtcp(output, slot, length);
    }

    /// <summary>PLI, or FIR for a publisher that negotiated only that (RFC 5104 §4.3.1); each FIR is a new request with a new number.</summary>
    private void RequestKeyframe(ReceiveTrack track, PeerChannel channel, PacketOutput output)
    {
        if (!channel.CanSend) return;
        var slot = Begin(output, out var length);
        length += track.Media.Codec is { Pli: false, Fir: true }
            ? RtcpWriter.Fir(slot[length..], _localSsrc, track.Ssrc, _firSequenceNumber++)
            : RtcpWriter.Pli(slot[length..], _localSsrc, track.Ssrc);
        channel.CommitRtcp(output, slot, length);
    }

    private void SendTransportFeedback(MonotonicTime now, PeerChannel channel, PacketOutput output)
    {
        // After a stall one packet may not hold all; four cover 100 ms of 100 Mbit/s.
        for (var i = 0; i < 4 && channel.CanSend; i++)
        {
            var slot = Begin(output, out var length);
            var written = _transport!.Build(slot[length..PeerChannel.MaxRtcpLength], _localSsrc, _transportMediaSsrc, now);
            if (written == 0) return;
            channel.CommitRtcp(output, slot, length + written);
        }
    }

    private void SendReports(MonotonicTime now, PeerChannel channel, PacketOutput output)
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[_tracks.Length];
        Span<uint> ssrcs = stackalloc uint[_tracks.Length];
        var count = 0;
        long bytes = 0;
        byte worst = 0;
        foreach (var track in _tracks)
        {
            bytes += track.Bytes;
            if (!track.TryReport(now, out var block)) continue;
            worst = Math.Max(worst, block.FractionLost);
            ssrcs[count] = track.Ssrc;
            blocks[count++] = block;
        }

        if (!channel.CanSend) return;
        var slot = output.Reserve(PeerChannel.MaxRtcpLength + SrtpLimits.MaxRtcpOverhead);
        var length = RtcpWriter.ReceiverReport(slot, _localSsrc, blocks[..count]);
        length += RtcpWriter.SdesCname(slot[length..], _localSsrc, Cname);
        if (_remb is not null && count > 0)
        {
            _remb.Update(worst, (bytes - _bytesAtReport) * 8, now);
            length += RtcpWriter.Remb(slot[length..], _localSsrc, _remb.BitsPerSecond, ssrcs[..count]);
        }
        else if (_limit > 0 && count > 0)
        {
            length += RtcpWriter.Remb(slot[length..], _localSsrc, _limit, ssrcs[..count]);
        }

        _bytesAtReport = bytes;
        channel.CommitRtcp(output, slot, length);
    }

    /// <summary>Reserves a datagram; without reduced-size RTCP it must begin with a report (RFC 5506 §3, RFC 3550 §6.1).</summary>
    private Span<byte> Begin(PacketOutput output, out int length)
    {
        var slot = output.Reserve(PeerChannel.MaxRtcpLength + SrtpLimits.MaxRtcpOverhead);
        length = 0;
        if (_reducedSize) return slot;
        length = RtcpWriter.ReceiverReport(slot, _localSsrc, default);
        length += RtcpWriter.SdesCname(slot[length..], _localSsrc, Cname);
        return slot;
    }
}
