namespace Broadcast.Signalling.Sessions;

/// <summary>Counts publishers and viewers who were refused: for their token, a ban, or because the stream or the node would not have them. Thread-safe.</summary>
public sealed class RefusedSessions
{
    private long _total;

    /// <summary>Since the start.</summary>
    public long Total => Interlocked.Read(ref _total);

    internal void Count() => Interlocked.Increment(ref _total);
}
