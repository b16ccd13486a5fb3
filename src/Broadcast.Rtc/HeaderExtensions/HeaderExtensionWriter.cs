using System.Buffers.Binary;

namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>Serializes a header extension block for one receiver, under the ids negotiated with it (RFC 8285 §4).</summary>
/// <remarks>Call <see cref="Write"/> per element, then <see cref="Finish"/> once. The destination is the caller's; nothing is written
/// past its end. One block has one form for all its elements.</remarks>
public ref struct HeaderExtensionWriter
{
    /// <summary>Bytes before the first element: profile and length in words.</summary>
    public const int HeadLength = 4;

    /// <summary>Largest id of the one-byte form.</summary>
    public const byte MaximumOneByteId = 14;

    /// <summary>Largest value of the one-byte form, in bytes.</summary>
    public const int MaximumOneByteLength = 16;

    private readonly Span<byte> _destination;
    private readonly HeaderExtensionMap _map;
    private readonly bool _twoByte;
    private int _position;

    /// <summary>Starts an empty block.</summary>
    /// <param name="destination">Where the block goes.</param>
    /// <param name="map">The receiver's ids; kinds without one are skipped.</param>
    /// <param name="twoByte">The form. Two-byte needs a=extmap-allow-mixed, or every id of the session above 14.</param>
    public HeaderExtensionWriter(Span<byte> destination, HeaderExtensionMap map, bool twoByte)
        : this(destination, map, twoByte, HeadLength)
    {
    }

    /// <summary>Continues a block whose elements so far end at <paramref name="position"/>.</summary>
    internal HeaderExtensionWriter(Span<byte> destination, HeaderExtensionMap map, bool twoByte, int position)
    {
        _destination = destination;
        _map = map;
        _twoByte = twoByte;
        _position = position;
    }

    /// <summary>Where the elements written so far end, counted from the start of the block.</summary>
    public readonly int Position => _position;

    /// <summary>Appends one element.</summary>
    /// <returns>False, with nothing written, when the kind was not negotiated, the form cannot hold it, or space is short.</returns>
    public bool Write(HeaderExtensionKind kind, scoped ReadOnlySpan<byte> value)
    {
        var offset = Reserve(kind, value.Length);
        if (offset < 0) return false;
        value.CopyTo(_destination[offset..]);
        return true;
    }

    /// <summary>Appends an element whose value is filled in later.</summary>
    /// <returns>Offset of the value from the start of the block, or −1 when it cannot be written (see <see cref="Write"/>).</returns>
    public int Reserve(HeaderExtensionKind kind, int length)
    {
        var id = _map.IdOf(kind);
        if (id == 0 || !Fits(id, length)) return -1;

        var head = _twoByte ? 2 : 1;
        var end = _position + head + length;

        // Keep room for the zeros that fill the last word.
        if (((end + 3) & ~3) > _destination.Length) return -1;

        if (_twoByte)
        {
            _destination[_position] = id;
            _destination[_position + 1] = (byte)length;
        }
        else
        {
            _destination[_position] = (byte)((id << 4) | (length - 1));
        }

        var offset = _position + head;
        _position = end;
        return offset;
    }

    /// <summary>Pads to whole words and writes the head.</summary>
    /// <returns>Bytes of the block with its 4-byte head; 0 when no element was written, so that the X bit stays clear.</returns>
    public int Finish()
    {
        if (_position == HeadLength) return 0;

        while ((_position & 3) != 0) _destination[_position++] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(_destination, _twoByte ? HeaderExtensionReader.TwoByteProfile : HeaderExtensionReader.OneByteProfile);
        BinaryPrimitives.WriteUInt16BigEndian(_destination[2..], (ushort)((_position - HeadLength) / 4));
        return _position;
    }

    /// <summary>True when some negotiated id cannot be written in the one-byte form.</summary>
    public static bool NeedsTwoByteForm(HeaderExtensionMap map)
    {
        for (var kind = 0; kind < HeaderExtensionMap.KindCount; kind++)
        {
            if (map.IdOf((HeaderExtensionKind)kind) > MaximumOneByteId) return true;
        }

        return false;
    }

    private readonly bool Fits(byte id, int length) =>
        _twoByte ? length <= byte.MaxValue : id <= MaximumOneByteId && length is > 0 and <= MaximumOneByteLength;
}
