using Broadcast.Media.Congestion;
using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp.Negotiation;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Media.Receive;

/// <summary>The receiving side of a publisher: steps 4 to 6 of the packet's way, and the feedback that goes back.</summary>
/// <remarks>Owned by one MediaWorker; not thread-safe.</remarks>
public sealed class IngestSession
{
    private readonly ReceiveTrack[] _tracks;
    private readonly HeaderExtensionMap _extensions;
    private readonly IngestFeedback _feedback;
    private bool _hasNews;
    private bool _announced;

    /// <summary>Creates the session of a negotiated publisher.</summary>
    /// <param name="negotiated">What both sides agreed on.</param>
    /// <param name="stream">Where the publication goes live.</param>
    /// <param name="publication">Its tracks, in the order of <see cref="NegotiatedSession.Media"/>.</param>
    /// <param name="localSsrc">The SSRC under which feedback is sent.</param>
    /// <param name="policy">Limits on the publisher's rate.</param>
    public IngestSession(NegotiatedSession negotiated, LiveStream stream, Publication publication, uint localSsrc, IngestPolicy policy)
    {
        Stream = stream;
        Publication = publication;
        _tracks = new ReceiveTrack[negotiated.Media.Count];
        for (var i = 0; i < _tracks.Length; i++) _tracks[i] = new ReceiveTrack(negotiated.Media[i], publication.Tracks[i]);
        _extensions = Union(negotiated.Media);
        _feedback = new IngestFeedback(_tracks, _extensions, localSsrc, policy);
    }

    /// <summary>The stream this feeds.</summary>
    public LiveStream Stream { get; }

    /// <summary>The epoch this session is.</summary>
    public Publication Publication { get; }

    /// <summary>The tracks, for statistics.</summary>
    public IReadOnlyList<ReceiveTrack> Tracks => _tracks;

    /// <summary>Set with the first media packet.</summary>
    public bool HasMedia { get; private set; }

    /// <summary>True once after each batch that brought media.</summary>
    public bool TakeHasNews()
    {
        var news = _hasNews;
        _hasNews = false;
        return news;
    }

    /// <summary>True once, when the first media has arrived.</summary>
    public bool TakeIsFirstMedia()
    {
        if (_announced || !HasMedia) return false;
        _announced = true;
        return true;
    }

    /// <summary>RTP packets received, all kinds.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes of those packets.</summary>
    public long Bytes { get; private set; }

    /// <summary>When the last media packet came.</summary>
    public MonotonicTime LastMedia { get; private set; }

    /// <summary>True when the peer said BYE for every track that had media.</summary>
    public bool SaidBye
    {
        get
        {
            foreach (var track in _tracks)
            {
                if (!track.SaidBye && track.Packets > 0) return false;
            }

            return HasMedia;
        }
    }

    /// <summary>Handles one SRTP datagram in place.</summary>
    /// <param name="datagram">As it came; decrypted in place.</param>
    /// <param name="srtp">The peer's keys.</param>
    /// <param name="arrival">Kernel receive time.</param>
    public DropReason HandleRtp(Span<byte> datagram, SrtpReceiver srtp, MonotonicTime arrival)
    {
        // :: Step 4: duplicates are dropped inside, before decryption
        var reason = srtp.UnprotectRtp(datagram, out var length, out var sequence);
        if (reason != DropReason.None) return reason;

        // :: Step 5: parse, count for transport-cc, bind, undo RTX
        reason = RtpPacketView.TryParse(datagram[..length], out var packet);
        if (reason != DropReason.None) return reason;
        Packets++;
        Bytes += length;
        var values = HeaderExtensionValues.Parse(packet, _extensions);
        if (values.HasTransportSequenceNumber) _feedback.OnTransportPacket(values.TransportSequenceNumber, packet.Ssrc, arrival);

        // Chrome probes on SSRC 0 before media; it is counted above and nothing else.
        if (packet.Ssrc == 0) return DropReason.RtpProbe;
        if (FindTrack(packet, values, arrival, out var isRtx) is not { } track) return DropReason.RtpUnknownStream;

        var payload = packet.Payload;
        if (isRtx)
        {
            if (payload.IsEmpty) return DropReason.RtpPaddingOnly;
            if (!track.HasStarted) return DropReason.RtpBadRtx;
            reason = RtxPayload.TryParse(payload, out var original, out payload);
            if (reason != DropReason.None) return reason;
            sequence = track.Extend(original);
        }
        else if (packet.PayloadType != track.Media.Codec.PayloadType)
        {
            return DropReason.RtpUnknownPayloadType;
        }

        // :: Step 6: cache once; forwarders read the log
        reason = track.HandleMedia(sequence, packet, payload, values, arrival, isRtx);
        if (reason == DropReason.None)
        {
            LastMedia = arrival;
            HasMedia = true;
            _hasNews = true;
        }

        return reason;
    }

    /// <summary>Handles a decrypted compound RTCP packet.</summary>
    public DropReason HandleRtcp(ReadOnlySpan<byte> compound, MonotonicTime now)
    {
        var reader = new RtcpReader(compound);
        DropReason reason;
        while (reader.TryRead(out var packet, out reason))
        {
            switch (packet.Kind)
            {
                case RtcpPacketKind.SenderReport:
                    reason = SenderReportView.TryParse(packet, out var report);
                    if (reason != DropReason.None) return reason;
                    TrackOf(report.Ssrc)?.HandleSenderReport(report.NtpTimestamp, report.RtpTimestamp, now);
                    break;
                case RtcpPacketKind.Bye:
                    reason = ByeView.TryParse(packet, out var bye);
                    if (reason != DropReason.None) return reason;
                    for (var i = 0; i < bye.Count; i++) TrackOf(bye[i])?.HandleBye();
                    break;
                default:
                    break;
            }
        }

        return reason;
    }

    /// <summary>Sends what is due: NACK, PLI, transport-cc, REMB, reports.</summary>
    /// <returns>When it wants to be called next.</returns>
    public MonotonicTime Tick(MonotonicTime now, PeerChannel channel, PacketOutput output) => _feedback.Send(now, channel, output);

    private ReceiveTrack? TrackOf(uint ssrc)
    {
        foreach (var track in _tracks)
        {
            if (track.Ssrc == ssrc && ssrc != 0) return track;
        }

        return null;
    }

    /// <summary>Known SSRC first; then MID; then a payload type that only one m-line has (OBS without simulcast).</summary>
    private ReceiveTrack? FindTrack(in RtpPacketView packet, in HeaderExtensionValues values, MonotonicTime arrival, out bool isRtx)
    {
        var ssrc = packet.Ssrc;
        foreach (var track in _tracks)
        {
            isRtx = false;
            if (track.Ssrc == ssrc) return track;
            isRtx = true;
            if (track.RtxSsrc == ssrc) return track;
        }

        isRtx = false;
        foreach (var track in _tracks)
        {
            var media = track.Media;
            if (!values.Mid.IsEmpty && !Matches(values.Mid, media.Mid)) continue;
            isRtx = media.Codec.RtxPayloadType == packet.PayloadType;
            if (!isRtx && media.Codec.PayloadType != packet.PayloadType) continue;

            // One layer is taken: the first that the publisher listed. The others are counted as unknown streams.
            if (media.Rids.Count > 0)
            {
                var rid = isRtx ? values.RepairedRtpStreamId : values.RtpStreamId;
                if (rid.IsEmpty || !Matches(rid, media.Rids[0])) return null;
            }

            if (!track.CanBind(isRtx, arrival)) return null;
            track.Bind(ssrc, isRtx);
            return track;
        }

        return null;
    }

    private static bool Matches(ReadOnlySpan<byte> wire, string text)
    {
        if (wire.Length != text.Length) return false;
        for (var i = 0; i < wire.Length; i++)
        {
            if (wire[i] != text[i]) return false;
        }

        return true;
    }

    /// <summary>Inside a BUNDLE group an id means the same extension on every m-line (RFC 8843 §10), so one map serves all.</summary>
    private static HeaderExtensionMap Union(IReadOnlyList<NegotiatedMedia> media)
    {
        var union = new HeaderExtensionMap();
        foreach (var line in media)
        {
            for (var kind = (HeaderExtensionKind)0; (int)kind < HeaderExtensionMap.KindCount; kind++)
            {
                if (line.Extensions.Has(kind)) union.TryAdd(kind, line.Extensions.IdOf(kind));
            }
        }

        return union;
    }
}
