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
    private const double PacingFactor = 2.5;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    // libwebrtc's encoder makes at most one requested keyframe in 300 ms.
    private static readonly TimeSpan KeyframeSpacing = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LargestLag = TimeSpan.FromSeconds(1);

    private readonly SendTrack? _audio;
    private readonly SendTrack _video;
    private readonly SentTimes _sentTimes;
    private readonly TimeSpan _packetInterval;
    private Peer _peer = null!;
    private LoopCounters _counters = null!;
    private ushort _transportSequence;
    private MonotonicTime _videoStart;
    private MonotonicTime _audioStart;
    private MonotonicTime _nextReport;
    private MonotonicTime _nextPacket = MonotonicTime.Never;
    private int _packetOfFrame;
    private bool _keyframeWanted;
    private MonotonicTime _keyframeAt;

    /// <summary>Creates the media part of a publisher.</summary>
    /// <param name="audio">Null when there is none.</param>
    /// <param name="video">What viewers wait for.</param>
    /// <param name="sentTimes">Filled for the viewers of this process.</param>
    /// <param name="pacing">How frames leave.</param>
    public PublisherSession(SendTrack? audio, SendTrack video, SentTimes sentTimes, Pacing pacing)
    {
        _audio = audio;
        _video = video;
        _sentTimes = sentTimes;
        if (pacing == Pacing.Paced) _packetInterval = TimeSpan.FromSeconds(ClipBuilder.MaxPayload * 8 / (PacingFactor * video.Clip.BitsPerSecond));
    }

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
            var due = MonotonicTime.Min(_nextReport, _nextPacket != MonotonicTime.Never ? _nextPacket : VideoDue);
            return _audio is null ? due : MonotonicTime.Min(due, AudioDue);
        }
    }

    private MonotonicTime VideoDue => DueOf(_video, _videoStart);

    private MonotonicTime AudioDue => DueOf(_audio!, _audioStart);

    /// <inheritdoc/>
    public void HandleConnected(Peer peer, MonotonicTime now)
    {
        _peer = peer;
        _counters = peer.Loop.Counters;
        _videoStart = _audioStart = now;
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
                    _keyframeWanted = true;
                    break;
                case RtcpPacketKind.Nack when NackView.TryParse(part, out var nack) == DropReason.None && nack.MediaSsrc == _video.Ssrc:
                    Answer(nack);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
        if (_audio is not null) SendAudio(now);
        if (_nextPacket != MonotonicTime.Never) SendPaced(now);
        else SendVideo(now);
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

    private static MonotonicTime DueOf(SendTrack track, MonotonicTime start) =>
        new(start.Nanoseconds + (long)(track.FrameNumber * (1e9 * track.Clip.TicksPerFrame / track.Clip.ClockRateHz)));

    private void SendAudio(MonotonicTime now)
    {
        if (now - AudioDue > LargestLag) _audioStart += now - AudioDue; // this process was stopped: go on from here
        while (now >= AudioDue)
        {
            var frame = _audio!.Clip[_audio.NextFrame];
            _audio.Send(_peer, frame.First, _audio.FrameNumber, marker: _audio.FrameNumber == 0, ref _transportSequence);
            _audio.EndFrame();
            _counters.Published++;
        }
    }

    private void SendVideo(MonotonicTime now)
    {
        if (now - VideoDue > LargestLag) _videoStart += now - VideoDue;
        while (now >= VideoDue)
        {
            if (_keyframeWanted && now - _keyframeAt >= KeyframeSpacing)
            {
                _keyframeWanted = false;
                _video.JumpToKeyframe();
            }

            var frame = _video.Clip[_video.NextFrame];
            if (frame.IsKeyframe) _keyframeAt = now;
            _packetOfFrame = 0;
            if (_packetInterval > TimeSpan.Zero)
            {
                _nextPacket = now;
                SendPaced(now);
                return;
            }

            while (_packetOfFrame < frame.Count) SendPacket(frame, now);
            _video.EndFrame();
        }
    }

    private void SendPaced(MonotonicTime now)
    {
        var frame = _video.Clip[_video.NextFrame];
        while (now >= _nextPacket && _packetOfFrame < frame.Count)
        {
            SendPacket(frame, now);
            _nextPacket += _packetInterval;
        }

        if (_packetOfFrame < frame.Count) return;
        _nextPacket = MonotonicTime.Never;
        _video.EndFrame();
    }

    private void SendPacket(in MediaClip.Frame frame, MonotonicTime now)
    {
        var packet = frame.First + _packetOfFrame++;
        _sentTimes.Set(packet, now);
        _video.Send(_peer, packet, _video.FrameNumber, marker: _packetOfFrame == frame.Count, ref _transportSequence);
        _counters.Published++;
    }

    private void Answer(in NackView nack)
    {
        foreach (var sequenceNumber in nack)
        {
            if (_video.Resend(_peer, sequenceNumber, ref _transportSequence)) _counters.NacksAnswered++;
        }

        _peer.Flush();
    }

    private void SendReports(MonotonicTime now)
    {
        _nextReport = now + ReportInterval;
        var wallClock = NtpTime.FromUnixNanoseconds((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
        SendReport(_video, _videoStart, wallClock, now);
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
