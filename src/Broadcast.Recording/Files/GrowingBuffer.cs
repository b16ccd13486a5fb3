using System.Buffers;

namespace Broadcast.Recording.Files;

/// <summary>A pooled buffer that grows at its end. Owned by one thread.</summary>
internal abstract class GrowingBuffer : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Makes room at the end; valid until the next call.</summary>
    public Span<byte> Append(int count)
    {
        if (_buffer.Length - Length < count) Grow(count);
        var room = _buffer.AsSpan(Length, count);
        Length += count;
        return room;
    }

    /// <summary>What was written before, to be changed in place; valid until the next call.</summary>
    public Span<byte> At(int position, int count) => _buffer.AsSpan(position, count);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        Length = 0;
    }

    private void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, checked(Length + count)));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
