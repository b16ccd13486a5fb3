using Broadcast.Client.Media;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Client.Connections;

/// <summary>How the packets of a frame leave.</summary>
internal enum Pacing
{
    /// <summary>All at once, as browsers largely do.</summary>
    Burst,

    /// <summary>At 2.5 times the stream's rate.</summary>
    Paced,
}

/// <summary>A publisher that plays clips in a loop: media in real time, SR each second, RTX on NACK, a keyframe on PLI or FIR.</summary>
/// <remarks>Belongs to one loop.</remarks>
internal sealed class PublisherSession : IPeerMedia
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly SendTrack? _audio;
    private readonly VideoPlayer[] _video;
    private Peer _peer = null!;
    private LoopCounters _counters = null!;
    private ushort _transportSequence;
    private MonotonicTime _audioStart;
    private MonotonicTime _nextReport;

    /// <summary>Creates the media part of a publisher.</summary>
    /// <param name="audio">Null when there is none.</param>
    /// <param name="video">The picture in each encoding.</param>
    public PublisherSession(SendTrack? audio, VideoPlayer[] video)
    {
        _audio = audio;
        _video = video;
    }

    /// <summary>Has the clip jump to a keyframe when asked for one.</summary>
    public bool AnswersKeyframeRequests { get; init; } = true;

    /// <summary>It sends.</summary>
    public bool IsConnected => _peer is not null;

    /// <summary>Why it ended by itself; null while it lives.</summary>
    public string? EndReason { get; private set; }

    /// <summary>Called once when it begins to send or ends before that. By the loop's thread.</summary>
    public Action<PublisherSession>? Settled { get; init; }

    /// <summary>Called once when the session ends by itself. By the loop's thread.</summary>
    public Action? Ended { get; init; }

    /// <inheritdoc/>
    public MonotonicTime NextTimeout
    {
        get
        {
            var due = _audio is null ? _nextReport : MonotonicTime.Min(_nextReport, _audio.DueSince(_audioStart));
            foreach (var encoding in _video) due = MonotonicTime.Min(due, encoding.NextTimeout);
            return due;
        }
    }

    /// <inheritdoc/>
    public void HandleConnected(Peer peer, MonotonicTime now)
    {
        _peer = peer;
        _counters = peer.Loop.Counters;
        _audioStart = now;
        foreach (var encoding in _video) encoding.Start = now;
        _nextReport = now + (ReportInterval / 10);
        Settled?.Invoke(this);
    }

    /// <inheritdoc/>
    public void HandleRtp(Span<byte> packet, MonotonicTime arrival)
    {
        // A server sends a publisher nothing.
    }

    /// <inheritdoc/>
    public void HandleRtcp(ReadOnlySpan<byte> packet, MonotonicTime now)
    {
        var reader = new RtcpReader(packet);
        while (reader.TryRead(out var part, out _))
        {
            switch (part.Kind)
            {
                case RtcpPacketKind.PictureLossIndication or RtcpPacketKind.FullIntraRequest:
                    _counters.PlisReceived++;
                    if (AnswersKeyframeRequests) MakeKeyframe(part);
                    break;
                case RtcpPacketKind.Nack when NackView.TryParse(part, out var nack) == DropReason.None:
                    Answer(nack);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
        if (_audio is not null) SendAudio(now);
        foreach (var encoding in _video) _counters.Published += encoding.Play(_peer, now, ref _transportSequence);
        _peer.Flush();
        if (now >= _nextReport) SendReports(now);
    }

    /// <inheritdoc/>
    public void HandleClosed(string reason)
    {
        EndReason = reason;
        if (!IsConnected) Settled?.Invoke(this);
        Ended?.Invoke();
    }

    private void SendAudio(MonotonicTime now)
    {
        _audioStart += _audio!.LagBehind(_audioStart, now);
        while (now >= _audio.DueSince(_audioStart))
        {
            _audio.Send(_peer, _audio.Clip[_audio.NextFrame].First, marker: _audio.FrameNumber == 0, ref _transportSequence);
            _audio.EndFrame();
            _counters.Published++;
        }
    }

    private VideoPlayer? EncodingOf(uint ssrc) => Array.Find(_video, encoding => encoding.Track.Ssrc == ssrc);

    private void MakeKeyframe(in RtcpPacketView request)
    {
        if (request.Kind == RtcpPacketKind.PictureLossIndication)
        {
            if (PliView.TryParse(request, out var pli) == DropReason.None) EncodingOf(pli.MediaSsrc)?.WantKeyframe();
            return;
        }

        if (FirView.TryParse(request, out var fir) != DropReason.None) return;
        for (var i = 0; i < fir.EntryCount; i++) EncodingOf(fir[i].Ssrc)?.WantKeyframe();
    }

    private void Answer(in NackView nack)
    {
        if (EncodingOf(nack.MediaSsrc) is not { } encoding) return;
        foreach (var sequenceNumber in nack)
        {
            if (encoding.Track.Resend(_peer, sequenceNumber, ref _transportSequence)) _counters.NacksAnswered++;
        }

        _peer.Flush();
    }

    private void SendReports(MonotonicTime now)
    {
        _nextReport = now + ReportInterval;
        var wallClock = NtpTime.FromUnixNanoseconds((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
        foreach (var encoding in _video) SendReport(encoding.Track, encoding.Start, wallClock, now);
        if (_audio is not null) SendReport(_audio, _audioStart, wallClock, now);
    }

    private void SendReport(SendTrack track, MonotonicTime start, ulong wallClock, MonotonicTime now)
    {
        Span<byte> packet = stackalloc byte[128];
        var timestamp = track.TimestampOf(0) + RtpTimestamp.FromNanoseconds(now.Nanoseconds - start.Nanoseconds, track.Clip.ClockRateHz);
        var length = track.WriteReport(packet, wallClock, timestamp);
        if (length == 0) return;
        length += RtcpWriter.SdesCname(packet[length..], track.Ssrc, "loadtest"u8);
        _peer.SendRtcp(packet[..length]);
    }
}
