namespace Broadcast.Grains.Hosting;

/// <summary>Where a node's silo is in its life.</summary>
/// <remarks>
/// <code>
/// Stopped → Starting → Running ⇄ Restarting
///    ▲──────────┴─────────┴──────────┘
/// </code>
/// Running → Restarting when the cluster declared the silo dead, or the silo failed, or its store forgot it.
/// </remarks>
public enum SiloState
{
    /// <summary>Not started, or stopped for good.</summary>
    Stopped,

    /// <summary>Joining the cluster for the first time.</summary>
    Starting,

    /// <summary>A member of the cluster.</summary>
    Running,

    /// <summary>The former generation is over and the next one not yet a member; media goes on.</summary>
    Restarting,
}
