using System.Buffers.Binary;
using System.Security.Cryptography;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Client.Connections;

/// <summary>The RTCP a browser sends while it watches: RR each second, transport-cc every 100 ms, NACK, PLI.</summary>
/// <remarks>Belongs to one viewer.</remarks>
internal sealed class ViewerFeedback(ReceiveTrack audio, ReceiveTrack video, TrackParameters? videoMedia, bool withTransportFeedback)
{
    private const int HistoryLength = 512; // 2 s of one stream
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ArrivalInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan NackInterval = TimeSpan.FromMilliseconds(100); // libwebrtc's default round trip
    private static readonly TimeSpan KeyframeInterval = TimeSpan.FromMilliseconds(200);

    private readonly TransportFeedbackBuilder? _arrivals = withTransportFeedback ? new TransportFeedbackBuilder(HistoryLength) : null;
    private readonly uint _ssrc = BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(4)) | 1;
    private Peer _peer = null!;
    private MonotonicTime _nextReport = MonotonicTime.Never;
    private MonotonicTime _nextArrivals = MonotonicTime.Never;
    private MonotonicTime _nextKeyframeRequest = MonotonicTime.Never;
    private MonotonicTime _keyframeRequestedAt;

    /// <summary>When <see cref="HandleTimeout"/> is due.</summary>
    public MonotonicTime NextTimeout
    {
        get
        {
            var due = MonotonicTime.Min(_nextReport, MonotonicTime.Min(_nextArrivals, _nextKeyframeRequest));
            return MonotonicTime.Min(due, MonotonicTime.Min(video.Missing.NextDue, audio.Missing.NextDue));
        }
    }

    /// <summary>Begins; viewers that join together do not report together.</summary>
    public void Start(Peer peer, MonotonicTime now)
    {
        _peer = peer;
        _nextReport = now + (ReportInterval * Random());
        if (_arrivals is not null) _nextArrivals = now + (ArrivalInterval * Random());
    }

    /// <summary>Notes a packet for transport-cc.</summary>
    public void AddArrival(ushort transportSequenceNumber, MonotonicTime arrival) => _arrivals?.Add(transportSequenceNumber, arrival);

    /// <summary>Asks for a keyframe, at once or 200 ms after the last time; call again while none comes.</summary>
    public void RequestKeyframe(MonotonicTime now)
    {
        if (videoMedia is not { Pli: true } || _nextKeyframeRequest != MonotonicTime.Never) return;
        _nextKeyframeRequest = _keyframeRequestedAt == MonotonicTime.Zero ? now : MonotonicTime.Max(now, _keyframeRequestedAt + KeyframeInterval);
    }

    /// <summary>A keyframe came: a request that waits for its time is dropped.</summary>
    public void CancelKeyframeRequest() => _nextKeyframeRequest = MonotonicTime.Never;

    /// <summary>Sends what is due.</summary>
    public void HandleTimeout(MonotonicTime now)
    {
        if (now >= _nextReport)
        {
            SendReport(now);
            _nextReport = now + ReportInterval;
        }

        if (now >= _nextArrivals)
        {
            SendArrivals(now);
            _nextArrivals = now + ArrivalInterval;
        }

        if (now >= _nextKeyframeRequest) SendKeyframeRequest(now);
        if (now >= video.Missing.NextDue) SendNack(now);
        if (now >= audio.Missing.NextDue) audio.Missing.TakeDue(now, NackInterval, default);
    }

    private void SendReport(MonotonicTime now)
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[2];
        var count = 0;
        if (video.HasStarted) blocks[count++] = video.Report(now);
        if (audio.HasStarted) blocks[count++] = audio.Report(now);
        Span<byte> packet = stackalloc byte[128];
        var length = RtcpWriter.ReceiverReport(packet, _ssrc, blocks[..count]);
        length += RtcpWriter.SdesCname(packet[length..], _ssrc, "loadtest"u8);
        _peer.SendRtcp(packet[..length]);
    }

    private void SendArrivals(MonotonicTime now)
    {
        Span<byte> packet = stackalloc byte[TransportFeedbackBuilder.MaximumLength];
        var mediaSsrc = video.HasStarted ? video.Ssrc : audio.Ssrc;
        while (_arrivals!.Build(packet, _ssrc, mediaSsrc, now) is var length and > 0) _peer.SendRtcp(packet[..length]);
    }

    private void SendKeyframeRequest(MonotonicTime now)
    {
        Span<byte> packet = stackalloc byte[12];
        _peer.SendRtcp(packet[..RtcpWriter.Pli(packet, _ssrc, video.Ssrc)]);
        _peer.Loop.Counters.PlisSent++;
        _keyframeRequestedAt = now;
        _nextKeyframeRequest = MonotonicTime.Never;
    }

    private void SendNack(MonotonicTime now)
    {
        Span<ushort> due = stackalloc ushort[128];
        var canAsk = videoMedia is { Nack: true };
        due = due[..video.Missing.TakeDue(now, NackInterval, canAsk ? due : default)];
        Span<byte> packet = stackalloc byte[600];
        while (!due.IsEmpty)
        {
            var length = RtcpWriter.Nack(packet, _ssrc, video.Ssrc, due, out var consumed);
            if (length == 0) break;
            _peer.SendRtcp(packet[..length]);
            _peer.Loop.Counters.NacksSent += consumed;
            due = due[consumed..];
        }
    }

    private static double Random() => RandomNumberGenerator.GetInt32(1000) / 1000.0;
}
