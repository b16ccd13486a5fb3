using System.Buffers.Binary;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Testing.Network;

namespace Broadcast.Testing.Peers;

/// <summary>A viewer that repairs, reports and asks for keyframes as a browser does, and checks every byte.</summary>
public sealed class TestViewer : TestPeer
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    /// <summary>As libwebrtc above some 220 kbit/s (<c>remote_bitrate_estimator/transport_sequence_number_feedback_generator.cc</c>).</summary>
    private static readonly TimeSpan FeedbackInterval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan NackInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan KeyframeInterval = TimeSpan.FromMilliseconds(200);

    private readonly TransportFeedbackBuilder _transport = new();
    private readonly Dictionary<uint, (uint Compact, MonotonicTime At)> _lastReports = [];
    private HeaderExtensionMap _extensions = new();
    private MonotonicTime _nextReport;
    private MonotonicTime _nextFeedback;
    private MonotonicTime _nextNack;
    private MonotonicTime _nextKeyframeRequest;
    private long _givenUp;

    /// <summary>Creates a viewer with its offer.</summary>
    public TestViewer(VirtualClock clock, VirtualHost host, Random random, string offer)
        : base(clock, host, random) => Offer = OfferText.WithTransport(offer, LocalIce, Fingerprint);

    /// <summary>The SDP offer.</summary>
    public string Offer { get; }

    /// <summary>The video track; null when not negotiated.</summary>
    public ReceivingTrack Video { get; private set; } = null!;

    /// <summary>The audio track.</summary>
    public ReceivingTrack? Audio { get; private set; }

    /// <summary>Sender reports, in order.</summary>
    public List<(MonotonicTime At, uint Ssrc, ulong Ntp, uint Rtp)> SenderReports { get; } = [];

    /// <summary>Sources the server said BYE for.</summary>
    public List<uint> Byes { get; } = [];

    /// <summary>Transport-wide numbers in the order of arrival.</summary>
    public List<ushort> TransportNumbers { get; } = [];

    /// <summary>Packets of sources that were not negotiated.</summary>
    public int UnknownSources { get; private set; }

    /// <summary>Packets without the MID that players need.</summary>
    public int WithoutMid { get; private set; }

    /// <summary>Packets of the repair source.</summary>
    public int RtxPackets { get; private set; }

    /// <summary>PLIs sent.</summary>
    public int KeyframeRequests { get; private set; }

    /// <summary>False keeps NACKs back.</summary>
    public bool SendsNacks { get; set; } = true;

    /// <summary>False keeps PLIs back.</summary>
    public bool RequestsKeyframes { get; set; } = true;

    /// <summary>False keeps all RTCP back.</summary>
    public bool SendsRtcp { get; set; } = true;

    /// <summary>True when video comes from a <see cref="SimulcastPublisher"/>.</summary>
    public bool IsLayered { get; init; }

    /// <summary>When the first packet of video came.</summary>
    public MonotonicTime FirstVideoAt { get; private set; } = MonotonicTime.Never;

    /// <summary>Asks for a keyframe now.</summary>
    public void RequestKeyframe()
    {
        Span<byte> packet = stackalloc byte[12];
        SendRtcp(packet[..RtcpWriter.Pli(packet, 1, Video.Track.Ssrc)]);
        KeyframeRequests++;
    }

    /// <summary>Sends whatever a test has written.</summary>
    public void SendFeedback(ReadOnlySpan<byte> compound) => SendRtcp(compound);

    /// <summary>Asks for packets again, as often as a test likes.</summary>
    public void SendNack(uint ssrc, params ReadOnlySpan<ushort> sequences)
    {
        Span<byte> packet = stackalloc byte[1100];
        SendRtcp(packet[..RtcpWriter.Nack(packet, 1, ssrc, sequences, out _)]);
    }

    /// <inheritdoc/>
    protected override void OnAccepted()
    {
        foreach (var track in Tracks)
        {
            if (track.Kind == MediaKind.Audio) Audio = new ReceivingTrack(track);
            else Video = new ReceivingTrack(track) { IsLayered = IsLayered };
        }

        _extensions = Tracks[^1].Extensions;
    }

    /// <inheritdoc/>
    protected override void OnTick(MonotonicTime now)
    {
        if (!SendsRtcp) return;
        if (now >= _nextNack && SendsNacks)
        {
            foreach (var track in Received()) SendNacks(track, now);
            _nextNack = now + NackInterval;
        }

        if (now >= _nextKeyframeRequest && RequestsKeyframes && Video is not null && NeedsKeyframe(now))
        {
            RequestKeyframe();
            _nextKeyframeRequest = now + KeyframeInterval;
        }

        if (now >= _nextFeedback)
        {
            Span<byte> feedback = stackalloc byte[1100];
            SendRtcp(feedback[.._transport.Build(feedback, 1, Tracks[^1].Ssrc, now)]);
            _nextFeedback = now + FeedbackInterval;
        }

        if (now < _nextReport) return;
        SendReport(now);
        _nextReport = now + ReportInterval;
    }

    /// <inheritdoc/>
    protected override void OnRtp(ReadOnlySpan<byte> packet, long extendedSequenceNumber)
    {
        if (RtpPacketView.TryParse(packet, out var view) != DropReason.None) throw new InvalidDataException("The server sent a malformed packet.");
        var values = HeaderExtensionValues.Parse(view, _extensions);
        if (values.HasTransportSequenceNumber)
        {
            TransportNumbers.Add(values.TransportSequenceNumber);
            _transport.Add(values.TransportSequenceNumber, Clock.Now);
        }

        foreach (var track in Received())
        {
            if (view.Ssrc != track.Track.Ssrc && view.Ssrc != track.Track.RtxSsrc) continue;
            if (values.Mid.IsEmpty) WithoutMid++;
            if (view.Ssrc == track.Track.Ssrc)
            {
                if (track == Video && FirstVideoAt == MonotonicTime.Never) FirstVideoAt = Clock.Now;
                track.OnMedia(view, extendedSequenceNumber, Clock.Now, values.DependencyDescriptor);
            }
            else
            {
                RtxPackets++;
                track.OnRtx(view, Clock.Now, values.DependencyDescriptor);
            }

            return;
        }

        UnknownSources++;
    }

    /// <inheritdoc/>
    protected override void OnRtcp(ReadOnlySpan<byte> compound)
    {
        var reader = new RtcpReader(compound);
        while (reader.TryRead(out var packet, out _))
        {
            if (packet.Kind == RtcpPacketKind.SenderReport && SenderReportView.TryParse(packet, out var report) == DropReason.None)
            {
                SenderReports.Add((Clock.Now, report.Ssrc, report.NtpTimestamp, report.RtpTimestamp));
                _lastReports[report.Ssrc] = (NtpTime.Compact(report.NtpTimestamp), Clock.Now);
            }
            else if (packet.Kind == RtcpPacketKind.Bye && ByeView.TryParse(packet, out var bye) == DropReason.None)
            {
                for (var i = 0; i < bye.Count; i++) Byes.Add(bye[i]);
            }
        }
    }

    /// <summary>Layered video is judged afterwards: what tells meanwhile is that no keyframe comes, or a hole that is given up.</summary>
    private bool NeedsKeyframe(MonotonicTime now)
    {
        if (!IsLayered) return Video.Decoder.Last is null || Video.Decoder.IsStuck(now);
        var givenUp = Video.Nacks.GivenUp > _givenUp;
        _givenUp = Video.Nacks.GivenUp;
        return givenUp || !Video.HasKeyframe;
    }

    private IEnumerable<ReceivingTrack> Received()
    {
        if (Audio is not null) yield return Audio;
        if (Video is not null) yield return Video;
    }

    private void SendNacks(ReceivingTrack track, MonotonicTime now)
    {
        if (!track.Track.Format.HasFeedback("nack")) return;
        Span<ushort> missing = stackalloc ushort[250];
        var count = track.Nacks.Collect(now, missing);
        if (count == 0) return;
        track.Nacked += count;
        SendNack(track.Track.Ssrc, missing[..count]);
    }

    private void SendReport(MonotonicTime now)
    {
        Span<byte> compound = stackalloc byte[400];
        var blocks = new List<ReportBlock>();
        foreach (var track in Received())
        {
            if (track.Packets.Count == 0) continue;
            var (compact, at) = _lastReports.GetValueOrDefault(track.Track.Ssrc);
            var delay = compact == 0 ? 0 : NtpTime.CompactFromNanoseconds((now - at).Ticks * 100);
            blocks.Add(new ReportBlock(track.Track.Ssrc, 0, (int)track.Missing, (uint)track.Highest, 0, compact, delay));
        }

        var length = RtcpWriter.ReceiverReport(compound, 1, blocks.ToArray());
        length += RtcpWriter.SdesCname(compound[length..], 1, "viewer"u8);
        SendRtcp(compound[..length]);
    }
}
