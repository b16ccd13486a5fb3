using System.Text;
using Broadcast.Media.Rewrite;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp.Negotiation;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Media.Send;

/// <summary>Writes one viewer's copy of a cached packet into the send buffer: header, extensions, payload, padding, encryption.</summary>
/// <remarks>
/// Without RTX a repair must be the same bytes as the original, or the key stream would be used twice for different
/// plaintext (RFC 7714 §8.1). So such a viewer gets nothing that changes from one sending to the next: no transport-wide
/// number, no send time, no padding. Owned by one MediaWorker; allocates nothing per packet.
/// </remarks>
public sealed partial class PacketBuilder
{
    private const int MaxForwarded = 192;

    /// <summary>Playout delay, a longer dependency descriptor, and the zeros of the last word.</summary>
    private const int MaxAddedExtensions = 16;

    /// <summary>Bytes of padding in a packet of nothing else: the most that its count, a byte, lets through in whole words.</summary>
    private const int PaddingLength = 252;

    private readonly ExtensionTemplate _template;
    private readonly NegotiatedMedia _media;
    private readonly uint _rtxSsrc;
    private readonly bool _hasRtx;
    private readonly bool _canDelay;
    private long _rtxSequence;

    /// <summary>Prepares what is constant for an m-line.</summary>
    public PacketBuilder(NegotiatedMedia media, uint ssrc, uint rtxSsrc)
    {
        _media = media;
        Ssrc = ssrc;
        _rtxSsrc = rtxSsrc;
        _hasRtx = media.Codec.RtxPayloadType is not null;
        var extensions = Sendable(media, _hasRtx);

        // A dependency descriptor with its template structure does not fit the one-byte form (RFC 8285 §4.2).
        var twoByte = extensions.AllowMixed && extensions.Has(HeaderExtensionKind.DependencyDescriptor);
        _template = new ExtensionTemplate(extensions, Encoding.ASCII.GetBytes(media.Mid), twoByte);
        _canDelay = extensions.Has(HeaderExtensionKind.PlayoutDelay);
    }

    /// <summary>The media SSRC.</summary>
    public uint Ssrc { get; }

    /// <summary>True when repairs have a source of their own.</summary>
    public bool HasRtx => _hasRtx;

    /// <summary>The running numbers written last, after rewriting.</summary>
    public FrameCounters LastCounters { get; private set; }

    /// <summary>Limits of the player's delay that go out with every packet; null for none.</summary>
    public PlayoutLimits? PlayoutDelay { get; set; }

    /// <summary>Builds and protects one packet at the end of the output.</summary>
    /// <param name="mapping">The stretch it belongs to.</param>
    /// <param name="placement">Its place toward this viewer.</param>
    /// <param name="position">Its position in the source's log.</param>
    /// <param name="packet">What the log said of it.</param>
    /// <param name="padding">RTP padding to add, 0 to 255.</param>
    /// <param name="repair">True for an answer to NACK: RTX where negotiated, else the identical packet.</param>
    /// <param name="transport">The viewer's transport-wide counter.</param>
    /// <param name="now">Stamped as send time.</param>
    /// <param name="srtp">The viewer's keys.</param>
    /// <param name="output">Holds the packet; the caller commits it.</param>
    /// <returns>Its protected length, or 0 when the log was overwritten meanwhile.</returns>
    public int Build(
        in SourceMapping mapping,
        in Placement placement,
        long position,
        in LoggedPacket packet,
        int padding,
        bool repair,
        ref ushort transport,
        MonotonicTime now,
        SrtpSender srtp,
        PacketOutput output)
    {
        var rtx = repair && _hasRtx;
        if (!_hasRtx) padding = 0;
        if (packet.PaddingOnly && padding == 0) padding = 1;
        var redundant = AddsRedundancy && packet.PayloadLength > 0;

        var log = mapping.Track.Log;
        var slot = output.Reserve(
            RtpHeader.FixedLength + _template.Length + HeaderExtensionWriter.HeadLength + packet.ExtensionLength + MaxAddedExtensions
            + RtxPayload.OverheadLength + packet.PayloadLength + padding + SrtpLimits.MaxRtpOverhead
            + (redundant ? MaxRedundancy : 0));

        var block = slot[RtpHeader.FixedLength..];
        int extensionLength;
        if (packet.ExtensionLength == 0 && (PlayoutDelay is null || !_canDelay))
        {
            extensionLength = _template.CopyTo(block);
        }
        else
        {
            var writer = _template.Begin(block);
            if (PlayoutDelay is { } limits) limits.Write(ref writer);
            if (packet.ExtensionLength > 0 && !TryCopyExtensions(mapping, placement, position, packet, repair, ref writer)) return 0;
            extensionLength = writer.Finish();
        }

        var end = Begin(slot, extensionLength, rtx, placement.Sent, ref transport, now);
        if (redundant)
        {
            var length = WriteRedundant(mapping.Track, position, packet, slot[end..]);
            if (length == 0) return 0;
            end += length;
        }
        else
        {
            var payload = slot.Slice(end, packet.PayloadLength);
            if (!log.TryCopyPayload(position, packet, payload)) return 0;
            RewritePayload(mapping, placement, payload, repair);
            end += packet.PayloadLength;
        }

        if (padding > 0)
        {
            RtpHeader.WritePadding(slot.Slice(end, padding));
            end += padding;
        }

        var marker = packet.Marker || placement.Selection.EndsPicture(packet.Layers);
        var payloadType = redundant ? _media.Codec.RedPayloadType!.Value : _media.Codec.PayloadType;
        return Finish(slot, extensionLength, end, rtx, placement.Sent, marker, payloadType, packet.Timestamp + placement.TimestampOffset, padding > 0, srtp);
    }

    /// <summary>Builds and protects the lead-in of a stretch; parameters and result as in <see cref="Build"/>.</summary>
    public int BuildLeadIn(in SourceMapping mapping, bool repair, ref ushort transport, MonotonicTime now, SrtpSender srtp, PacketOutput output)
    {
        var rtx = repair && _hasRtx;
        var leadIn = mapping.LeadIn.Span;
        var slot = output.Reserve(
            RtpHeader.FixedLength + _template.Length + HeaderExtensionWriter.HeadLength + 4 + RtxPayload.OverheadLength + leadIn.Length + SrtpLimits.MaxRtpOverhead);
        var extensionLength = _template.CopyTo(slot[RtpHeader.FixedLength..]);
        var end = Begin(slot, extensionLength, rtx, mapping.FirstSent, ref transport, now);
        leadIn.CopyTo(slot[end..]);
        end += leadIn.Length;
        return Finish(slot, extensionLength, end, rtx, mapping.FirstSent, marker: false, _media.Codec.PayloadType, mapping.LeadInTimestamp + mapping.TimestampOffset, padding: false, srtp);
    }

    /// <summary>Builds and protects a packet of padding alone on the repair source, which must be there: no frame is touched by it.</summary>
    /// <param name="timestamp">Of the newest packet sent.</param>
    /// <param name="transport">The viewer's transport-wide counter.</param>
    /// <param name="now">Stamped as send time.</param>
    /// <param name="srtp">The viewer's keys.</param>
    /// <param name="output">Holds the packet; the caller commits it.</param>
    /// <returns>Its protected length.</returns>
    public int BuildPadding(uint timestamp, ref ushort transport, MonotonicTime now, SrtpSender srtp, PacketOutput output)
    {
        var slot = output.Reserve(RtpHeader.FixedLength + _template.Length + HeaderExtensionWriter.HeadLength + 4 + PaddingLength + SrtpLimits.MaxRtpOverhead);
        var extensionLength = _template.CopyTo(slot[RtpHeader.FixedLength..]);
        var end = Begin(slot, extensionLength, rtx: false, 0, ref transport, now);
        RtpHeader.WritePadding(slot.Slice(end, PaddingLength));
        end += PaddingLength;
        return Finish(slot, extensionLength, end, rtx: true, 0, marker: false, 0, timestamp, padding: true, srtp);
    }

    /// <summary>Stamps the header extensions, and writes the number that a repair stands for (RFC 4588 §4).</summary>
    /// <returns>Where the payload begins.</returns>
    private int Begin(Span<byte> slot, int extensionLength, bool rtx, long sent, ref ushort transport, MonotonicTime now)
    {
        if (extensionLength > 0)
        {
            _template.Patch(slot[RtpHeader.FixedLength..], transport, AbsoluteSendTime.From(now));
            if (_template.TransportSequenceNumberOffset > 0) transport++;
        }

        var end = RtpHeader.FixedLength + extensionLength;
        if (!rtx) return end;
        RtxPayload.Write(slot[end..], (ushort)sent);
        return end + RtxPayload.OverheadLength;
    }

    /// <summary>Writes the header, last because nothing before it may fail any more, and protects the packet.</summary>
    /// <returns>Its protected length.</returns>
    private int Finish(
        Span<byte> slot, int extensionLength, int end, bool rtx, long sent, bool marker, byte payloadType, uint timestamp, bool padding, SrtpSender srtp)
    {
        var sequence = rtx ? _rtxSequence++ : sent;
        RtpHeader.Write(
            slot,
            marker,
            rtx ? _media.Codec.RtxPayloadType!.Value : payloadType,
            (ushort)sequence,
            timestamp,
            rtx ? _rtxSsrc : Ssrc,
            extensionLength > 0,
            padding);
        return srtp.ProtectRtp(slot, RtpHeader.FixedLength + extensionLength, end, (uint)(sequence >> 16));
    }

    /// <summary>Appends the publisher's extensions; those of AV1 tell of frames and are rewritten.</summary>
    private bool TryCopyExtensions(
        in SourceMapping mapping, in Placement placement, long position, in LoggedPacket packet, bool repair, ref HeaderExtensionWriter writer)
    {
        Span<byte> stored = stackalloc byte[MaxForwarded];
        if (packet.ExtensionLength > stored.Length || !mapping.Track.Log.TryCopyExtensions(position, packet, stored)) return false;
        stored = stored[..packet.ExtensionLength];
        if (mapping.Track.Codec != CodecKind.Av1)
        {
            ForwardableExtensions.CopyTo(stored, ref writer);
            return true;
        }

        var counters = Av1Rewriter.Copy(stored, mapping, placement, ref writer);
        if (!repair) LastCounters = counters;
        return true;
    }

    private void RewritePayload(in SourceMapping mapping, in Placement placement, Span<byte> payload, bool repair)
    {
        if (payload.IsEmpty) return;
        FrameCounters counters;
        switch (mapping.Track.Codec)
        {
            case CodecKind.Vp8:
                counters = Vp8Rewriter.Rewrite(payload, mapping, placement);
                break;
            case CodecKind.Vp9:
                counters = Vp9Rewriter.Rewrite(payload, mapping, placement);
                break;
            default:
                return;
        }

        if (!repair) LastCounters = counters;
    }

    /// <summary>
    /// What goes to this viewer. The dependency descriptor serves AV1 alone: other codecs say the same in the payload, and a
    /// viewer who gets both would follow the descriptor, which knows nothing of what is left out.
    /// </summary>
    private static HeaderExtensionMap Sendable(NegotiatedMedia media, bool hasRtx)
    {
        var all = media.Extensions;
        var map = new HeaderExtensionMap { AllowMixed = all.AllowMixed };
        for (var kind = (HeaderExtensionKind)0; (int)kind < HeaderExtensionMap.KindCount; kind++)
        {
            if (!all.Has(kind)) continue;
            var varies = kind is HeaderExtensionKind.TransportSequenceNumber or HeaderExtensionKind.AbsoluteSendTime or HeaderExtensionKind.PlayoutDelay;
            if (varies && !hasRtx) continue;
            if (kind == HeaderExtensionKind.DependencyDescriptor && media.Codec.Codec != CodecKind.Av1) continue;
            map.TryAdd(kind, all.IdOf(kind));
        }

        return map;
    }
}
