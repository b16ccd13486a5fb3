using System.Buffers;

namespace Broadcast.MediaNode.Tcp;

/// <summary>Bytes that the kernel did not take yet, bounded, in order. Holds memory only while it holds bytes.</summary>
internal sealed class TcpWriteQueue(int capacity)
{
    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>True when nothing waits.</summary>
    public bool IsEmpty => _buffer is null;

    /// <summary>What waits, oldest first.</summary>
    public ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Appends all of the bytes or none.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        var waiting = _end - _start;
        if (bytes.Length > capacity - waiting) return false;
        if (bytes.IsEmpty) return true;
        _buffer ??= ArrayPool<byte>.Shared.Rent(capacity);
        if (bytes.Length > _buffer.Length - _end)
        {
            _buffer.AsSpan(_start, waiting).CopyTo(_buffer);
            _start = 0;
            _end = waiting;
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
        return true;
    }

    /// <summary>Forgets the oldest bytes; the kernel has them.</summary>
    public void Consume(int length)
    {
        _start += length;
        if (_start == _end) Clear();
    }

    /// <summary>Forgets everything and gives the memory back.</summary>
    public void Clear()
    {
        if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        _start = 0;
        _end = 0;
    }
}
