using System.Buffers.Binary;
using System.Security.Cryptography;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Client.Connections;

/// <summary>A viewer that does all a browser does but decode: it verifies, counts, repairs, reports and asks for keyframes.</summary>
/// <remarks>
/// Until the first keyframe is complete every packet is decrypted; afterwards every n-th, and all retransmissions,
/// because what they repair is encrypted. Belongs to one loop.
/// </remarks>
internal sealed class ViewerSession : IPeerMedia
{
    private readonly TrackParameters? _audio;
    private readonly TrackParameters? _video;
    private readonly ReceiveTrack _audioTrack = new(48_000);
    private readonly ReceiveTrack _videoTrack = new(90_000);
    private readonly KeyframeWatch _keyframe;
    private readonly ViewerFeedback _feedback;
    private readonly SentTimes? _sentTimes;
    private readonly byte _transportSequenceId;
    private readonly int _sampleEvery;
    private int _untilSample;
    private Peer _peer = null!;
    private LoopCounters _counters = null!;

    /// <summary>Creates the media part of a viewer.</summary>
    /// <param name="audio">Null when there is none.</param>
    /// <param name="video">Null when there is none.</param>
    /// <param name="sampleEvery">Decrypt every so many packets once playing.</param>
    /// <param name="sentTimes">Of the publisher that is watched; null when it is elsewhere.</param>
    public ViewerSession(TrackParameters? audio, TrackParameters? video, int sampleEvery, SentTimes? sentTimes)
    {
        _audio = audio;
        _video = video;
        _sampleEvery = sampleEvery;
        _untilSample = RandomNumberGenerator.GetInt32(sampleEvery) + 1;
        _sentTimes = sentTimes;
        _keyframe = new KeyframeWatch(video?.Codec ?? CodecKind.Vp8);
        var reported = video ?? audio;
        _transportSequenceId = reported is { TransportFeedback: true } ? reported.Extensions.IdOf(HeaderExtensionKind.TransportSequenceNumber) : (byte)0;
        _feedback = new ViewerFeedback(_audioTrack, _videoTrack, video, withTransportFeedback: _transportSequenceId != 0);
    }

    /// <summary>When the keys were there: ICE and DTLS are done; zero before.</summary>
    public MonotonicTime ConnectedAt { get; private set; }

    /// <summary>When the first keyframe was complete (or the first audio packet verified, without video); zero before.</summary>
    public MonotonicTime PlayingSince { get; private set; }

    /// <summary>It shows a picture.</summary>
    public bool IsPlaying => PlayingSince != MonotonicTime.Zero;

    /// <summary>When the last media packet came.</summary>
    public MonotonicTime LastPacketAt { get; private set; }

    /// <summary>The gaps between packets of the picture; of the sound where there is no picture. Belongs to the loop.</summary>
    public PauseWatch Pauses { get; } = new();

    /// <summary>Media packets that are lost for good.</summary>
    public long Lost => _videoTrack.Missing.GivenUp + _audioTrack.Missing.GivenUp;

    /// <summary>Packets of the picture that came, repaired ones included; of the sound where there is no picture.</summary>
    public long PacketCount => Pauses.Packets;

    /// <summary>The stream that carries the picture; 0 before its first packet.</summary>
    public uint VideoSource => _videoTrack.HasStarted ? _videoTrack.Ssrc : 0;

    /// <summary>Why it ended by itself; null while it lives.</summary>
    public string? EndReason { get; private set; }

    /// <summary>Called once when it begins to play or ends before that. By the loop's thread.</summary>
    public Action<ViewerSession>? Settled { get; init; }

    /// <inheritdoc/>
    public MonotonicTime NextTimeout => _feedback.NextTimeout;

    /// <inheritdoc/>
    public void HandleConnected(Peer peer, MonotonicTime now)
    {
        ConnectedAt = now;
        _peer = peer;
        _counters = peer.Loop.Counters;
        _feedback.Start(peer, now);
    }

    /// <inheritdoc/>
    public void HandleRtp(Span<byte> packet, MonotonicTime arrival)
    {
        if (TransportSequence.TryRead(packet, _transportSequenceId, out var number)) _feedback.AddArrival(number, arrival);
        var payloadType = packet[1] & 0x7F;
        if (_video is not null && payloadType == _video.PayloadType) ReceiveMedia(_videoTrack, packet, arrival, isVideo: true);
        else if (_audio is not null && payloadType == _audio.PayloadType) ReceiveMedia(_audioTrack, packet, arrival, isVideo: false);
        else if (_video is { RtxPayloadType: not 0 } && payloadType == _video.RtxPayloadType) ReceiveRetransmission(packet, arrival);
    }

    /// <inheritdoc/>
    public void HandleRtcp(ReadOnlySpan<byte> packet, MonotonicTime now)
    {
        var reader = new RtcpReader(packet);
        while (reader.TryRead(out var part, out _))
        {
            if (part.Kind != RtcpPacketKind.SenderReport || SenderReportView.TryParse(part, out var report) != DropReason.None) continue;
            _counters.SenderReports++;
            if (_videoTrack.HasStarted && report.Ssrc == _videoTrack.Ssrc) _videoTrack.HandleSenderReport(report.NtpTimestamp, now);
            else if (_audioTrack.HasStarted && report.Ssrc == _audioTrack.Ssrc) _audioTrack.HandleSenderReport(report.NtpTimestamp, now);
        }
    }

    /// <inheritdoc/>
    public void HandleTimeout(MonotonicTime now)
    {
        var lostBefore = _videoTrack.Missing.GivenUp;
        var allBefore = lostBefore + _audioTrack.Missing.GivenUp;
        _feedback.HandleTimeout(now);
        _counters.Lost += _videoTrack.Missing.GivenUp + _audioTrack.Missing.GivenUp - allBefore;
        if (_videoTrack.Missing.GivenUp != lostBefore) _feedback.RequestKeyframe(now); // the picture is broken until the next one
    }

    /// <inheritdoc/>
    public void HandleClosed(string reason)
    {
        EndReason = reason;
        if (!IsPlaying) Settled?.Invoke(this);
    }

    private void ReceiveMedia(ReceiveTrack track, Span<byte> packet, MonotonicTime arrival, bool isVideo)
    {
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        if (track.HasStarted && ssrc != track.Ssrc) return;
        var sequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var timestamp = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var length = packet.Length;
        var sampled = --_untilSample <= 0;
        if (sampled || (!IsPlaying && isVideo) || !track.HasStarted)
        {
            if (sampled) _untilSample = _sampleEvery;
            if (!TryDecrypt(ref packet)) return;
        }
        else
        {
            packet = default;
        }

        Count(track.Receive(ssrc, sequenceNumber, timestamp, arrival), length);
        LastPacketAt = arrival;
        if (isVideo || _video is null) Pauses.Note(arrival);
        if (packet.IsEmpty || RtpPacketView.TryParse(packet, out var view) != DropReason.None) return;
        if (isVideo && !IsPlaying) WatchKeyframe(track.Extend(sequenceNumber), view, view.Payload, arrival);
        else if (_video is null && !IsPlaying) BeginPlaying(arrival);
        else if (sampled && _sentTimes is not null && _sentTimes.TryFind(view.Payload, out var sentAt)) _counters.Delay.Add(arrival - sentAt);
    }

    private void ReceiveRetransmission(Span<byte> packet, MonotonicTime arrival)
    {
        if (!TryDecrypt(ref packet)) return;
        if (RtpPacketView.TryParse(packet, out var view) != DropReason.None) return;
        if (RtxPayload.TryParse(view.Payload, out var original, out var payload) != DropReason.None) return; // padding that probes
        _counters.Retransmissions++;
        Count(_videoTrack.Recover(original, arrival), packet.Length);
        Pauses.Note(arrival);
        if (!IsPlaying && _videoTrack.HasStarted) WatchKeyframe(_videoTrack.Extend(original), view, payload, arrival);
    }

    private bool TryDecrypt(ref Span<byte> packet)
    {
        var reason = _peer.Receiver!.UnprotectRtp(packet, out var length, out _);
        if (reason is DropReason.SrtpReplayed or DropReason.SrtpTooOld)
        {
            _counters.Duplicates++;
            return false;
        }

        if (reason != DropReason.None)
        {
            _counters.AuthenticationFailures++;
            return false;
        }

        _counters.Verified++;
        packet = packet[..length];
        return true;
    }

    private void Count(ReceiveTrack.Verdict verdict, int length)
    {
        if (verdict == ReceiveTrack.Verdict.Duplicate)
        {
            _counters.Duplicates++;
            return;
        }

        if (verdict == ReceiveTrack.Verdict.Repair) _counters.Repaired++;
        _counters.MediaPackets++;
        _counters.MediaBytes += length;
    }

    private void WatchKeyframe(long extended, in RtpPacketView view, ReadOnlySpan<byte> payload, MonotonicTime arrival)
    {
        _keyframe.Receive(extended, view.Timestamp, view.Marker, payload);
        if (_keyframe.IsComplete(_videoTrack)) BeginPlaying(arrival);
        else if (_keyframe.NeedsKeyframe) _feedback.RequestKeyframe(arrival);
    }

    private void BeginPlaying(MonotonicTime now)
    {
        PlayingSince = now;
        _feedback.CancelKeyframeRequest();
        Settled?.Invoke(this);
    }
}
