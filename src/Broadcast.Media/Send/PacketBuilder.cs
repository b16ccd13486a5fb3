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
public sealed class PacketBuilder
{
    private const int MaxForwarded = 192;

    private readonly ExtensionTemplate _template;
    private readonly NegotiatedMedia _media;
    private readonly uint _rtxSsrc;
    private readonly bool _hasRtx;
    private long _rtxSequence;

    /// <summary>Prepares what is constant for an m-line.</summary>
    public PacketBuilder(NegotiatedMedia media, uint ssrc, uint rtxSsrc)
    {
        _media = media;
        Ssrc = ssrc;
        _rtxSsrc = rtxSsrc;
        _hasRtx = media.Codec.RtxPayloadType is not null;
        var extensions = _hasRtx ? media.Extensions : Repeatable(media.Extensions);
        _template = new ExtensionTemplate(extensions, Encoding.ASCII.GetBytes(media.Mid), twoByte: false);
    }

    /// <summary>The media SSRC.</summary>
    public uint Ssrc { get; }

    /// <summary>The picture ids written last, after rewriting.</summary>
    public PictureIds LastPictureIds { get; private set; }

    /// <summary>Reads the picture ids of a cached packet, before rewriting.</summary>
    public PictureIds PictureIdsOf(SourceTrack track, long position, in LoggedPacket packet)
    {
        if (!HasPictureIds(track.Codec)) return default;
        Span<byte> payload = stackalloc byte[PacketLog.MaxRecordLength];
        return track.Log.TryCopyPayload(position, packet, payload) ? PictureIds.Read(track.Codec, payload[..packet.PayloadLength]) : default;
    }

    /// <summary>Builds and protects one packet at the end of the output.</summary>
    /// <param name="mapping">Offsets of the stretch it belongs to.</param>
    /// <param name="position">Its position in the source's log.</param>
    /// <param name="packet">What the log said of it.</param>
    /// <param name="sent">Extended sequence number it has toward this viewer.</param>
    /// <param name="padding">RTP padding to add, 0 to 255.</param>
    /// <param name="repair">True for an answer to NACK: RTX where negotiated, else the identical packet.</param>
    /// <param name="transport">The viewer's transport-wide counter.</param>
    /// <param name="now">Stamped as send time.</param>
    /// <param name="srtp">The viewer's keys.</param>
    /// <param name="output">Holds the packet; the caller commits it.</param>
    /// <returns>Its protected length, or 0 when the log was overwritten meanwhile.</returns>
    public int Build(
        in SourceMapping mapping,
        long position,
        in LoggedPacket packet,
        long sent,
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

        var log = mapping.Track.Log;
        var slot = output.Reserve(
            RtpHeader.FixedLength + _template.Length + HeaderExtensionWriter.HeadLength + packet.ExtensionLength + 4
            + RtxPayload.OverheadLength + packet.PayloadLength + padding + SrtpLimits.MaxRtpOverhead);

        var block = slot[RtpHeader.FixedLength..];
        int extensionLength;
        if (packet.ExtensionLength == 0)
        {
            extensionLength = _template.CopyTo(block);
        }
        else
        {
            Span<byte> stored = stackalloc byte[MaxForwarded];
            var length = Math.Min(packet.ExtensionLength, stored.Length);
            if (!log.TryCopyExtensions(position, packet, stored)) return 0;
            var writer = _template.Begin(block);
            ForwardableExtensions.CopyTo(stored[..length], ref writer);
            extensionLength = writer.Finish();
        }

        var end = Begin(slot, extensionLength, rtx, sent, ref transport, now);
        var payload = slot.Slice(end, packet.PayloadLength);
        if (!log.TryCopyPayload(position, packet, payload)) return 0;
        RewritePayload(mapping, payload, repair);
        end += packet.PayloadLength;
        if (padding > 0)
        {
            RtpHeader.WritePadding(slot.Slice(end, padding));
            end += padding;
        }

        return Finish(slot, extensionLength, end, rtx, sent, packet.Marker, packet.Timestamp + mapping.TimestampOffset, padding > 0, srtp);
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
        return Finish(slot, extensionLength, end, rtx, mapping.FirstSent, marker: false, mapping.LeadInTimestamp + mapping.TimestampOffset, padding: false, srtp);
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
        Span<byte> slot, int extensionLength, int end, bool rtx, long sent, bool marker, uint timestamp, bool padding, SrtpSender srtp)
    {
        var sequence = rtx ? _rtxSequence++ : sent;
        RtpHeader.Write(
            slot,
            marker,
            rtx ? _media.Codec.RtxPayloadType!.Value : _media.Codec.PayloadType,
            (ushort)sequence,
            timestamp,
            rtx ? _rtxSsrc : Ssrc,
            extensionLength > 0,
            padding);
        return srtp.ProtectRtp(slot, RtpHeader.FixedLength + extensionLength, end, (uint)(sequence >> 16));
    }

    private void RewritePayload(in SourceMapping mapping, Span<byte> payload, bool repair)
    {
        var codec = mapping.Track.Codec;
        if (!HasPictureIds(codec) || payload.IsEmpty) return;
        var ids = PictureIds.Read(codec, payload).Shift(mapping);
        if (!repair) LastPictureIds = ids;
        if (ids.IsPresent && mapping.RewritesPictureIds) ids.Patch(codec, payload);
    }

    private static bool HasPictureIds(CodecKind codec) => codec is CodecKind.Vp8 or CodecKind.Vp9;

    private static HeaderExtensionMap Repeatable(HeaderExtensionMap all)
    {
        var map = new HeaderExtensionMap { AllowMixed = all.AllowMixed };
        for (var kind = (HeaderExtensionKind)0; (int)kind < HeaderExtensionMap.KindCount; kind++)
        {
            var varies = kind is HeaderExtensionKind.TransportSequenceNumber or HeaderExtensionKind.AbsoluteSendTime;
            if (all.Has(kind) && !varies) map.TryAdd(kind, all.IdOf(kind));
        }

        return map;
    }
}
