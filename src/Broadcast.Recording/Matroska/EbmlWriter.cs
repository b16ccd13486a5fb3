using System.Buffers.Binary;
using System.Text;
using Broadcast.Recording.Files;

namespace Broadcast.Recording.Matroska;

/// <summary>Writes EBML elements (RFC 8794). Owned by one thread.</summary>
internal sealed class EbmlWriter : GrowingBuffer
{
    /// <summary>Bytes of the size field of every master element: up to 256 MB, and a repair can write another size into it.</summary>
    public const int MasterSizeLength = 4;

    public void WriteId(uint id)
    {
        var length = IdLength(id);
        var room = Append(length);
        for (var i = length - 1; i >= 0; i--, id >>= 8) room[i] = (byte)id;
    }

    /// <summary>A size in as many bytes as told (RFC 8794 §4).</summary>
    public void WriteSize(long size, int length) => PutSize(Append(length), size);

    public void WriteUnsigned(uint id, ulong value)
    {
        var length = 1;
        while (length < 8 && value >> (8 * length) != 0) length++;
        WriteId(id);
        WriteSize(length, 1);
        var room = Append(length);
        for (var i = length - 1; i >= 0; i--, value >>= 8) room[i] = (byte)value;
    }

    public void WriteSigned8(uint id, long value)
    {
        WriteId(id);
        WriteSize(8, 1);
        BinaryPrimitives.WriteInt64BigEndian(Append(8), value);
    }

    public void WriteFloat(uint id, double value)
    {
        WriteId(id);
        WriteSize(8, 1);
        BinaryPrimitives.WriteDoubleBigEndian(Append(8), value);
    }

    public void WriteText(uint id, string ascii)
    {
        WriteId(id);
        WriteSize(ascii.Length, 1);
        Encoding.ASCII.GetBytes(ascii, Append(ascii.Length));
    }

    public void WriteBytes(uint id, ReadOnlySpan<byte> data)
    {
        WriteId(id);
        WriteSize(data.Length, MasterSizeLength);
        data.CopyTo(Append(data.Length));
    }

    /// <summary>An element without meaning of exactly so many bytes, 2 or more.</summary>
    public void WriteVoid(int totalLength)
    {
        WriteId(EbmlId.Void);
        var sizeLength = totalLength > 100 ? MasterSizeLength : 1;
        WriteSize(totalLength - 1 - sizeLength, sizeLength);
        Append(totalLength - 1 - sizeLength).Clear();
    }

    /// <summary>Begins an element that has others in it.</summary>
    /// <returns>For <see cref="EndMaster"/>.</returns>
    public int BeginMaster(uint id)
    {
        WriteId(id);
        Append(MasterSizeLength);
        return Length;
    }

    public void EndMaster(int begin) => PutSize(At(begin - MasterSizeLength, MasterSizeLength), Length - begin);

    public static void PutSize(Span<byte> field, long size)
    {
        for (var i = field.Length - 1; i >= 0; i--, size >>= 8) field[i] = (byte)size;
        field[0] |= (byte)(0x80 >> (field.Length - 1));
    }

    /// <summary>The largest size that a field of this length can say; all ones mean that it is not known.</summary>
    public static long MaximumSize(int fieldLength) => (1L << (7 * fieldLength)) - 2;

    public static int IdLength(uint id) => id switch { > 0xFFFFFF => 4, > 0xFFFF => 3, > 0xFF => 2, _ => 1 };
}
