namespace Broadcast.Trees.Cluster;

/// <summary>What a node may do.</summary>
[Flags]
public enum NodeRoles
{
    None = 0,

    /// <summary>Takes publishers. As a stream's root it feeds others even without <see cref="Relay"/>: somebody has to.</summary>
    Ingest = 1,

    /// <summary>Feeds other nodes.</summary>
    Relay = 2,

    /// <summary>Serves viewers.</summary>
    Edge = 4,

    /// <summary>Records.</summary>
    Recorder = 8,

    /// <summary>The default of a node.</summary>
    All = Ingest | Relay | Edge | Recorder,
}
