using Broadcast.Rtc;
using Broadcast.Testing.Media;
using Broadcast.Testing.Network;

namespace Broadcast.Testing.Peers;

/// <summary>A publisher of one picture in several encodings by RID, or in layers; no sound.</summary>
public sealed class SimulcastPublisher : TestPeer
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EncoderThrottle = TimeSpan.FromMilliseconds(300);

    private readonly uint[] _sources;
    private readonly List<EncodingSender> _encodings = [];
    private ushort _transport = 65_000;
    private MonotonicTime _nextFrame;
    private MonotonicTime _nextReport;

    /// <summary>Creates a publisher with its offer.</summary>
    public SimulcastPublisher(VirtualClock clock, VirtualHost host, Random random, SimulcastProfile profile)
        : base(clock, host, random)
    {
        Profile = profile;
        var offer = OfferText.WithSources(profile.Offer, random, out _sources);
        Offer = OfferText.WithTransport(offer, LocalIce, Fingerprint);
    }

    /// <summary>How it behaves.</summary>
    public SimulcastProfile Profile { get; set; }

    /// <summary>The SDP offer.</summary>
    public string Offer { get; }

    /// <summary>The encodings in the order of the profile.</summary>
    public IReadOnlyList<EncodingSender> Encodings => _encodings;

    /// <summary>What the server said.</summary>
    public PublisherFeedback Feedback { get; } = new();

    /// <summary>False stops all encodings.</summary>
    public bool IsSending { get; set; } = true;

    /// <summary>False keeps sender reports back.</summary>
    public bool SendsReports { get; set; } = true;

    /// <summary>Pictures taken.</summary>
    public int Pictures { get; private set; }

    /// <summary>RTP datagrams sent, repairs included.</summary>
    public long Datagrams { get; private set; }

    /// <summary>When a picture of an encoding was taken.</summary>
    public MonotonicTime TakenAt(in LayeredContent content) => _encodings[content.Encoding].TakenAt[content.Picture];

    /// <summary>Makes the packets of the next picture of an encoding, protected, without sending them.</summary>
    public List<byte[]> NextPicture(EncodingSender encoding, bool keyframe)
    {
        var now = Clock.Now;
        var timestamp = encoding.Track.TimestampAt(now);
        encoding.TakenAt.Add(now);
        if (keyframe) encoding.Keyframes++;
        if (Profile.SizesVary) encoding.Encoder.Size = (Random.Next(16, 4_000), Random.Next(16, 4_000));
        return
        [
            .. encoding.Encoder.Next(keyframe).Select(packet =>
                encoding.Track.NextPacket(Sender!, packet.Payload, timestamp, packet.Marker, ref _transport, now, packet.DependencyDescriptor)),
        ];
    }

    /// <inheritdoc/>
    protected override void OnAccepted()
    {
        var video = Tracks.First(track => track.Kind == MediaKind.Video);
        for (var i = 0; i < Profile.Encodings.Count; i++)
        {
            var profile = Profile.Encodings[i];
            var declared = profile.Rid.Length == 0;
            var ssrc = declared ? _sources[1] : (uint)Random.Next(1_000_000_000, int.MaxValue);
            var rtx = declared ? _sources.Length > 2 ? _sources[2] : 0 : (uint)Random.Next(1_000_000_000, int.MaxValue);
            _encodings.Add(new EncodingSender(
                new SendingTrack(video, ssrc, rtx, profile.FirstSequence, profile.TimestampOrigin, profile.Rid),
                new LayeredEncoder(Profile.Codec, Profile.SpatialLayers, Profile.IsKeyMode, (byte)i, profile.Width, profile.Height)
                {
                    PictureId = profile.FirstPictureId,
                    PacketsPerFrame = profile.PacketsPerFrame,
                    BodyLength = profile.BodyLength,
                    IsFlexible = Profile.IsFlexible,
                }));
        }
    }

    /// <inheritdoc/>
    protected override void OnTick(MonotonicTime now)
    {
        if (_nextFrame == MonotonicTime.Zero)
        {
            _nextFrame = now;
            _nextReport = now + TimeSpan.FromMilliseconds(300);
        }

        while (now >= _nextFrame)
        {
            if (IsSending) SendPictures(now);
            _nextFrame += TimeSpan.FromSeconds(1 / Profile.FramesPerSecond);
        }

        if (now < _nextReport || !SendsReports) return;
        foreach (var encoding in _encodings.Where(encoding => encoding.Track.Packets > 0)) SendReport(encoding.Track, WallClock(now), now);
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
        var requests = Feedback.KeyframeTargets.Count;
        Feedback.Read(compound, Clock.Now);
        foreach (var (_, ssrc) in Feedback.KeyframeTargets[requests..])
        {
            if (_encodings.Find(encoding => encoding.Track.Ssrc == ssrc) is { } encoding && Profile.AnswersPli) encoding.KeyframeWanted = true;
        }

        foreach (var (_, ssrc, sequence) in Feedback.Nacks[nacks..])
        {
            if (_encodings.Find(encoding => encoding.Track.Ssrc == ssrc)?.Track.Resend(Sender!, sequence, ref _transport, Clock.Now) is { } packet) Send(packet);
        }
    }

    private void SendPictures(MonotonicTime now)
    {
        Pictures++;
        var together = Profile.KeyframesTogether && _encodings.Exists(encoding => encoding.IsActive && IsDue(encoding, now));
        foreach (var encoding in _encodings)
        {
            if (!encoding.IsActive) continue;
            var keyframe = together || IsDue(encoding, now);
            if (keyframe) (encoding.KeyframeWanted, encoding.LastKeyframe) = (false, now);
            foreach (var packet in NextPicture(encoding, keyframe)) Send(packet);
        }
    }

    private bool IsDue(EncodingSender encoding, MonotonicTime now) =>
        encoding.Keyframes == 0
        || (encoding.KeyframeWanted && now - encoding.LastKeyframe >= EncoderThrottle)
        || now - encoding.LastKeyframe >= Profile.KeyframeInterval;

    private void Send(byte[] packet)
    {
        Datagrams++;
        Host.Send(packet);
    }
}

/// <summary>One encoding of a <see cref="SimulcastPublisher"/>: it may fall silent and come back, which it does with a keyframe.</summary>
public sealed class EncodingSender(SendingTrack track, LayeredEncoder encoder)
{
    private bool _isActive = true;

    /// <summary>Numbers and history.</summary>
    public SendingTrack Track { get; } = track;

    /// <summary>Pictures.</summary>
    public LayeredEncoder Encoder { get; } = encoder;

    /// <summary>When each picture was taken.</summary>
    public List<MonotonicTime> TakenAt { get; } = [];

    /// <summary>False sends nothing, silently, as Chrome does when bandwidth goes down.</summary>
    public bool IsActive
    {
        get => _isActive;
        set
        {
            if (value && !_isActive) KeyframeWanted = true;
            _isActive = value;
        }
    }

    /// <summary>Keyframes sent.</summary>
    public int Keyframes { get; internal set; }

    internal bool KeyframeWanted { get; set; }

    internal MonotonicTime LastKeyframe { get; set; }
}
