namespace Broadcast.Grains.Abstractions.Nodes;

/// <summary>What a node says of itself.</summary>
[GenerateSerializer, Immutable, Alias("broadcast.node-status")]
public sealed record NodeStatus
{
    /// <summary>Its name.</summary>
    [Id(0)] public required string NodeId { get; init; }

    /// <summary>Of its silo; rises with each start.</summary>
    [Id(1)] public int Generation { get; init; }

    /// <summary>Rises with each report of the generation; a late one is ignored.</summary>
    [Id(2)] public long Sequence { get; init; }

    /// <summary>Where it is.</summary>
    [Id(3)] public string Region { get; init; } = "";

    /// <summary>What fails together with it.</summary>
    [Id(4)] public string Zone { get; init; } = "";

    /// <summary>Bits: 1 ingest, 2 relay, 4 edge, 8 recorder.</summary>
    [Id(5)] public int Roles { get; init; }

    /// <summary>It takes nothing new and gives up what it has.</summary>
    [Id(6)] public bool Draining { get; init; }

    /// <summary>What it can carry.</summary>
    [Id(7)] public NodeFigures Capacity { get; init; }

    /// <summary>What it carries.</summary>
    [Id(8)] public NodeFigures Load { get; init; }

    /// <summary>Share of its busiest worker's time, 0 to 1.</summary>
    [Id(9)] public double Busy { get; init; }

    /// <summary>Under which address viewers are sent to it; empty when it has none of its own.</summary>
    [Id(10)] public string PublicUrl { get; init; } = "";
}

/// <summary>Amounts that a node carries or can carry.</summary>
/// <param name="BitsPerSecond">Sent.</param>
/// <param name="PacketsPerSecond">Sent.</param>
/// <param name="Viewers">Connected.</param>
/// <param name="Children">Relay links fed, all streams together.</param>
[GenerateSerializer, Immutable, Alias("broadcast.node-figures")]
public readonly record struct NodeFigures(
    [property: Id(0)] double BitsPerSecond, [property: Id(1)] double PacketsPerSecond, [property: Id(2)] int Viewers, [property: Id(3)] int Children);

/// <summary>The directory, or what changed in it.</summary>
/// <param name="Incarnation">Of the directory; another one knows nothing of before.</param>
/// <param name="Version">To ask with the next time.</param>
/// <param name="IsComplete">False so shortly after its start that not all nodes may have reported.</param>
/// <param name="Nodes">Those whose reports have changed noticeably since.</param>
/// <param name="Silent">Those that have not reported for a while; complete in every answer.</param>
[GenerateSerializer, Immutable, Alias("broadcast.directory-changes")]
public sealed record DirectoryChanges(
    [property: Id(0)] Guid Incarnation,
    [property: Id(1)] long Version,
    [property: Id(2)] bool IsComplete,
    [property: Id(3)] NodeStatus[] Nodes,
    [property: Id(4)] string[] Silent);
