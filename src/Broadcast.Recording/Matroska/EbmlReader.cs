using System.Buffers.Binary;
using System.Numerics;

namespace Broadcast.Recording.Matroska;

/// <summary>Reads element headers and short values of a file that nobody vouches for. Owned by one thread.</summary>
internal sealed class EbmlReader
{
    private readonly Stream _file;

    public EbmlReader(Stream file)
    {
        _file = file;
        Length = file.Length;
    }

    public long Length { get; }

    /// <summary>Reads the header of the element at a place.</summary>
    /// <returns>False where there is none, or only a part of one.</returns>
    public bool TryReadElement(long at, long limit, out EbmlElement element)
    {
        element = default;
        Span<byte> bytes = stackalloc byte[12];
        bytes = bytes[..Read(at, bytes[..(int)Math.Clamp(limit - at, 0, bytes.Length)])];
        if (bytes.IsEmpty) return false;

        // :: Step 1: the id, at most 4 bytes, with its marker
        var idLength = BitOperations.LeadingZeroCount((uint)bytes[0]) - 23;
        if (idLength > 4 || bytes.Length < idLength + 1) return false;
        uint id = 0;
        for (var i = 0; i < idLength; i++) id = (id << 8) | bytes[i];

        // :: Step 2: the size, at most 8 bytes, without its marker
        bytes = bytes[idLength..];
        var sizeLength = BitOperations.LeadingZeroCount((uint)bytes[0]) - 23;
        if (sizeLength > 8 || bytes.Length < sizeLength) return false;
        long size = bytes[0] & (0xFF >> sizeLength);
        for (var i = 1; i < sizeLength; i++) size = (size << 8) | bytes[i];
        var isUnknown = size == (1L << (7 * sizeLength)) - 1;
        element = new EbmlElement(id, at, at + idLength, sizeLength, isUnknown ? -1 : size);
        return true;
    }

    /// <summary>Reads an unsigned number of at most 8 bytes.</summary>
    public bool TryReadUnsigned(in EbmlElement element, out ulong value)
    {
        value = 0;
        if (element.Size is < 0 or > 8) return false;
        Span<byte> bytes = stackalloc byte[8];
        bytes = bytes[..(int)element.Size];
        if (Read(element.BodyAt, bytes) < bytes.Length) return false;
        foreach (var octet in bytes) value = (value << 8) | octet;
        return true;
    }

    public bool TryReadFloat(in EbmlElement element, out double value)
    {
        value = 0;
        if (element.Size != 8 || !TryReadUnsigned(element, out var bits)) return false;
        value = BitConverter.UInt64BitsToDouble(bits);
        return true;
    }

    /// <summary>Reads what is there of the asked.</summary>
    /// <returns>How many bytes.</returns>
    public int Read(long at, Span<byte> into)
    {
        if (at < 0 || at >= Length || into.IsEmpty) return 0;
        if (_file.Position != at) _file.Position = at;
        return _file.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
    }
}

/// <summary>The header of an element.</summary>
/// <param name="Id">With its marker.</param>
/// <param name="At">Where it begins.</param>
/// <param name="SizeAt">Where its size field is.</param>
/// <param name="SizeLength">Bytes of that.</param>
/// <param name="Size">Of its body; −1 when it is not known.</param>
internal readonly record struct EbmlElement(uint Id, long At, long SizeAt, int SizeLength, long Size)
{
    public long BodyAt => SizeAt + SizeLength;

    public bool IsOfUnknownSize => Size < 0;

    /// <summary>Below 2^57, so that nothing overflows; the place where the body begins when its size is not known.</summary>
    public long End => BodyAt + Math.Max(0, Size);
}
