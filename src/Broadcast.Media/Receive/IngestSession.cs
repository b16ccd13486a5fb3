using Broadcast.Media.Congestion;
using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Payloads;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp.Negotiation;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Media.Receive;

/// <summary>The receiving side of a publisher: steps 4 to 6 of the packet's way, and the feedback that goes back.</summary>
/// <remarks>Owned by one MediaWorker; not thread-safe.</remarks>
public sealed class IngestSession : INewsSource
{
    private readonly ReceiveTrack[] _tracks;
    private readonly HeaderExtensionMap _extensions;
    private readonly IngestFeedback _feedback;
    private readonly EncodingGroup? _picture;
    private bool _hasNews;
    private bool _announced;

    /// <summary>Creates the session of a negotiated publisher.</summary>
    /// <param name="negotiated">What both sides agreed on.</param>
    /// <param name="stream">Where the publication goes live.</param>
    /// <param name="publication">Its tracks, in the order of <see cref="TracksOf"/>.</param>
    /// <param name="localSsrc">The SSRC under which feedback is sent.</param>
    /// <param name="policy">Limits on the publisher's rate.</param>
    public IngestSession(NegotiatedSession negotiated, LiveStream stream, Publication publication, uint localSsrc, IngestPolicy policy)
    {
        Stream = stream;
        Publication = publication;
        _tracks = [.. Encodings(negotiated).Select((encoding, i) => new ReceiveTrack(encoding.Media, publication.Tracks[i]))];
        var video = _tracks.Where(track => track.Media.Kind == MediaKind.Video).ToArray();
        if (video.Length > 0) _picture = new EncodingGroup(video, publication);
        _extensions = Union(negotiated.Media);
        _feedback = new IngestFeedback(_tracks, _extensions, localSsrc, policy);
    }

    /// <summary>The tracks of a negotiated publisher: one for each m-line, or for each simulcast encoding of it.</summary>
    public static SourceTrack[] TracksOf(NegotiatedSession negotiated) =>
    [
        .. Encodings(negotiated).Select(encoding =>
        {
            var codec = encoding.Media.Codec;
            return new SourceTrack(encoding.Media.Kind, codec.Codec, codec.FormatParameters, codec.ClockRateHz) { Rid = encoding.Rid };
        }),
    ];

    /// <inheritdoc/>
    public LiveStream Stream { get; }

    /// <summary>The epoch this session is.</summary>
    public Publication Publication { get; }

    /// <summary>The tracks, for statistics.</summary>
    public IReadOnlyList<ReceiveTrack> Tracks => _tracks;

    /// <summary>Set with the first media packet.</summary>
    public bool HasMedia { get; private set; }

    /// <inheritdoc/>
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
            if (packet.PayloadType != track.Media.Codec.RedPayloadType) return DropReason.RtpUnknownPayloadType;

            // Chrome probes with padding of whatever type it sent last; that is no hole in the sound.
            if (!payload.IsEmpty) return HandleRed(track, sequence, packet, values, arrival);
        }

        // :: Step 6: cache once; forwarders read the log
        return HandleMedia(track, sequence, packet, payload, values, arrival, isRtx);
    }

    private DropReason HandleMedia(
        ReceiveTrack track, long sequence, in RtpPacketView packet, ReadOnlySpan<byte> payload, in HeaderExtensionValues values, MonotonicTime arrival, bool isRtx)
    {
        var reason = track.HandleMedia(sequence, packet.Timestamp, packet.Marker, payload, values, arrival, isRtx);
        if (reason == DropReason.None)
        {
            if (_picture is not null && track.Media.Kind == MediaKind.Video) NotePicture(track, packet.Timestamp, values, arrival);
            LastMedia = arrival;
            HasMedia = true;
            _hasNews = true;
        }

        return reason;
    }

    /// <summary>Takes a packet out of its redundancy (RFC 2198), and out of that what had been lost before it.</summary>
    private DropReason HandleRed(ReceiveTrack track, long sequence, in RtpPacketView packet, in HeaderExtensionValues values, MonotonicTime arrival)
    {
        var reason = RedPayload.TryParse(packet.Payload, out var red);
        if (reason != DropReason.None) return reason;
        if (red.PayloadType != track.Media.Codec.PayloadType) return DropReason.RtpUnknownPayloadType;
        reason = HandleMedia(track, sequence, packet, red.Primary, values, arrival, isRtx: false);
        if (!track.HasHoles) return reason;

        // Blocks have no numbers: one for each packet before this one, the oldest first. What arrived by itself is a duplicate.
        var earlier = sequence - red.RedundantCount;
        var blocks = red.Redundant;
        while (blocks.TryRead(out var block))
        {
            if (!block.Data.IsEmpty && block.PayloadType == red.PayloadType && track.IsMissing(earlier))
                track.Restore(earlier, packet.Timestamp - block.TimestampOffset, block.Data, arrival);
            earlier++;
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
                    if (TrackOf(report.Ssrc) is not { } reported) break;
                    reported.HandleSenderReport(report.NtpTimestamp, report.RtpTimestamp, now);
                    if (reported.Media.Kind == MediaKind.Video) _picture?.OnSenderReport(reported);
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
    public MonotonicTime Tick(MonotonicTime now, PeerChannel channel, PacketOutput output)
    {
        var next = _feedback.Send(now, channel, output);
        return _picture is null ? next : MonotonicTime.Min(next, _picture.Sample(now));
    }

    private static IEnumerable<(NegotiatedMedia Media, string Rid)> Encodings(NegotiatedSession negotiated)
    {
        foreach (var media in negotiated.Media)
        {
            if (media.Rids.Count == 0) yield return (media, "");
            foreach (var rid in media.Rids) yield return (media, rid);
        }
    }

    private void NotePicture(ReceiveTrack track, uint timestamp, in HeaderExtensionValues values, MonotonicTime arrival)
    {
        if (track.Packets == 1) _picture!.OnFirstPacket(track, timestamp, arrival);
        if (!values.VideoLayersAllocation.IsEmpty) _picture!.OnAllocation(track, values.VideoLayersAllocation);
    }

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
            if (!isRtx && media.Codec.PayloadType != packet.PayloadType && media.Codec.RedPayloadType != packet.PayloadType) continue;

            // Which encoding it is, only the RID tells; one that was not negotiated belongs nowhere.
            if (track.Source.Rid.Length > 0 && !Matches(isRtx ? values.RepairedRtpStreamId : values.RtpStreamId, track.Source.Rid)) continue;

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
