using Broadcast.Media.Receive;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;
using Broadcast.Rtc.Rtp;
using Broadcast.Testing.Media;

namespace Broadcast.Testing.Peers;

/// <summary>One incoming track of a viewer: what came, what is missing, and whether every byte is as it was published.</summary>
public sealed class ReceivingTrack(AgreedTrack track)
{
    private readonly Dictionary<long, ReceivedPacket> _packets = [];
    private readonly CodecKind _codec = track.Format.Is("VP8") ? CodecKind.Vp8 : track.Format.Is("VP9") ? CodecKind.Vp9 : track.Format.Is("AV1") ? CodecKind.Av1 : CodecKind.H264;

    /// <summary>What was negotiated.</summary>
    public AgreedTrack Track { get; } = track;

    /// <summary>Distinct packets by extended sequence number.</summary>
    public IReadOnlyDictionary<long, ReceivedPacket> Packets => _packets;

    /// <summary>The same in the order of their numbers.</summary>
    public IEnumerable<ReceivedPacket> InOrder => _packets.Values.OrderBy(packet => packet.Sequence);

    /// <summary>True when the content is that of a <see cref="LayeredEncoder"/>: it is kept as it comes, for a <see cref="LayeredJudge"/>.</summary>
    public bool IsLayered { get; init; }

    /// <summary>True once a keyframe of a layered codec has begun.</summary>
    public bool HasKeyframe { get; private set; }

    /// <summary>Packets that came again with other bytes.</summary>
    public int Contradictions { get; private set; }

    /// <summary>Finds holes.</summary>
    public NackGenerator Nacks { get; } = new();

    /// <summary>Pictures; unused for audio.</summary>
    public Vp8Decoder Decoder { get; } = new();

    /// <summary>Lowest extended sequence number.</summary>
    public long First { get; private set; } = -1;

    /// <summary>Highest extended sequence number.</summary>
    public long Highest { get; private set; } = -1;

    /// <summary>Packets that came twice, in whatever form.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Packets whose content is not what a publisher wrote.</summary>
    public int Corrupt { get; private set; }

    /// <summary>Sequence numbers that a NACK asked for.</summary>
    public int Nacked { get; set; }

    /// <summary>Numbers from the first to the highest that never came.</summary>
    public long Missing => _packets.Count == 0 ? 0 : Highest - First + 1 - _packets.Count;

    /// <summary>Share of the packets sent that never came.</summary>
    public double ResidualLoss => _packets.Count == 0 ? 1 : (double)Missing / (Highest - First + 1);

    /// <summary>Takes a packet of the media source.</summary>
    public void OnMedia(in RtpPacketView packet, long sequence, MonotonicTime now, ReadOnlySpan<byte> dependencyDescriptor = default)
    {
        Add(sequence, packet, packet.Payload, dependencyDescriptor, byRtx: false, now);
    }

    /// <summary>Takes a packet of the repair source.</summary>
    public void OnRtx(in RtpPacketView packet, MonotonicTime now, ReadOnlySpan<byte> dependencyDescriptor = default)
    {
        if (RtxPayload.TryParse(packet.Payload, out var original, out var payload) != DropReason.None) return;
        Add(Highest + (short)(original - (ushort)Highest), packet, payload, dependencyDescriptor, byRtx: true, now);
    }

    private void Add(long sequence, in RtpPacketView packet, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> dependencyDescriptor, bool byRtx, MonotonicTime now)
    {
        Nacks.OnPacket(sequence, now, byRtx || Track.RtxPayloadType is null);
        if (_packets.TryGetValue(sequence, out var before))
        {
            Duplicates++;
            if (IsLayered && (!payload.SequenceEqual(before.Payload) || packet.Timestamp != before.Timestamp || packet.Marker != before.Marker
                || !dependencyDescriptor.SequenceEqual(before.DependencyDescriptor))) Contradictions++;
            return;
        }

        if (IsLayered && !HasKeyframe && !payload.IsEmpty) HasKeyframe = PayloadInspector.Inspect(_codec, payload, packet.Marker).StartsKeyframe;
        if (IsLayered || (!Track.Format.Is("VP8") && !Track.Format.Is("opus")))
        {
            _packets.Add(sequence, new ReceivedPacket(sequence, packet.Timestamp, packet.Marker, 0, 0, default, default, payload.IsEmpty, byRtx, now) { Payload = payload.ToArray(), DependencyDescriptor = dependencyDescriptor.ToArray() });
            if (First < 0 || sequence < First) First = sequence;
            Highest = Math.Max(Highest, sequence);
            return;
        }

        var video = default(Vp8Content);
        var audio = default(OpusContent);
        var isVideo = Track.Kind == MediaKind.Video;
        var readable = payload.IsEmpty || (isVideo ? Vp8Content.TryRead(payload, out video) : OpusContent.TryRead(payload, out audio));
        if (!readable) Corrupt++;
        var descriptor = default(Vp8Descriptor);
        if (isVideo && !payload.IsEmpty) Vp8Descriptor.TryParse(payload, out descriptor);
        var received = new ReceivedPacket(
            sequence, packet.Timestamp, packet.Marker, descriptor.PictureId, descriptor.Tl0PicIdx, video, audio, payload.IsEmpty, byRtx, now);
        _packets.Add(sequence, received);
        if (First < 0 || sequence < First) First = sequence;
        Highest = Math.Max(Highest, sequence);
        if (isVideo) Decoder.Add(received, _packets);
    }
}
