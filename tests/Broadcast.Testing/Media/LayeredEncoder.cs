using System.Buffers.Binary;
using Broadcast.Rtc;
using Broadcast.Rtc.Tests.HeaderExtensions;

namespace Broadcast.Testing.Media;

/// <summary>One packet before RTP.</summary>
/// <param name="Payload">With the codec's descriptors.</param>
/// <param name="Marker">Last of its picture.</param>
/// <param name="DependencyDescriptor">Empty for none.</param>
public sealed record LayeredPacket(byte[] Payload, bool Marker, byte[] DependencyDescriptor);

/// <summary>Makes pictures with true descriptors and true references; the bodies are not video.</summary>
/// <remarks>
/// Temporal layers follow the pattern 0 2 1 2, as those of libvpx and libaom do: the first 2 refers to the 0, the 1 to the 0, the
/// second 2 to the 1.
/// </remarks>
/// <param name="codec">VP8 and AV1 without spatial layers have three temporal layers, H.264 none.</param>
/// <param name="spatialLayers">1, or 3 for VP9 and AV1.</param>
/// <param name="isKeyMode">True when spatial layers refer to each other in key pictures only.</param>
/// <param name="encoding">Marks the bodies.</param>
/// <param name="width">Of the highest layer.</param>
/// <param name="height">Of the highest layer.</param>
public sealed class LayeredEncoder(CodecKind codec, int spatialLayers, bool isKeyMode, byte encoding, int width, int height)
{
    private static readonly int[] TemporalIds = [0, 2, 1, 2];
    private static readonly byte[] Sps = Convert.FromHexString("6742C01FD9005005BB0110000003001000000300A0F183248000");
    private static readonly byte[] Pps = Convert.FromHexString("68CB83CB20");

    private readonly int[,] _last = new int[3, 3];
    private int _place;
    private int _frame;
    private byte _tl0 = 201;
    private int _keyIndex;

    /// <summary>The next picture id, 15 bits, or frame number, 16 bits.</summary>
    public ushort PictureId { get; set; } = 32_700;

    /// <summary>Pictures made.</summary>
    public int Pictures { get; private set; }

    /// <summary>Pixels of the highest layer of the next key picture.</summary>
    public (int Width, int Height) Size { get; set; } = (width, height);

    /// <summary>Packets of a frame of a delta picture; key pictures have three times as many.</summary>
    public int PacketsPerFrame { get; init; } = 2;

    /// <summary>VP9 that names each reference by its distance (RFC 9628 §4.2, flexible mode), instead of a group of pictures.</summary>
    public bool IsFlexible { get; init; }

    /// <summary>Bytes of a body.</summary>
    public int BodyLength { get; init; } = 120;

    /// <summary>The template structure of AV1.</summary>
    internal static DependencyStructures StructureOf(int spatialLayers, bool isKeyMode) =>
        spatialLayers == 1 ? DependencyStructures.L1T3 : isKeyMode ? DependencyStructures.L3T3Key : DependencyStructures.L3T3;

    /// <summary>Makes the packets of the next picture.</summary>
    public List<LayeredPacket> Next(bool keyframe)
    {
        if (keyframe) (_place, _keyIndex) = (0, (_keyIndex + 1) & 31);
        var place = _place++ & 3;
        var temporal = codec == CodecKind.H264 ? 0 : TemporalIds[place];
        if (Pictures > 0 && temporal == 0) _tl0++;
        var packets = new List<LayeredPacket>();
        for (var spatial = 0; spatial < spatialLayers; spatial++) AddFrame(packets, keyframe, place, spatial, temporal);
        packets[^1] = packets[^1] with { Marker = true };
        if (codec != CodecKind.Av1) PictureId = (ushort)((PictureId + 1) & 0x7FFF);
        Pictures++;
        return packets;
    }

    private void AddFrame(List<LayeredPacket> packets, bool keyframe, int place, int spatial, int temporal)
    {
        var before = keyframe ? -1 : codec == CodecKind.H264 ? _frame - 1 : _last[spatial, place == 3 ? 1 : 0];
        var below = spatial > 0 && (keyframe || !isKeyMode) ? _frame - 1 : -1;
        var count = PacketsPerFrame * (keyframe ? 3 : 1);
        for (var i = 0; i < count; i++)
        {
            var content = new LayeredContent(encoding, _frame, Pictures, (byte)spatial, (byte)temporal, keyframe, (byte)i, (byte)count, before, below);
            var head = codec switch
            {
                CodecKind.Vp8 => Vp8Head(content, place),
                CodecKind.Vp9 => Vp9Head(content),
                CodecKind.Av1 => Av1Head(content),
                _ => H264Head(content),
            };
            var payload = new byte[head.Length + BodyLength];
            head.CopyTo(payload, 0);
            content.Write(payload.AsSpan(head.Length));
            if (codec == CodecKind.H264 && keyframe && i == 0)
                packets.Add(new LayeredPacket([0x78, 0, (byte)Sps.Length, .. Sps, 0, (byte)Pps.Length, .. Pps], false, []));
            packets.Add(new LayeredPacket(payload, false, codec == CodecKind.Av1 ? Descriptor(content, place) : []));
        }

        for (var t = temporal; t < 3; t++)
        {
            if (t == temporal || keyframe) _last[spatial, t] = _frame;
        }

        _frame++;
        if (codec == CodecKind.Av1) PictureId++;
    }

    private byte[] Vp8Head(in LayeredContent content, int place)
    {
        var isSync = place is 1 or 2;
        byte[] head = [(byte)(0x80 | (content.Index == 0 ? 0x10 : 0)), 0xF0, (byte)(0x80 | (PictureId >> 8)), (byte)PictureId, _tl0, (byte)((content.TemporalId << 6) | (isSync ? 0x20 : 0) | _keyIndex)];
        if (content.Index > 0) return head;
        if (!content.IsKey) return [.. head, 0x11, 0, 0];
        return [.. head, 0x10, 0, 0, 0x9D, 0x01, 0x2A, (byte)Size.Width, (byte)(Size.Width >> 8), (byte)Size.Height, (byte)(Size.Height >> 8)];
    }

    private byte[] Vp9Head(in LayeredContent content)
    {
        var begins = content.Index == 0;
        var hasStructure = begins && content.IsKey && content.SpatialId == 0;
        var isAlone = content.SpatialId == spatialLayers - 1 || (isKeyMode && !content.IsKey);
        var first = 0xA0 | (content.IsKey ? 0 : 0x40) | (begins ? 8 : 0) | (content.Index == content.Count - 1 ? 4 : 0) | (hasStructure ? 2 : 0) | (isAlone ? 1 : 0) | (IsFlexible ? 0x10 : 0);
        var isPredictedFromBelow = content.SecondReference >= 0;
        var layer = (content.TemporalId << 5) | 0x10 | (content.SpatialId << 1) | (isPredictedFromBelow ? 1 : 0);
        List<byte> head = [(byte)first, (byte)(0x80 | (PictureId >> 8)), (byte)PictureId, (byte)layer];
        if (!IsFlexible) head.Add(_tl0);
        else if (!content.IsKey) head.Add((byte)((content.Frame - content.FirstReference) / spatialLayers << 1));
        if (hasStructure)
        {
            head.Add((byte)(((spatialLayers - 1) << 5) | (IsFlexible ? 0x10 : 0x18)));
            for (var spatial = 0; spatial < spatialLayers; spatial++)
            {
                var divisor = 1 << (spatialLayers - 1 - spatial);
                head.AddRange([(byte)((Size.Width / divisor) >> 8), (byte)(Size.Width / divisor), (byte)((Size.Height / divisor) >> 8), (byte)(Size.Height / divisor)]);
            }

            // Four pictures: temporal id, up-switch and one reference each.
            if (!IsFlexible) head.AddRange([4, 0x14, 4, 0x54, 1, 0x34, 2, 0x54, 1]);
        }

        if (begins) head.Add((byte)(content.IsKey ? 0x82 : 0x86));
        return [.. head];
    }

    private static byte[] Av1Head(in LayeredContent content)
    {
        var goesOn = content.Index < content.Count - 1 ? 0x40 : 0;
        if (content.Index > 0) return [(byte)(0x90 | goesOn)];
        if (!content.IsKey || content.SpatialId > 0) return [(byte)(0x10 | goesOn), 0x30];
        return [(byte)(0x28 | goesOn), 12, .. Convert.FromHexString("080000000CC5036936BE4010"), 0x30];
    }

    private static byte[] H264Head(in LayeredContent content) =>
    [
        (byte)(content.IsKey ? 0x7C : 0x5C),
        (byte)((content.IsKey ? 5 : 1) | (content.Index == 0 ? 0x80 : 0) | (content.Index == content.Count - 1 ? 0x40 : 0)),
    ];

    private byte[] Descriptor(in LayeredContent content, int place)
    {
        var structure = StructureOf(spatialLayers, isKeyMode);
        var frame = content.FirstReference < 0 ? -1 : content.Frame - content.FirstReference;
        int[] differences = content.SecondReference < 0 ? frame < 0 ? [] : [frame] : frame < 0 ? [1] : [frame, 1];
        var (spatial, temporal) = (content.SpatialId, content.TemporalId);
        var template = Array.FindIndex(structure.Templates, each => each.SpatialId == spatial && each.TemporalId == temporal && each.FrameDifferences.SequenceEqual(differences));
        if (template < 0) throw new InvalidOperationException($"No template for S{spatial} T{temporal}, place {place}, [{string.Join(',', differences)}].");
        return structure.Descriptor(
            template, PictureId, content.Index == 0, content.Index == content.Count - 1, structure: content is { Index: 0, IsKey: true, SpatialId: 0 });
    }
}
