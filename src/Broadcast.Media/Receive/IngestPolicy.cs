namespace Broadcast.Media.Receive;

/// <summary>Limits on one publisher.</summary>
public sealed record IngestPolicy
{
    /// <summary>No limits beyond what this server can take.</summary>
    public static readonly IngestPolicy Default = new();

    /// <summary>The highest rate a publisher without transport-cc is told by REMB, bits per second.</summary>
    public long MaxBitsPerSecond { get; init; } = 10_000_000;

    /// <summary>
    /// Bits per second of video that the operator allows a publisher, all layers together; 0 for no limit. Told by b=AS and b=TIAS
    /// in the answer, and by REMB (draft-alvestrand-rmcat-remb-03) also to publishers with transport-cc, who take the lower of both.
    /// </summary>
    public long LimitBitsPerSecond { get; init; }

    /// <summary>No REMB goes above this.</summary>
    internal long Ceiling => LimitBitsPerSecond > 0 ? Math.Min(LimitBitsPerSecond, MaxBitsPerSecond) : MaxBitsPerSecond;
}
