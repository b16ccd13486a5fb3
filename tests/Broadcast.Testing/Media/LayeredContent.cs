using System.Buffers.Binary;

namespace Broadcast.Testing.Media;

/// <summary>What a synthetic packet of a layered encoding says about itself, behind the descriptors of its codec.</summary>
/// <param name="Encoding">Which encoding of the publisher, from 0.</param>
/// <param name="Frame">Number of its frame within the encoding; each spatial layer of a picture is a frame.</param>
/// <param name="Picture">Number of its picture within the encoding.</param>
/// <param name="SpatialId">From 0.</param>
/// <param name="TemporalId">From 0.</param>
/// <param name="IsKey">True in key pictures.</param>
/// <param name="Index">Its place in the frame, from 0.</param>
/// <param name="Count">Packets of the frame.</param>
/// <param name="FirstReference">A frame that this one really refers to; −1 for none.</param>
/// <param name="SecondReference">Another.</param>
public readonly record struct LayeredContent(
    byte Encoding, int Frame, int Picture, byte SpatialId, byte TemporalId, bool IsKey, byte Index, byte Count, int FirstReference, int SecondReference)
{
    /// <summary>Least bytes of a body.</summary>
    public const int HeadLength = 23;

    private const byte Magic = 0xA7;

    /// <summary>Fills a body.</summary>
    public void Write(Span<byte> body)
    {
        body[0] = Magic;
        body[1] = Encoding;
        BinaryPrimitives.WriteInt32BigEndian(body[2..], Frame);
        BinaryPrimitives.WriteInt32BigEndian(body[6..], Picture);
        body[10] = (byte)((SpatialId << 4) | (TemporalId << 1) | (IsKey ? 1 : 0));
        body[11] = Index;
        body[12] = Count;
        BinaryPrimitives.WriteInt32BigEndian(body[13..], FirstReference);
        BinaryPrimitives.WriteInt32BigEndian(body[17..], SecondReference);
        BinaryPrimitives.WriteUInt16BigEndian(body[21..], (ushort)body.Length);
        for (var i = HeadLength; i < body.Length; i++) body[i] = Filler(i);
    }

    /// <summary>Reads a body and checks every byte of it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out LayeredContent content)
    {
        content = default;
        if (body.Length < HeadLength || body[0] != Magic || BinaryPrimitives.ReadUInt16BigEndian(body[21..]) != body.Length) return false;
        content = new LayeredContent(
            body[1],
            BinaryPrimitives.ReadInt32BigEndian(body[2..]),
            BinaryPrimitives.ReadInt32BigEndian(body[6..]),
            (byte)(body[10] >> 4),
            (byte)((body[10] >> 1) & 7),
            (body[10] & 1) != 0,
            body[11],
            body[12],
            BinaryPrimitives.ReadInt32BigEndian(body[13..]),
            BinaryPrimitives.ReadInt32BigEndian(body[17..]));
        for (var i = HeadLength; i < body.Length; i++)
        {
            if (body[i] != content.Filler(i)) return false;
        }

        return true;
    }

    private byte Filler(int at) => (byte)((Frame * 31) + (Index * 7) + (Encoding * 101) + at);
}
