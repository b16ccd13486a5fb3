namespace Broadcast.Media.Receive;

/// <summary>Limits on one publisher.</summary>
public sealed record IngestPolicy
{
    /// <summary>No limits beyond what this server can take.</summary>
    public static readonly IngestPolicy Default = new();

    /// <summary>The highest rate a publisher without transport-cc is told by REMB, bits per second.</summary>
    public long MaxBitsPerSecond { get; init; } = 10_000_000;
}
