namespace Broadcast.Trees.Planning;

/// <summary>How far the planner goes. All shares are 0 to 1.</summary>
public sealed record PlannerLimits
{
    /// <summary>The defaults.</summary>
    public static PlannerLimits Default { get; } = new();

    /// <summary>A planned child may fill a parent's uplink up to here; the rest is kept for viewers' peaks and for orphans.</summary>
    public double PlannedShare { get; init; } = 0.85;

    /// <summary>An orphan may fill it up to here: late is worse than full.</summary>
    public double HealingShare { get; init; } = 1.0;

    /// <summary>Busier nodes get no planned child.</summary>
    public double BusyShare { get; init; } = 0.85;

    /// <summary>Of a node's children at least this share is kept for nodes that relay on, else leaves would end the tree.</summary>
    public double RelayReserve { get; init; } = 0.25;

    /// <summary>Children a region's first node should be able to feed; with fewer a better relay is put before it.</summary>
    public int GatewayChildren { get; init; } = 4;

    /// <summary>Hops from the root that are never exceeded. A guard; trees that fit the cluster are flatter.</summary>
    public int MaxDepth { get; init; } = 12;

    /// <summary>Parents of the least depth that are compared with each other; more would cost time and gain little.</summary>
    public int ComparedParents { get; init; } = 16;

    /// <summary>Viewers are not sent elsewhere below this share of a node's places, however empty the others are.</summary>
    public double ServeBelow { get; init; } = 0.1;

    /// <summary>A move must save this many hops; fewer are not worth a move.</summary>
    public int WorthwhileHops { get; init; } = 2;

    /// <summary>Children are moved away from a parent whose uplink is fuller than this.</summary>
    public double OverloadShare { get; init; } = 0.95;

    /// <summary>Share of viewer places at which a region should run; below or above it the scale signal wants fewer or more nodes.</summary>
    public double WantedShare { get; init; } = 0.6;

    /// <summary>When to come back to a stream nobody publishes.</summary>
    public TimeSpan RetryNotPublished { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>When to come back to a cluster that is full: about when an autoscaler has done something.</summary>
    public TimeSpan RetryFull { get; init; } = TimeSpan.FromSeconds(10);
}
