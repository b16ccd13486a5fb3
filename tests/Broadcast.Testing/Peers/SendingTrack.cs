using System.Text;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Payloads;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Testing.Peers;

/// <summary>One outgoing track of a publisher: numbering, packetisation, and the history that answers NACKs.</summary>
public sealed class SendingTrack
{
    private readonly Dictionary<ushort, Sent> _history = [];
    private readonly byte[] _mid;
    private readonly byte[] _rid;
    private long _next;
    private long _nextRtx;

    internal SendingTrack(AgreedTrack track, uint ssrc, uint rtxSsrc, ushort firstSequence, uint timestampOrigin, string rid = "")
    {
        Track = track;
        Ssrc = ssrc;
        RtxSsrc = rtxSsrc;
        TimestampOrigin = timestampOrigin;
        _next = firstSequence;
        _nextRtx = 31_000;
        PayloadType = track.Format.PayloadType;
        _mid = Encoding.ASCII.GetBytes(track.Mid);
        _rid = Encoding.ASCII.GetBytes(rid);
    }

    /// <summary>The simulcast encoding that this is; empty without simulcast.</summary>
    public string Rid => Encoding.ASCII.GetString(_rid);

    /// <summary>Goes with every packet as video-layers-allocation; empty for none.</summary>
    public byte[] Allocation { get; set; } = [];

    /// <summary>What was negotiated.</summary>
    public AgreedTrack Track { get; }

    /// <summary>Payload type of media; at first the negotiated one.</summary>
    public byte PayloadType { get; set; }

    /// <summary>Media source.</summary>
    public uint Ssrc { get; }

    /// <summary>Repair source.</summary>
    public uint RtxSsrc { get; }

    /// <summary>RTP time at the clock's origin; another one is a jump of the track's clock.</summary>
    public uint TimestampOrigin { get; set; }

    /// <summary>Media packets sent, without repetitions.</summary>
    public long Packets { get; private set; }

    /// <summary>Payload octets of those.</summary>
    public long Octets { get; private set; }

    /// <summary>Packets sent again.</summary>
    public long Resent { get; private set; }

    /// <summary>Units per second.</summary>
    public uint ClockRateHz => (uint)Track.Format.ClockRateHz;

    /// <summary>The RTP time of an instant.</summary>
    public uint TimestampAt(MonotonicTime time) => TimestampOrigin + RtpTimestamp.FromNanoseconds(time.Nanoseconds, ClockRateHz);

    /// <summary>Makes the next media packet, protected.</summary>
    public byte[] NextPacket(SrtpSender srtp, ReadOnlySpan<byte> payload, uint timestamp, bool marker, ref ushort transport, MonotonicTime now, byte[]? dependencyDescriptor = null)
    {
        var sequence = _next++;
        var wire = Build(srtp, Ssrc, PayloadType, sequence, payload, timestamp, marker, ref transport, now, 0, dependencyDescriptor);
        _history[(ushort)sequence] = new Sent(payload.ToArray(), timestamp, marker, dependencyDescriptor, Track.RtxPayloadType is null ? wire : null);
        Packets++;
        Octets += payload.Length;
        return wire;
    }

    /// <summary>Makes the next packet of sound with a copy of the one before (RFC 2198), or, without payload, padding under the payload type of such.</summary>
    public byte[] NextRedundant(SrtpSender srtp, ReadOnlySpan<byte> payload, in RedBlock before, uint timestamp, ref ushort transport, MonotonicTime now)
    {
        Span<byte> red = stackalloc byte[1400];
        var length = RedPayload.Write(red, Track.Format.PayloadType, payload, default, before);
        return Build(srtp, Ssrc, Track.RedPayloadType!.Value, _next++, red[..length], timestamp, marker: false, ref transport, now, padding: length == 0 ? 200 : 0);
    }

    /// <summary>Makes the answer to a NACK: RTX, or the very same datagram where RTX was not negotiated.</summary>
    public byte[]? Resend(SrtpSender srtp, ushort sequence, ref ushort transport, MonotonicTime now)
    {
        if (!_history.TryGetValue(sequence, out var sent)) return null;
        Resent++;
        if (sent.Wire is not null) return sent.Wire;
        var payload = new byte[sent.Payload.Length + RtxPayload.OverheadLength];
        RtxPayload.Write(payload, sequence);
        sent.Payload.CopyTo(payload, RtxPayload.OverheadLength);
        return Build(srtp, RtxSsrc, Track.RtxPayloadType!.Value, _nextRtx++, payload, sent.Timestamp, sent.Marker, ref transport, now, 0, sent.DependencyDescriptor);
    }

    /// <summary>Makes a packet that is only padding: on the media source, on the repair source, or a probe on source 0.</summary>
    public byte[] Padding(SrtpSender srtp, uint ssrc, uint timestamp, ref ushort transport, MonotonicTime now)
    {
        var payloadType = ssrc == Ssrc ? Track.Format.PayloadType : Track.RtxPayloadType ?? Track.Format.PayloadType;
        var sequence = ssrc == Ssrc ? _next++ : _nextRtx++;
        return Build(srtp, ssrc, payloadType, sequence, default, timestamp, marker: false, ref transport, now, padding: 200);
    }

    private byte[] Build(
        SrtpSender srtp, uint ssrc, byte payloadType, long sequence, ReadOnlySpan<byte> payload, uint timestamp, bool marker, ref ushort transport, MonotonicTime now, int padding = 0,
        byte[]? dependencyDescriptor = null)
    {
        Span<byte> packet = stackalloc byte[1600];
        var writer = new HeaderExtensionWriter(packet[RtpHeader.FixedLength..], Track.Extensions, twoByte: dependencyDescriptor?.Length > 16 || Allocation.Length > 16);
        writer.Write(HeaderExtensionKind.Mid, _mid);
        if (Track.Extensions.Has(HeaderExtensionKind.TransportSequenceNumber))
        {
            writer.Write(HeaderExtensionKind.TransportSequenceNumber, [(byte)(transport >> 8), (byte)transport]);
            transport++;
        }

        var sendTime = AbsoluteSendTime.From(now);
        writer.Write(HeaderExtensionKind.AbsoluteSendTime, [(byte)(sendTime >> 16), (byte)(sendTime >> 8), (byte)sendTime]);
        if (_rid.Length > 0) writer.Write(ssrc == RtxSsrc ? HeaderExtensionKind.RepairedRtpStreamId : HeaderExtensionKind.RtpStreamId, _rid);
        if (Allocation.Length > 0) writer.Write(HeaderExtensionKind.VideoLayersAllocation, Allocation);
        if (dependencyDescriptor?.Length > 0) writer.Write(HeaderExtensionKind.DependencyDescriptor, dependencyDescriptor);
        var extension = writer.Finish();
        RtpHeader.Write(packet, marker, payloadType, (ushort)sequence, timestamp, ssrc, extension > 0, padding > 0);
        var header = RtpHeader.FixedLength + extension;
        payload.CopyTo(packet[header..]);
        var end = header + payload.Length;
        if (padding > 0) RtpHeader.WritePadding(packet.Slice(end, padding));
        var length = srtp.ProtectRtp(packet, header, end + padding, (uint)(sequence >> 16));
        return packet[..length].ToArray();
    }

    private sealed record Sent(byte[] Payload, uint Timestamp, bool Marker, byte[]? DependencyDescriptor, byte[]? Wire);
}
