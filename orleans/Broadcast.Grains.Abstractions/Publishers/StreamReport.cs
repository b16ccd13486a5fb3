using Broadcast.Grains.Abstractions.Recordings;

namespace Broadcast.Grains.Abstractions.Publishers;

/// <summary>What one node does for one stream, which also acknowledges all orders up to its version.</summary>
[GenerateSerializer, Immutable, Alias("broadcast.stream-report")]
public sealed record StreamReport
{
    /// <summary>Who reports.</summary>
    [Id(0)] public required string NodeId { get; init; }

    /// <summary>The highest epoch it has seen.</summary>
    [Id(1)] public Epoch Epoch { get; init; }

    /// <summary>The version of the last order it carried out.</summary>
    [Id(2)] public long Version { get; init; }

    /// <summary>The publisher is connected here.</summary>
    [Id(3)] public bool IsRoot { get; init; }

    /// <summary>Who feeds it, as it is; null when nobody does.</summary>
    [Id(4)] public string? Parent { get; init; }

    /// <summary>Whom it keeps warm.</summary>
    [Id(5)] public string? Standby { get; init; }

    /// <summary>Its way up leads to a publisher.</summary>
    [Id(6)] public bool IsRooted { get; init; }

    /// <summary>From the root to its parent, as the parent told it.</summary>
    [Id(7)] public string[] Path { get; init; } = [];

    /// <summary>Viewers of the stream here.</summary>
    [Id(8)] public int Viewers { get; init; }

    /// <summary>Nodes that it feeds with the stream.</summary>
    [Id(9)] public int Children { get; init; }

    /// <summary>Parents that refused or did not answer lately.</summary>
    [Id(10)] public string[] Failed { get; init; } = [];

    /// <summary>Nobody has needed the stream here for the linger.</summary>
    [Id(11)] public bool WantsToLeave { get; init; }

    /// <summary>Of one copy of the stream, bit/s; measured at the root, 0 elsewhere.</summary>
    [Id(12)] public double BitsPerSecond { get; init; }

    /// <summary>Of one copy of the stream, packets/s; measured at the root, 0 elsewhere.</summary>
    [Id(13)] public double PacketsPerSecond { get; init; }

    /// <summary>The parent that it is moving to.</summary>
    [Id(14)] public string? NextParent { get; init; }

    /// <summary>The publisher's session, at the root.</summary>
    [Id(15)] public string? Session { get; init; }

    /// <summary>What it records of the stream; null for nothing.</summary>
    [Id(16)] public StreamRecording? Recording { get; init; }
}
