namespace Broadcast.RelayPlane;

/// <summary>One stream that a node carries, as its media plane sees it.</summary>
public sealed record CarriedStream
{
    /// <summary>The stream.</summary>
    public required string StreamId { get; init; }

    /// <summary>Of the newest command carried out.</summary>
    public StreamStamp Stamp { get; init; }

    /// <summary>A publisher is connected here.</summary>
    public bool IsRoot { get; init; }

    /// <summary>Who feeds it now; null at the root, and while nobody does.</summary>
    public string? ParentNodeId { get; init; }

    /// <summary>The parent that it is moving to, while the old one still feeds it; null otherwise.</summary>
    public string? NextParentNodeId { get; init; }

    /// <summary>The warm standby; null without one.</summary>
    public string? StandbyNodeId { get; init; }

    /// <summary>Media arrives, so viewers can be served.</summary>
    public bool IsActive { get; init; }

    /// <summary>Nodes from the root to the parent, as the parent told with its control frames; empty at the root and while unknown.</summary>
    public IReadOnlyList<string> Path { get; init; } = [];

    /// <summary>Viewers of the stream here.</summary>
    public int Viewers { get; init; }

    /// <summary>Children fed with the stream.</summary>
    public int Children { get; init; }

    /// <summary>Parents of the present place that refused or did not answer within the last seconds.</summary>
    public IReadOnlyList<string> FailedParents { get; init; } = [];

    /// <summary>Nobody has watched the stream here, and no child taken it, for the linger.</summary>
    public bool IsIdle { get; init; }

    /// <summary>Sessions in any state, publishers included.</summary>
    public int Sessions { get; init; }

    /// <summary>Bits per second that come from the publisher or the parent.</summary>
    public double ReceivedBitsPerSecond { get; init; }

    /// <summary>Of what the publisher or the parent sent, before repairs, over the last second: 0 to 1.</summary>
    public double FractionLost { get; init; }

    /// <summary>To the publisher or the parent; null when not measured.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Bits per second of one copy, all layers that travel.</summary>
    public double BitsPerSecond { get; init; }

    /// <summary>Packets per second of one copy.</summary>
    public double PacketsPerSecond { get; init; }
}
