using System.Buffers.Binary;

namespace Broadcast.Rtc.Payloads;

/// <summary>Walks the earlier packets in a <see cref="RedPayload"/>.</summary>
public ref struct RedBlockReader
{
    private const int HeaderLength = 4;

    private ReadOnlySpan<byte> _headers;
    private ReadOnlySpan<byte> _data;

    internal RedBlockReader(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> data)
    {
        _headers = headers;
        _data = data;
    }

    /// <summary>Reads the next block; false at the end.</summary>
    public bool TryRead(out RedBlock block)
    {
        block = default;
        if (_headers.IsEmpty) return false;
        var header = BinaryPrimitives.ReadUInt32BigEndian(_headers);
        var length = LengthIn(_headers);
        block = new RedBlock((byte)((header >> 24) & 0x7F), (header >> 10) & RedBlock.MaximumTimestampOffset, _data[..length]);
        _headers = _headers[HeaderLength..];
        _data = _data[length..];
        return true;
    }

    /// <summary>The block length in a header of a redundant block.</summary>
    internal static int LengthIn(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16BigEndian(header[2..]) & RedBlock.MaximumLength;
}
