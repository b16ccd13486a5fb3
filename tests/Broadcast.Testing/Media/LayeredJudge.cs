using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Payloads;
using Broadcast.Testing.Peers;

namespace Broadcast.Testing.Media;

/// <summary>A picture that a viewer could show.</summary>
/// <param name="Content">Of its highest frame.</param>
/// <param name="Timestamp">Toward the viewer.</param>
/// <param name="At">When its last packet had come.</param>
public sealed record ShownPicture(LayeredContent Content, uint Timestamp, MonotonicTime At);

/// <summary>
/// Judges all that a viewer received, in the order of the numbers: puts frames together and derives their references by the
/// rules by which libwebrtc does, and compares those with the references that the bodies tell.
/// </summary>
/// <remarks>
/// A frame that the rules hand to the decoder while something it really refers to was not decoded is an error of the stream;
/// so is one for which the rules would wait although nothing is missing.
/// </remarks>
public sealed class LayeredJudge(CodecKind codec, int spatialLayers, bool isKeyMode)
{
    private readonly HashSet<(byte Encoding, int Frame)> _decoded = [];
    private readonly HashSet<long> _decodedIds = [];
    private readonly Dictionary<byte, long[]> _layersOfTl0 = [];
    private readonly HashSet<long> _notReceived = [];
    private List<ReceivedPacket> _packets = [];
    private long _lastId = -1;
    private long _keyframeId;
    private bool _broken = true;

    /// <summary>Pictures that could be shown.</summary>
    public List<ShownPicture> Shown { get; } = [];

    /// <summary>What the packets say about themselves, each of them.</summary>
    public List<LayeredContent> Received { get; } = [];

    /// <summary>What is wrong with the stream.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Packets that never came.</summary>
    public int Missing { get; private set; }

    /// <summary>
    /// Pictures of upper temporal layers that nobody can decode, and nobody has to: they were lost whole and sent afterwards, for
    /// want of knowing better when their number was kept. Nothing refers to them.
    /// </summary>
    public int Useless { get; private set; }

    /// <summary>Packets that carry nothing.</summary>
    public int Padding { get; private set; }

    /// <summary>Judges a whole stream.</summary>
    public void Judge(IEnumerable<ReceivedPacket> packets)
    {
        var picture = new List<ReceivedPacket>();
        long last = -1;
        var hole = false;
        _packets = [.. packets];
        foreach (var packet in _packets)
        {
            // A hole between two pictures may belong to either.
            var gap = last >= 0 && packet.Sequence != last + 1;
            if (gap) Missing += (int)(packet.Sequence - last - 1);
            last = packet.Sequence;
            if (picture.Count > 0 && packet.Timestamp != picture[0].Timestamp)
            {
                Finish(picture, hole | gap);
                picture.Clear();
                hole = false;
            }

            hole |= gap;
            if (packet.IsPadding)
            {
                Padding++;
                continue;
            }

            picture.Add(packet);
            if (HeadOf(packet.Payload) is >= 0 and var head && LayeredContent.TryRead(packet.Payload.AsSpan(head), out var content)) Received.Add(content);
        }

        if (picture.Count > 0 && picture[^1].Marker) Finish(picture, hole);
    }

    private void Finish(List<ReceivedPacket> picture, bool hole)
    {
        if (hole) _broken = true;
        for (var i = 1; !hole && i < picture.Count; i++)
        {
            if (picture[i - 1].Marker) Error(picture[i], "a packet after the marker of its picture");
        }

        if (!hole && !picture[^1].Marker) Error(picture[^1], "a picture without marker" + Around(picture[0]));
        LayeredContent? highest = null;
        foreach (var frame in Frames(picture))
        {
            if (!TryFrame(frame, out var content)) continue;
            if (Decode(frame[0], content)) highest = content;
        }

        if (highest is not { } shown) return;
        if (Shown.Count > 0 && (int)(picture[0].Timestamp - Shown[^1].Timestamp) <= 0) Error(picture[0], $"timestamp after {Shown[^1].Timestamp}");
        Shown.Add(new ShownPicture(shown, picture[0].Timestamp, picture.Max(packet => packet.At)));
    }

    private IEnumerable<List<ReceivedPacket>> Frames(List<ReceivedPacket> picture)
    {
        var frame = new List<ReceivedPacket>();
        foreach (var packet in picture)
        {
            if (frame.Count > 0 && Begins(packet))
            {
                yield return frame;
                frame = [];
            }

            frame.Add(packet);
        }

        yield return frame;
    }

    private bool Begins(ReceivedPacket packet) => codec switch
    {
        CodecKind.Vp8 => (packet.Payload[0] & 0x10) != 0,
        CodecKind.Vp9 => (packet.Payload[0] & 0x08) != 0,
        CodecKind.Av1 => packet.DependencyDescriptor.Length > 0 && (packet.DependencyDescriptor[0] & 0x80) != 0,
        _ => false,
    };

    /// <summary>A frame is whole when its packets follow each other from the first to the last.</summary>
    private bool TryFrame(List<ReceivedPacket> frame, out LayeredContent content)
    {
        content = default;
        var expected = 0;
        for (var i = 0; i < frame.Count; i++)
        {
            if (i > 0 && frame[i].Sequence != frame[i - 1].Sequence + 1) return Broken();
            var head = HeadOf(frame[i].Payload);
            if (head < 0) continue; // parameter sets
            if (!LayeredContent.TryRead(frame[i].Payload.AsSpan(head), out var packet))
            {
                Error(frame[i], "the body is not what was published");
                return false;
            }

            if (packet.Index != expected++ || (i > 0 && expected > 1 && (packet.Encoding, packet.Frame) != (content.Encoding, content.Frame)))
            {
                if (!_broken) Error(frame[i], $"packet {packet.Index} of frame {packet.Frame} of {packet.Encoding} where {expected - 1} of {content.Frame} of {content.Encoding} belongs" + Around(frame[0]));
                return Broken();
            }

            content = packet;
        }

        return expected == content.Count || Broken();
    }

    /// <summary>What lies around a packet, for messages.</summary>
    private string Around(ReceivedPacket packet) => string.Concat(
        _packets.Where(other => other.Sequence > packet.Sequence - 20 && other.Sequence < packet.Sequence + 6).Select(other =>
        {
            var content = default(LayeredContent);
            var head = other.IsPadding ? -1 : HeadOf(other.Payload);
            if (head >= 0) LayeredContent.TryRead(other.Payload.AsSpan(head), out content);
            var what = other.IsPadding ? "padding" : $"{content.Encoding}: {content.Frame} S{content.SpatialId} T{content.TemporalId} {content.Index}/{content.Count}{(content.IsKey ? " key" : "")}";
            return $"{Environment.NewLine}    {other.Sequence} at {other.Timestamp}: {what}{(other.Marker ? ", marker" : "")}{(other.ByRtx ? ", repaired" : "")}";
        }));

    /// <summary>What a packet says about itself; null for padding and parameter sets.</summary>
    public LayeredContent? ContentOf(ReceivedPacket packet)
    {
        if (packet.IsPadding) return null;
        var head = HeadOf(packet.Payload);
        return head >= 0 && LayeredContent.TryRead(packet.Payload.AsSpan(head), out var content) ? content : null;
    }

    private bool Broken()
    {
        _broken = true;
        return false;
    }

    private int HeadOf(byte[] payload)
    {
        switch (codec)
        {
            case CodecKind.Vp8:
                Vp8Descriptor.TryParse(payload, out var vp8);
                return vp8.Length + (!vp8.IsFrameStart ? 0 : vp8.IsKeyframe(payload) ? 10 : 3);
            case CodecKind.Vp9:
                Vp9Descriptor.TryParse(payload, out var vp9);
                return vp9.Length + (vp9.BeginsFrame ? 1 : 0);
            case CodecKind.Av1:
                return (payload[0] & 0x80) != 0 ? 1 : (payload[0] & 0x08) != 0 ? 15 : 2;
            default:
                return (payload[0] & 0x1F) == 24 ? -1 : 2;
        }
    }

    private bool Decode(ReceivedPacket first, in LayeredContent content)
    {
        var isKey = content.IsKey && content.SpatialId == 0;
        if (isKey) _broken = false;
        bool? verdict = codec switch
        {
            CodecKind.Vp8 => Vp8(first, content, isKey),
            CodecKind.Vp9 => Vp9(first, content, isKey),
            CodecKind.Av1 => Av1(first, content, isKey),
            _ => true,
        };
        if (verdict is false)
        {
            // Once something is missing waiting is right; nothing that follows can tell more until the next keyframe.
            _broken = true;
            return false;
        }

        if (_broken || verdict is null) return false;
        foreach (var reference in new[] { content.FirstReference, content.SecondReference })
        {
            if (reference < 0 || _decoded.Contains((content.Encoding, reference))) continue;
            if (codec == CodecKind.Vp8 && content.TemporalId == 2)
            {
                Useless++;
                return false;
            }

            Error(first, $"frame {content.Frame} of {content.Encoding} (S{content.SpatialId} T{content.TemporalId}) is decoded without {reference}, which it refers to");
            return false;
        }

        _decoded.Add((content.Encoding, content.Frame));
        return true;
    }

    /// <summary>By picture id and TL0PICIDX, as libwebrtc's reference finder for VP8.</summary>
    private bool? Vp8(ReceivedPacket packet, in LayeredContent content, bool isKey)
    {
        Vp8Descriptor.TryParse(packet.Payload, out var descriptor);
        var id = Extend(descriptor.PictureId, 15);
        if (_lastId >= 0 && id <= _lastId && !_notReceived.Remove(id))
        {
            Error(packet, $"picture id {descriptor.PictureId} after {_lastId & 0x7FFF}");
            return false;
        }

        for (var skipped = _lastId + 1; _lastId >= 0 && skipped < id; skipped++) _notReceived.Add(skipped);
        if (id > _lastId + 1 && _lastId >= 0 && !_broken && !isKey) Error(packet, $"picture id {descriptor.PictureId} after {_lastId & 0x7FFF}");
        _lastId = Math.Max(_lastId, id);
        var tl0 = descriptor.Tl0PicIdx;
        if (isKey)
        {
            _notReceived.Clear();
            _layersOfTl0.Clear();
            _layersOfTl0[tl0] = [id, id, id, id];
            Array.Fill(_layersOfTl0[tl0], -1, 1, 3);
            return true;
        }

        if (!_layersOfTl0.TryGetValue(descriptor.TemporalId == 0 ? (byte)(tl0 - 1) : tl0, out var layers)) return Waits(packet, $"TL0PICIDX {tl0} does not follow");
        if (descriptor.TemporalId == 0)
        {
            layers = [.. layers];
            _layersOfTl0[tl0] = layers;
            _layersOfTl0.Remove((byte)(tl0 - 50));
        }
        else if (!descriptor.IsLayerSync)
        {
            for (var layer = 0; layer <= descriptor.TemporalId; layer++)
            {
                var from = layers[layer];
                if (from >= 0 && !_notReceived.Any(missing => missing > from && missing < id)) continue;
                if (descriptor.TemporalId < 2) return Waits(packet, from < 0 ? $"nothing was received of temporal layer {layer}" : "a picture before it was not received");
                Useless++;
                _notReceived.Add(id);
                return null;
            }
        }

        layers[descriptor.TemporalId] = id;
        return true;
    }

    /// <summary>By the distances that flexible mode names, else by the group of pictures in the structure; and the layer below where it is referred to.</summary>
    private bool Vp9(ReceivedPacket packet, in LayeredContent content, bool isKey)
    {
        Vp9Descriptor.TryParse(packet.Payload, out var descriptor);
        var picture = Extend(descriptor.PictureId, 15);
        var id = (picture * 8) + descriptor.SpatialId;
        if (_lastId >= 0 && picture < _lastId) Error(packet, $"picture id {descriptor.PictureId} after {_lastId & 0x7FFF}");
        _lastId = Math.Max(_lastId, picture);
        if (isKey)
        {
            if (!descriptor.HasScalabilityStructure) Error(packet, "a key picture without structure");
            _keyframeId = picture;
        }

        if (!content.IsKey)
        {
            var named = packet.Payload[descriptor.PictureIdOffset + (descriptor.HasLongPictureId ? 3 : 2)] >> 1;
            var distance = descriptor.IsFlexibleMode ? named : ((picture - _keyframeId) & 3) switch { 0 => 4, 2 => 2, _ => 1 };
            if (!_broken && !_decodedIds.Contains(((picture - distance) * 8) + descriptor.SpatialId)) return Waits(packet, $"picture {distance} before it was not received in S{descriptor.SpatialId}");
        }

        if (descriptor.IsInterLayerPredicted && !_broken && !_decodedIds.Contains(id - 1)) return Waits(packet, "the layer below was not received");
        if (!_broken) _decodedIds.Add(id);
        return true;
    }

    /// <summary>By frame numbers and the differences of the template.</summary>
    private bool Av1(ReceivedPacket packet, in LayeredContent content, bool isKey)
    {
        if (DependencyDescriptorView.TryParse(packet.DependencyDescriptor, out var descriptor) != DropReason.None)
        {
            Error(packet, "no dependency descriptor");
            return false;
        }

        var frame = Extend(descriptor.FrameNumber, 16);
        if (_lastId >= 0 && frame <= _lastId) Error(packet, $"frame number {descriptor.FrameNumber} after {_lastId & 0xFFFF}");
        _lastId = Math.Max(_lastId, frame);
        if (isKey != descriptor.HasTemplateStructure) Error(packet, "a structure without key picture, or the other way round");
        var structure = LayeredEncoder.StructureOf(spatialLayers, isKeyMode);
        var template = structure.Templates[(descriptor.TemplateId - structure.IdOffset) & 63];
        foreach (var difference in template.FrameDifferences)
        {
            if (!_broken && !_decodedIds.Contains(frame - difference)) return Waits(packet, $"frame {difference} before it was not received");
        }

        if (!_broken) _decodedIds.Add(frame);
        return true;
    }

    private bool Waits(ReceivedPacket packet, string why)
    {
        if (!_broken) Error(packet, $"waits for ever: {why}" + Around(packet));
        return false;
    }

    private long Extend(ushort value, int bits)
    {
        if (_lastId < 0) return value + (1L << bits);
        var low = (int)(_lastId & ((1L << bits) - 1));
        var difference = (value - low) & ((1 << bits) - 1);
        if (difference >= 1 << (bits - 1)) difference -= 1 << bits;
        return _lastId + difference;
    }

    private void Error(ReceivedPacket packet, string what)
    {
        if (Errors.Count < 20) Errors.Add($"packet {packet.Sequence}, time {packet.Timestamp}{(packet.ByRtx ? ", repaired" : "")}: {what}");
    }
}
