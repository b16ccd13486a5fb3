using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;
using Broadcast.Rtc.Rtcp;
using Broadcast.Testing.Media;
using Broadcast.Testing.Network;

namespace Broadcast.Testing.Peers;

/// <summary>A publisher of synthetic VP8 and Opus.</summary>
public sealed class TestPublisher : TestPeer
{
    private static readonly TimeSpan AudioInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EncoderThrottle = TimeSpan.FromMilliseconds(300);

    /// <summary>The transport-wide number of the first packet: it wraps soon.</summary>
    public const ushort FirstTransportNumber = 65_000;

    private readonly uint[] _sources;
    private readonly List<MonotonicTime> _frameTimes = [];
    private readonly List<MonotonicTime> _audioTimes = [];
    private ushort _transport = FirstTransportNumber;
    private MonotonicTime _nextFrame;
    private MonotonicTime _nextAudio;
    private MonotonicTime _nextReport;
    private MonotonicTime _lastKeyframe;
    private bool _keyframeWanted = true;
    private ushort _pictureId;
    private byte _tl0;

    /// <summary>Creates a publisher with its offer.</summary>
    public TestPublisher(VirtualClock clock, VirtualHost host, Random random, PublisherProfile profile)
        : base(clock, host, random)
    {
        Profile = profile;
        var offer = OfferText.WithSources(profile.Offer, random, out _sources);
        if (profile.VideoSsrc != 0)
        {
            offer = offer.Replace($"{_sources[1]}", $"{profile.VideoSsrc}", StringComparison.Ordinal);
            _sources[1] = profile.VideoSsrc;
        }

        Offer = OfferText.WithTransport(offer, LocalIce, Fingerprint);
        _pictureId = profile.FirstPictureId;
    }

    /// <summary>How it behaves.</summary>
    public PublisherProfile Profile { get; set; }

    /// <summary>The SDP offer.</summary>
    public string Offer { get; }

    /// <summary>The video track; null before the answer.</summary>
    public SendingTrack? Video { get; private set; }

    /// <summary>The audio track.</summary>
    public SendingTrack? Audio { get; private set; }

    /// <summary>What the server said.</summary>
    public PublisherFeedback Feedback { get; } = new();

    /// <summary>False stops frames and sound.</summary>
    public bool IsSending { get; set; } = true;

    /// <summary>False keeps sender reports back.</summary>
    public bool SendsReports { get; set; } = true;

    /// <summary>Frames sent.</summary>
    public int Frames { get; private set; }

    /// <summary>Keyframes sent.</summary>
    public int Keyframes { get; private set; }

    /// <summary>Audio packets sent.</summary>
    public int AudioPackets { get; private set; }

    /// <summary>When each transport-wide number was sent, extended.</summary>
    public List<MonotonicTime> TransportSentAt { get; } = [];

    /// <summary>This publisher's wall clock.</summary>
    public ulong NtpAt(MonotonicTime time) => WallClock(time, Profile.ClockOffset);

    /// <summary>When this publisher captured what a viewer received, on its wall clock.</summary>
    public ulong NtpOf(ReceivedPacket packet) => NtpAt(packet.Video.Count > 0 ? _frameTimes[packet.Video.Frame] : _audioTimes[packet.Audio.Number]);

    /// <summary>Sends a probe on source 0 as Chrome does before media.</summary>
    public void SendProbe() => SendRtp(Video!.Padding(Sender!, 0, 0, ref _transport, Clock.Now));

    /// <summary>Sends padding on the repair source.</summary>
    public void SendRtxPadding() => SendRtp(Video!.Padding(Sender!, Video.RtxSsrc, Video.TimestampAt(Clock.Now), ref _transport, Clock.Now));

    /// <summary>Sends padding on the media source.</summary>
    public void SendMediaPadding() => SendRtp(Video!.Padding(Sender!, Video.Ssrc, Video.TimestampAt(Clock.Now), ref _transport, Clock.Now));

    /// <summary>Says BYE for all sources.</summary>
    public void SayBye()
    {
        Span<byte> compound = stackalloc byte[200];
        var length = RtcpWriter.ReceiverReport(compound, Video!.Ssrc, default);
        length += RtcpWriter.Bye(compound[length..], Audio is null ? [Video.Ssrc] : [Video.Ssrc, Audio.Ssrc]);
        SendRtcp(compound[..length]);
        IsSending = SendsReports = false;
    }

    /// <summary>Makes the packets of the next frame, protected, without sending them.</summary>
    public List<byte[]> NextFrame(bool keyframe)
    {
        var now = Clock.Now;
        if (Profile.Packetize is not null) return NextPacketized(keyframe, now);
        var count = keyframe ? Profile.PacketsPerKeyframe : Profile.PacketsPerFrame;
        var packets = new List<byte[]>(count);
        var buffer = new byte[Profile.PayloadLength];
        for (var i = 0; i < count; i++)
        {
            var length = i == count - 1 ? Math.Max(Vp8Content.MinPayloadLength, Profile.PayloadLength / 3) : Profile.PayloadLength - (i & 1);
            var payload = buffer.AsSpan(0, length);
            new Vp8Content(Profile.Source, Frames, (byte)i, (byte)count, keyframe).Write(payload, _pictureId, _tl0);
            packets.Add(Video!.NextPacket(Sender!, payload, Video.TimestampAt(now), i == count - 1, ref _transport, now));
        }

        Frames++;
        _frameTimes.Add(now);
        if (keyframe) Keyframes++;
        _pictureId = (ushort)((_pictureId + 1) & 0x7FFF);
        _tl0++;
        return packets;
    }

    /// <inheritdoc/>
    protected override void OnAccepted()
    {
        foreach (var track in Tracks)
        {
            if (track.Kind == MediaKind.Audio) Audio = new SendingTrack(track, _sources[0], 0, 100, Profile.TimestampOrigin + 777_777);
            else Video = new SendingTrack(track, _sources[1], _sources.Length > 2 ? _sources[2] : 0, Profile.FirstSequence, Profile.TimestampOrigin);
        }
    }

    /// <inheritdoc/>
    protected override void OnTick(MonotonicTime now)
    {
        if (_nextFrame == MonotonicTime.Zero)
        {
            _nextFrame = _nextAudio = now;
            _nextReport = now + TimeSpan.FromMilliseconds(300);
        }

        while (IsSending && Profile.SendsAudio && Audio is not null && now >= _nextAudio)
        {
            SendAudio(now);
            _nextAudio += AudioInterval;
        }

        while (IsSending && now >= _nextFrame)
        {
            SendFrame(now);
            _nextFrame += TimeSpan.FromSeconds(1 / Profile.FramesPerSecond);
        }

        if (!IsSending) (_nextFrame, _nextAudio) = (now, now);
        if (now < _nextReport || !SendsReports) return;
        if (Audio is not null && Profile.SendsAudio) SendReport(Audio, NtpAt(now), now);
        SendReport(Video!, NtpAt(now), now);
        _nextReport = now + ReportInterval;
    }

    /// <inheritdoc/>
    protected override void OnRtp(ReadOnlySpan<byte> packet, long extendedSequenceNumber)
    {
    }

    /// <inheritdoc/>
    protected override void OnRtcp(ReadOnlySpan<byte> compound)
    {
        var nacks = Feedback.Nacks.Count;
        var requests = Feedback.KeyframeRequests.Count;
        Feedback.Read(compound, Clock.Now);
        if (Feedback.KeyframeRequests.Count > requests && Profile.AnswersPli) _keyframeWanted = true;
        foreach (var (_, ssrc, sequence) in Feedback.Nacks[nacks..])
        {
            var track = ssrc == Audio?.Ssrc ? Audio : Video!;
            if (track.Resend(Sender!, sequence, ref _transport, Clock.Now) is { } packet) SendRtp(packet);
        }
    }

    private List<byte[]> NextPacketized(bool keyframe, MonotonicTime now)
    {
        var payloads = Profile.Packetize!(Frames++, keyframe);
        _frameTimes.Add(now);
        if (keyframe) Keyframes++;
        var packets = new List<byte[]>(payloads.Count);
        for (var i = 0; i < payloads.Count; i++)
        {
            packets.Add(Video!.NextPacket(Sender!, payloads[i], Video.TimestampAt(now), i == payloads.Count - 1, ref _transport, now));
        }

        return packets;
    }

    private void SendFrame(MonotonicTime now)
    {
        var keyframe = (_keyframeWanted && (Keyframes == 0 || now - _lastKeyframe >= EncoderThrottle)) || now - _lastKeyframe >= Profile.KeyframeInterval;
        if (keyframe) (_keyframeWanted, _lastKeyframe) = (false, now);
        foreach (var packet in NextFrame(keyframe)) SendRtp(packet);
    }

    private void SendAudio(MonotonicTime now)
    {
        Span<byte> payload = stackalloc byte[OpusContent.Length];
        new OpusContent(Profile.Source, AudioPackets++).Write(payload);
        _audioTimes.Add(now);
        if (!Profile.SendsCopies)
        {
            SendRtp(Audio!.NextPacket(Sender!, payload, Audio.TimestampAt(now), marker: false, ref _transport, now));
            return;
        }

        Span<byte> before = stackalloc byte[OpusContent.Length];
        var timestamp = Audio!.TimestampAt(now);
        if (AudioPackets > 1) new OpusContent(Profile.Source, AudioPackets - 2).Write(before);
        var isAfterPadding = AudioPackets % 10 == 1;
        var copy = AudioPackets > 1 && !isAfterPadding ? new RedBlock(Audio.Track.Format.PayloadType, timestamp - Audio.TimestampAt(_audioTimes[^2]), before) : default;
        SendRtp(Audio.NextRedundant(Sender!, payload, copy, timestamp, ref _transport, now));
        if (AudioPackets % 10 == 0) SendRtp(Audio.NextRedundant(Sender!, default, default, timestamp, ref _transport, now));
    }

    private void SendRtp(byte[] wire)
    {
        var made = TransportSentAt.Count + (ushort)(_transport - FirstTransportNumber - TransportSentAt.Count);
        while (TransportSentAt.Count < made) TransportSentAt.Add(Clock.Now);
        Host.Send(wire);
    }
}
