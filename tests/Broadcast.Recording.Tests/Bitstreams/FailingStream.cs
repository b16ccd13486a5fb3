namespace Broadcast.Recording.Tests.Bitstreams;

/// <summary>A disk that becomes full: it writes what fits.</summary>
internal sealed class FailingStream : MemoryStream
{
    public int Room { get; set; } = int.MaxValue;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var fitting = Math.Min(buffer.Length, Room);
        base.Write(buffer[..fitting]);
        Room -= fitting;
        if (fitting < buffer.Length) throw new IOException("No space left on device.");
    }
}
