using System.Buffers.Binary;

namespace Broadcast.Recording.Mp4;

/// <summary>Bounds-checked, non-owning view over the boxes in a span (ISO/IEC 14496-12 §4.2). What does not fit ends them.</summary>
internal ref struct BoxReader
{
    /// <summary>Size and type.</summary>
    public const int HeaderLength = 8;

    private ReadOnlySpan<byte> _rest;

    public BoxReader(ReadOnlySpan<byte> boxes) => _rest = boxes;

    /// <summary>Four letters.</summary>
    public ReadOnlySpan<byte> Type { get; private set; }

    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>Takes the next box.</summary>
    public bool TryRead()
    {
        if (_rest.Length < HeaderLength) return false;
        var size = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        if (size < HeaderLength || size > _rest.Length) return false;
        Type = _rest[4..HeaderLength];
        Body = _rest[HeaderLength..(int)size];
        _rest = _rest[(int)size..];
        return true;
    }

    /// <summary>Finds the first box of a type.</summary>
    /// <param name="boxes">Where.</param>
    /// <param name="type">Which.</param>
    /// <param name="body">Of it.</param>
    public static bool TryFind(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> body)
    {
        var reader = new BoxReader(boxes);
        while (reader.TryRead())
        {
            if (!reader.Type.SequenceEqual(type)) continue;
            body = reader.Body;
            return true;
        }

        body = default;
        return false;
    }
}
