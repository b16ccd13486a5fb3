namespace Broadcast.Fuzz.Files;

/// <summary>A file in memory that counts how it is read.</summary>
internal sealed class MeteredStream : MemoryStream
{
    public MeteredStream(ReadOnlySpan<byte> content)
    {
        Write(content);
        Position = 0;
    }

    /// <summary>Calls.</summary>
    public int Reads { get; private set; }

    /// <summary>What they gave.</summary>
    public long BytesRead { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var read = base.Read(buffer);
        Reads++;
        BytesRead += read;
        return read;
    }
}
