using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Payloads;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Media.Receive;

/// <summary>One m-line of a publisher, or one simulcast encoding of it: its SSRCs, holes, statistics, and the track that it feeds.</summary>
/// <remarks>Owned by the publisher's worker; not thread-safe.</remarks>
public sealed class ReceiveTrack
{
    /// <summary>How long a source must be silent before another SSRC may take its place; libwebrtc ignores a change within 500 ms too.</summary>
    public static readonly TimeSpan SilenceBeforeChange = TimeSpan.FromMilliseconds(500);

    private const int MaxForwardable = 160;

    /// <summary>10 s in NTP units.</summary>
    private const ulong SetBack = 10UL << 32;

    private readonly NackGenerator _nack = new();
    private readonly ParameterSetWatch? _parameterSets;
    private ReceiveStatistics _statistics;
    private SourceSplice _splice;
    private long _lostBefore;
    private long _filledByCopies;
    private long _framesTaken;
    private ulong _lastSenderReport;
    private MonotonicTime _lastSenderReportAt;
    private bool _senderReported;

    /// <summary>Creates the receiving side of a negotiated m-line, or of one of its simulcast encodings.</summary>
    public ReceiveTrack(NegotiatedMedia media, SourceTrack source)
    {
        Media = media;
        Source = source;
        if (source.Rid.Length == 0)
        {
            Ssrc = source.OriginSsrc = media.OfferedSsrc ?? 0;
            RtxSsrc = media.OfferedRtxSsrc ?? 0;
        }

        if (media.Kind == MediaKind.Video) Layers = new EncodingLayers(media.Codec.Codec);
        _statistics = new ReceiveStatistics(media.Codec.ClockRateHz);
        _splice = new SourceSplice(media.Codec.ClockRateHz);
        if (source.ParameterSets is not null) _parameterSets = new ParameterSetWatch(source);
    }

    /// <summary>What was negotiated.</summary>
    public NegotiatedMedia Media { get; }

    /// <summary>What viewers' workers read.</summary>
    public SourceTrack Source { get; }

    /// <summary>Spatial and temporal layers; null for audio.</summary>
    internal EncodingLayers? Layers { get; }

    /// <summary>True when media of any source has arrived.</summary>
    public bool HasMedia => Packets > 0;

    /// <summary>The media SSRC; 0 until bound.</summary>
    public uint Ssrc { get; private set; }

    /// <summary>The RTX SSRC; 0 until bound.</summary>
    public uint RtxSsrc { get; private set; }

    /// <summary>Packets of media that arrived first-hand or by repair, without duplicates.</summary>
    public long Packets { get; private set; }

    /// <summary>Payload bytes of those packets.</summary>
    public long Bytes { get; private set; }

    /// <summary>Frames that ended.</summary>
    public long Frames { get; private set; }

    /// <summary>Keyframes that began.</summary>
    public long Keyframes { get; private set; }

    /// <summary>Width of the last keyframe in pixels; 0 when unknown.</summary>
    public int Width { get; private set; }

    /// <summary>Height of the last keyframe in pixels; 0 when unknown.</summary>
    public int Height { get; private set; }

    /// <summary>Packets never received.</summary>
    public long Lost => _lostBefore + _statistics.Lost;

    /// <summary>Packets recovered after a NACK, or from copies in later ones.</summary>
    public long Repaired => _nack.Repaired + _filledByCopies;

    /// <summary>Smoothed time from a NACK to its repair.</summary>
    public TimeSpan RoundTrip => _nack.RoundTrip;

    /// <summary>True when a repair has been timed.</summary>
    public bool HasRoundTrip => _nack.Repaired > 0;

    /// <summary>True when the present source has sent media.</summary>
    public bool HasStarted => _statistics.Received > 0;

    /// <summary>True when the peer said BYE for the media SSRC.</summary>
    public bool SaidBye { get; private set; }

    /// <summary>Sequence numbers asked for again, each as often as it was.</summary>
    public long NacksSent { get; private set; }

    /// <summary>True when a sequence number is known to be missing.</summary>
    public bool IsMissing(long sequence) => _nack.IsMissing(sequence);

    /// <summary>True when holes are open.</summary>
    public bool HasHoles => _nack.Missing > 0;

    /// <summary>True when an SSRC that is not bound yet may be: the first one, or after the old one has ended or fallen silent.</summary>
    public bool CanBind(bool isRtx, MonotonicTime arrival) =>
        isRtx || !HasStarted || SaidBye || arrival - _splice.LastAt > SilenceBeforeChange;

    /// <summary>Binds an SSRC to the media or the repair stream; the first report block may follow only now, for it ends libwebrtc's MID and RID.</summary>
    public void Bind(uint ssrc, bool isRtx)
    {
        if (isRtx)
        {
            RtxSsrc = ssrc;
            return;
        }

        Ssrc = Source.OriginSsrc = ssrc;
        if (!HasStarted) return;
        _lostBefore = Lost;
        _statistics = new ReceiveStatistics(Media.Codec.ClockRateHz);
        _nack.Reset();
        _splice.Begin();
        _senderReported = SaidBye = false;
        if (Media.Kind == MediaKind.Video) Source.Keyframes.Want();
    }

    /// <summary>When the last packet was taken; zero before the first.</summary>
    public MonotonicTime LastMedia => _splice.LastAt;

    /// <summary>Up to when everything that was sent had arrived.</summary>
    public MonotonicTime WholeUntil => MonotonicTime.Min(LastMedia, _nack.OldestSince);

    /// <summary>The share that is missing since then, 0 to 1.</summary>
    public double MissingShare => _nack.MissingShare;

    /// <summary>The sequence number after the newest; meaningless before the first packet.</summary>
    public long NextSequence => _nack.Highest + 1;

    /// <summary>Says from where on packets will come: what is missing then is a hole, and what lies between is none.</summary>
    public void ExpectFrom(long sequence)
    {
        if (!_nack.ExpectFrom(sequence) || !HasStarted) return;
        _lostBefore = Lost;
        _statistics = new ReceiveStatistics(Media.Codec.ClockRateHz);
    }

    /// <summary>Takes a round trip that was measured otherwise than by repairs.</summary>
    public void NoteRoundTrip(TimeSpan roundTrip) => _nack.RoundTrip = roundTrip;

    /// <summary>Asks at once for what is missing: another one answers now.</summary>
    public void AskAgain() => _nack.AskAgain();

    /// <summary>Handles a media packet, original or restored from RTX.</summary>
    /// <param name="sequence">Extended sequence number.</param>
    /// <param name="timestamp">Its RTP timestamp.</param>
    /// <param name="marker">Its M bit.</param>
    /// <param name="payload">Media payload without padding.</param>
    /// <param name="values">Its header extensions.</param>
    /// <param name="arrival">When it came.</param>
    /// <param name="restored">True when it came as RTX, or as a copy in a later packet.</param>
    /// <param name="age">How long another node had it before it was sent here from there.</param>
    public DropReason HandleMedia(
        long sequence, uint timestamp, bool marker, ReadOnlySpan<byte> payload, in HeaderExtensionValues values, MonotonicTime arrival, bool restored,
        TimeSpan age = default)
    {
        var order = _nack.OnPacket(sequence, arrival, restored || Media.Codec.RtxPayloadType is null);
        if (order == SequenceArrival.Duplicate) return DropReason.RtpDuplicate;
        if (order == SequenceArrival.AfterUnrepairableGap && Media.Kind == MediaKind.Video) Source.Keyframes.Want();

        var inOrder = order != SequenceArrival.FillsGap;
        _statistics.OnPacket(sequence, timestamp, arrival, inOrder, restored);

        var info = payload.IsEmpty || Media.Kind == MediaKind.Audio ? default : PayloadInspector.Inspect(Source.Codec, payload, marker);
        var flags = (marker ? PacketFlags.Marker : 0)
            | (info.StartsKeyframe ? PacketFlags.StartsKeyframe : 0)
            | (info.StartsFrame ? PacketFlags.StartsFrame : 0)
            | (payload.IsEmpty ? PacketFlags.PaddingOnly : 0)
            | (inOrder ? 0 : PacketFlags.Late);

        var reason = _splice.TryMap(ref sequence, ref timestamp, arrival, info.StartsKeyframe || Media.Kind == MediaKind.Audio);
        if (reason != DropReason.None) return reason;
        var layers = Layers is null || payload.IsEmpty ? default : Layers.Note(payload, values, info.StartsKeyframe, arrival);
        if (_parameterSets is not null && _parameterSets.Note(payload, sequence, timestamp, info.StartsKeyframe)) flags |= PacketFlags.LacksParameterSets;

        Span<byte> extensions = stackalloc byte[MaxForwardable];
        var extensionLength = ForwardableExtensions.Write(extensions, values);
        var position = Source.Log.Append(sequence, timestamp, flags, arrival - age, extensions[..extensionLength], payload, layers);
        if (position < 0) return DropReason.RtpTooLarge;

        Packets++;
        Bytes += payload.Length;
        if (marker) Frames++;
        if (info.StartsKeyframe) OnKeyframe(info, position, sequence, arrival - age);
        return DropReason.None;
    }

    /// <summary>Frames since the last call.</summary>
    internal long TakeFrames()
    {
        var frames = Frames - _framesTaken;
        _framesTaken = Frames;
        return frames;
    }

    /// <summary>Extends a 16-bit sequence number to the one nearest to the newest received.</summary>
    public long Extend(ushort sequenceNumber)
    {
        var highest = _statistics.Highest;
        return highest + (short)(sequenceNumber - (ushort)highest);
    }

    /// <summary>Notes the publisher's sender report.</summary>
    public void HandleSenderReport(ulong ntpTimestamp, uint rtpTimestamp, MonotonicTime now)
    {
        // An overtaken report would turn the clock back; one that is far behind says that the publisher's clock was set.
        var behind = _lastSenderReport - ntpTimestamp;
        if (_senderReported && behind < SetBack) return;
        _lastSenderReport = ntpTimestamp;
        if (!_splice.IsPending) Source.Clock.Update(new SenderReportPair(ntpTimestamp, rtpTimestamp + _splice.TimestampOffset, now));
        _lastSenderReportAt = now;
        _senderReported = true;
    }

    /// <summary>Notes a BYE for the media SSRC.</summary>
    public void HandleBye() => SaidBye = true;

    /// <summary>Makes the report block of the present interval.</summary>
    /// <returns>False before the first packet.</returns>
    public bool TryReport(MonotonicTime now, out ReportBlock block)
    {
        block = default;
        if (Ssrc == 0 || !HasStarted) return false;
        var (fraction, cumulative) = _statistics.TakeInterval();
        var delay = _senderReported ? NtpTime.CompactFromNanoseconds((now - _lastSenderReportAt).Ticks * 100) : 0;
        block = new ReportBlock(
            Ssrc, fraction, cumulative, (uint)_statistics.Highest, _statistics.Jitter, NtpTime.Compact(_lastSenderReport), delay);
        return true;
    }

    /// <summary>Fills a hole with a copy that a later packet carried; nobody had to ask for it.</summary>
    public void Restore(long sequence, uint timestamp, ReadOnlySpan<byte> payload, MonotonicTime arrival)
    {
        var asked = _nack.Repaired;
        if (HandleMedia(sequence, timestamp, marker: false, payload, default, arrival, restored: true) == DropReason.None && _nack.Repaired == asked) _filledByCopies++;
    }

    /// <summary>Collects sequence numbers to ask for again; empty when the publisher did not negotiate NACK.</summary>
    public int CollectNacks(MonotonicTime now, Span<ushort> sequences)
    {
        var givenUp = _nack.GivenUp;
        var count = _nack.Collect(now, sequences);
        if (_nack.GivenUp != givenUp) OnGivenUp();
        if (!Media.Codec.Nack) return 0;
        NacksSent += count;
        return count;
    }

    /// <summary>A hole breaks every picture up to the next keyframe; players notice only after seconds without one (libwebrtc: 3 s).</summary>
    private void OnGivenUp()
    {
        if (Media.Kind != MediaKind.Video) return;
        var afterHole = Source.KeyframePosition >= 0
            && Source.Log.TryGet(Source.KeyframePosition, out var keyframe)
            && keyframe.ExtendedSequenceNumber > _nack.NewestGivenUp;
        if (!afterHole) Source.Keyframes.Want();
    }

    private void OnKeyframe(in PayloadInfo info, long position, long sequence, MonotonicTime arrival)
    {
        // SPS and IDR of one H.264 keyframe both qualify; only the first begins it.
        if (Source.KeyframePosition >= 0
            && Source.Log.TryGet(Source.KeyframePosition, out var previous)
            && Source.Log.TryGet(position, out var current)
            && (previous.Timestamp == current.Timestamp || previous.ExtendedSequenceNumber > sequence))
        {
            // An SPS that came by repair, after its picture: viewers who wait begin with it.
            if (previous.Timestamp == current.Timestamp && previous.ExtendedSequenceNumber > sequence) Source.KeyframePosition = position;
            return;
        }

        Keyframes++;
        if (info.Width > 0) (Width, Height) = (info.Width, info.Height);
        Source.KeyframePosition = position;
        Source.Log.KeepFrom = position;
        Source.Keyframes.OnKeyframe(arrival);
    }
}
