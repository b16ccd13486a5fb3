using System.Buffers.Binary;
using Broadcast.Rtc;

namespace Broadcast.Client.Media;

/// <summary>Cuts VP8 and VP9 frames and Opus packets into payloads. Running picture ids are filled in by <see cref="PictureCounters"/>.</summary>
internal static class Packetizers
{
    private const byte Vp8Extended = 0x80;
    private const byte Vp8Start = 0x10;
    private const byte Vp8PictureIdAndTl0 = 0xC0;
    private const byte Vp8Tid = 0x20;
    private const byte Vp8LayerSync = 0x20;

    private const byte Vp9PictureId = 0x80;
    private const byte Vp9InterPredicted = 0x40;
    private const byte Vp9Layers = 0x20;
    private const byte Vp9Begin = 0x08;
    private const byte Vp9End = 0x04;
    private const byte Vp9Structure = 0x02;

    /// <summary>RFC 7741 §4.2: extended descriptor with 15-bit picture id, TL0PICIDX, temporal index and layer sync, 6 bytes.</summary>
    /// <param name="clip">Gets the packets.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="temporalId">Its temporal layer.</param>
    /// <param name="isLayerSync">It refers to the lowest temporal layer only.</param>
    public static void Vp8(ClipBuilder clip, in SourceFrame frame, int temporalId = 0, bool isLayerSync = false)
    {
        var layer = (byte)((temporalId << 6) | (isLayerSync ? Vp8LayerSync : 0));
        var rest = frame.Data.Span;
        var first = true;
        while (!rest.IsEmpty)
        {
            var part = ClipBuilder.NextPart(rest.Length, ClipBuilder.MaxPayload - 6);
            clip.AddPacket([(byte)(Vp8Extended | (first ? Vp8Start : 0)), Vp8PictureIdAndTl0 | Vp8Tid, 0x80, 0, 0, layer], rest[..part]);
            rest = rest[part..];
            first = false;
        }

        clip.EndFrame(frame.IsKeyframe, temporalId);
    }

    /// <summary>RFC 9628 §4.2: non-flexible mode, one layer, 15-bit picture id; the scalability structure leads each keyframe.</summary>
    public static void Vp9(ClipBuilder clip, in SourceFrame frame)
    {
        var rest = frame.Data.Span;
        Vp9Header.TryReadKeyframe(rest, out var width, out var height);
        Span<byte> structure = [0x10, 0, 0, 0, 0]; // one spatial layer, Y: width and height follow
        BinaryPrimitives.WriteUInt16BigEndian(structure[1..], (ushort)width);
        BinaryPrimitives.WriteUInt16BigEndian(structure[3..], (ushort)height);
        var first = true;
        while (!rest.IsEmpty)
        {
            var part = ClipBuilder.NextPart(rest.Length, ClipBuilder.MaxPayload - 10);
            var withStructure = first && frame.IsKeyframe;
            var flags = Vp9PictureId | Vp9Layers | (frame.IsKeyframe ? 0 : Vp9InterPredicted)
                | (first ? Vp9Begin : 0) | (part == rest.Length ? Vp9End : 0) | (withStructure ? Vp9Structure : 0);
            clip.AddPacket([(byte)flags, 0x80, 0, 0, 0, .. withStructure ? structure : default], rest[..part]);
            rest = rest[part..];
            first = false;
        }

        clip.EndFrame(frame.IsKeyframe);
    }

    /// <summary>RFC 7587 §4.2: the packet is the payload.</summary>
    public static void Opus(ClipBuilder clip, in SourceFrame frame)
    {
        clip.AddPacket(default, frame.Data.Span);
        clip.EndFrame(isKeyframe: true);
    }
}
