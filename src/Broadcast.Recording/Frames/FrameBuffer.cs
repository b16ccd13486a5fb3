namespace Broadcast.Recording.Frames;

/// <summary>Bytes of one frame; keeps its memory for the next one. Owned by one assembler.</summary>
internal sealed class FrameBuffer
{
    /// <summary>No frame of a live stream is larger; whoever sends more gets none.</summary>
    public const int MaximumLength = 8 << 20;

    private const int InitialLength = 16 * 1024;

    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Truncate(int length) => Length = length;

    /// <summary>What was added before, to be changed in place.</summary>
    public Span<byte> At(int position, int count) => _bytes.AsSpan(position, count);

    /// <returns>False, with nothing added, when it would become too long.</returns>
    public bool TryAppend(ReadOnlySpan<byte> data)
    {
        var length = Length + data.Length;
        if (length > MaximumLength) return false;
        if (length > _bytes.Length) Array.Resize(ref _bytes, Math.Min(MaximumLength, Math.Max(length, Math.Max(InitialLength, _bytes.Length * 2))));
        data.CopyTo(_bytes.AsSpan(Length));
        Length = length;
        return true;
    }

    /// <summary>Makes room for one byte; what is behind moves.</summary>
    /// <returns>False, with nothing changed, when it would become too long.</returns>
    public bool TryInsert(int position)
    {
        if (!TryAppend(0)) return false;
        _bytes.AsSpan(position, Length - 1 - position).CopyTo(_bytes.AsSpan(position + 1));
        _bytes[position] = 0;
        return true;
    }

    public bool TryAppend(byte value) => TryAppend(new ReadOnlySpan<byte>(in value));
}
