using System.Buffers.Binary;

namespace Broadcast.Testing.Media;

/// <summary>What a synthetic Opus packet of 20 ms says about itself.</summary>
/// <param name="Source">Which publisher made it.</param>
/// <param name="Number">Its number, from 0.</param>
public readonly record struct OpusContent(byte Source, int Number)
{
    /// <summary>Bytes of a payload.</summary>
    public const int Length = 60;

    /// <summary>Writes a payload of <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> payload)
    {
        payload[0] = 0xFC;
        payload[1] = Source;
        BinaryPrimitives.WriteInt32BigEndian(payload[2..], Number);
        for (var i = 6; i < Length; i++) payload[i] = (byte)((Number * 31) + i);
    }

    /// <summary>Reads a payload and checks every byte.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out OpusContent content)
    {
        content = default;
        if (payload.Length != Length) return false;
        content = new OpusContent(payload[1], BinaryPrimitives.ReadInt32BigEndian(payload[2..]));
        Span<byte> expected = stackalloc byte[Length];
        content.Write(expected);
        return payload.SequenceEqual(expected);
    }
}
