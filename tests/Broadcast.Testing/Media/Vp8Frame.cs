using System.Buffers.Binary;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Testing.Media;

/// <summary>What a synthetic VP8 packet says about itself.</summary>
/// <param name="Source">Which publisher made it.</param>
/// <param name="Frame">Number of its frame, from 0.</param>
/// <param name="Index">Its place in the frame, from 0.</param>
/// <param name="Count">Packets of the frame.</param>
/// <param name="IsKeyframe">True in all packets of a keyframe.</param>
public readonly record struct Vp8Content(byte Source, int Frame, byte Index, byte Count, bool IsKeyframe)
{
    private const int HeadLength = 8;

    /// <summary>Smallest payload: descriptor, frame header of a keyframe, head.</summary>
    public const int MinPayloadLength = DescriptorLength + 10 + HeadLength;

    private const int DescriptorLength = 6;

    /// <summary>Writes a payload: a true RFC 7741 descriptor, a VP8 frame header in the first packet, then bytes that follow from the content.</summary>
    /// <param name="payload">All of it is used.</param>
    /// <param name="pictureId">15 bits.</param>
    /// <param name="tl0PictureIndex">TL0PICIDX.</param>
    public void Write(Span<byte> payload, ushort pictureId, byte tl0PictureIndex)
    {
        payload[0] = (byte)(0x80 | (Index == 0 ? 0x10 : 0));
        payload[1] = 0xE0;
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(pictureId | 0x8000));
        payload[4] = tl0PictureIndex;
        payload[5] = 0x20;
        var rest = payload[DescriptorLength..];
        if (Index == 0)
        {
            var header = WriteFrameHeader(rest);
            rest = rest[header..];
        }

        rest[0] = Source;
        BinaryPrimitives.WriteInt32BigEndian(rest[1..], Frame);
        rest[5] = Index;
        rest[6] = Count;
        rest[7] = (byte)(IsKeyframe ? 1 : 0);
        Fill(rest[HeadLength..]);
    }

    /// <summary>Reads a payload and compares every byte behind the descriptor with what was sent.</summary>
    /// <returns>False when something is not as it was written.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out Vp8Content content)
    {
        content = default;
        if (Vp8Descriptor.TryParse(payload, out var descriptor) != DropReason.None) return false;
        var rest = payload[descriptor.Length..];
        if (descriptor.IsFrameStart) rest = rest[(descriptor.IsKeyframe(payload) ? 10 : 3)..];
        if (rest.Length < HeadLength) return false;
        content = new Vp8Content(rest[0], BinaryPrimitives.ReadInt32BigEndian(rest[1..]), rest[5], rest[6], rest[7] != 0);
        if (descriptor.IsFrameStart != (content.Index == 0)) return false;
        Span<byte> expected = stackalloc byte[2000];
        expected = expected[..(rest.Length - HeadLength)];
        content.Fill(expected);
        return rest[HeadLength..].SequenceEqual(expected);
    }

    private int WriteFrameHeader(Span<byte> destination)
    {
        destination[0] = (byte)(IsKeyframe ? 0x10 : 0x11);
        destination[1] = destination[2] = 0;
        if (!IsKeyframe) return 3;
        ReadOnlySpan<byte> start = [0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01]; // 640 × 360
        start.CopyTo(destination[3..]);
        return 10;
    }

    private void Fill(Span<byte> destination)
    {
        var state = (ulong)((Source * 1_000_003L) + (Frame * 257L) + Index + 1) * 0x9E37_79B9_7F4A_7C15;
        for (var i = 0; i < destination.Length; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            destination[i] = (byte)state;
        }
    }
}
