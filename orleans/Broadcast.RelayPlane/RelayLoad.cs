namespace Broadcast.RelayPlane;

/// <summary>What a node sends at the moment, measured over the last second or so, and what it may.</summary>
public readonly record struct RelayLoad
{
    /// <summary>Bits per second sent, to viewers and children together.</summary>
    public long BitsPerSecond { get; init; }

    /// <summary>Packets per second sent.</summary>
    public long PacketsPerSecond { get; init; }

    /// <summary>Viewers connected.</summary>
    public int Viewers { get; init; }

    /// <summary>Children fed, counted once for each stream.</summary>
    public int Children { get; init; }

    /// <summary>Bits per second that the node may send.</summary>
    public long CapacityBitsPerSecond { get; init; }

    /// <summary>Packets per second that the node can send.</summary>
    public long CapacityPacketsPerSecond { get; init; }

    /// <summary>Viewers that may be connected.</summary>
    public int CapacityViewers { get; init; }

    /// <summary>Children that may be fed.</summary>
    public int CapacityChildren { get; init; }

    /// <summary>Share of the busiest worker's time, 0 to 1.</summary>
    public double Busy { get; init; }
}
