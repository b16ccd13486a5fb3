using System.Buffers.Binary;
using Broadcast.Recording.Files;

namespace Broadcast.Recording.Mp4;

/// <summary>Writes boxes (ISO/IEC 14496-12 §4.2). Owned by one thread.</summary>
internal sealed class BoxWriter : GrowingBuffer
{
    private const int TypeOffset = 4;

    /// <summary>Begins a box.</summary>
    /// <param name="type">Four letters.</param>
    /// <returns>For <see cref="End"/>.</returns>
    public int Begin(ReadOnlySpan<byte> type)
    {
        var at = Length;
        type.CopyTo(Append(BoxReader.HeaderLength)[TypeOffset..]);
        return at;
    }

    /// <summary>Begins a box with version and flags.</summary>
    public int Begin(ReadOnlySpan<byte> type, byte version, uint flags)
    {
        var at = Begin(type);
        Write32(((uint)version << 24) | flags);
        return at;
    }

    /// <summary>Writes the size of the box that began there.</summary>
    public void End(int at) => Put32(at, (uint)(Length - at));

    public void Write8(byte value) => Append(1)[0] = value;

    public void Write16(int value) => BinaryPrimitives.WriteUInt16BigEndian(Append(2), (ushort)value);

    public void Write32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Append(4), value);

    public void Write64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Append(8), value);

    public void WriteZeros(int count) => Append(count).Clear();

    public void Write(ReadOnlySpan<byte> data) => data.CopyTo(Append(data.Length));

    /// <summary>Changes what was written before.</summary>
    public void Put32(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(At(at, 4), value);
}
