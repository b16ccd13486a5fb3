namespace Broadcast.Client.Media;

/// <summary>Walks the OBUs of an AV1 temporal unit in low-overhead form (AV1 bitstream specification §5.3).</summary>
internal ref struct ObuReader(ReadOnlyMemory<byte> temporalUnit)
{
    /// <summary>OBU_SEQUENCE_HEADER.</summary>
    public const int SequenceHeader = 1;

    /// <summary>OBU_TEMPORAL_DELIMITER.</summary>
    public const int TemporalDelimiter = 2;

    /// <summary>OBU_TILE_LIST.</summary>
    public const int TileList = 8;

    /// <summary>OBU_PADDING.</summary>
    public const int Padding = 15;

    private ReadOnlyMemory<byte> _rest = temporalUnit;

    /// <summary>Reads the next OBU.</summary>
    /// <param name="type">obu_type.</param>
    /// <param name="head">The header byte, and the extension byte if there is one.</param>
    /// <param name="payload">What follows head and size.</param>
    /// <returns>False at the end or when the rest makes no sense.</returns>
    public bool TryRead(out int type, out ReadOnlyMemory<byte> head, out ReadOnlyMemory<byte> payload)
    {
        type = 0;
        head = payload = default;
        if (_rest.IsEmpty) return false;
        var bytes = _rest.Span;
        type = (bytes[0] >> 3) & 0x0F;
        var headLength = (bytes[0] & 4) != 0 ? 2 : 1;
        if (bytes.Length < headLength) return false;
        var start = headLength;
        var length = bytes.Length - headLength;
        if ((bytes[0] & 2) != 0 && !TryReadSize(bytes, ref start, out length)) return false;
        if (length > bytes.Length - start) return false;
        head = _rest[..headLength];
        payload = _rest.Slice(start, length);
        _rest = _rest[(start + length)..];
        return true;
    }

    /// <summary>A temporal unit with a sequence header begins a coded video sequence.</summary>
    public static bool HasSequenceHeader(ReadOnlySpan<byte> temporalUnit)
    {
        var reader = new ObuReader(temporalUnit.ToArray());
        while (reader.TryRead(out var type, out _, out _))
        {
            if (type == SequenceHeader) return true;
        }

        return false;
    }

    private static bool TryReadSize(ReadOnlySpan<byte> bytes, ref int position, out int size)
    {
        size = 0;
        for (var shift = 0; shift < 28 && position < bytes.Length; shift += 7)
        {
            var next = bytes[position++];
            size |= (next & 0x7F) << shift;
            if ((next & 0x80) == 0) return true;
        }

        return false;
    }
}
