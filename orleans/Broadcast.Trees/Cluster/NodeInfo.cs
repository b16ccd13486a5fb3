namespace Broadcast.Trees.Cluster;

/// <summary>One node as the planner sees it: an upload capacity and a reliability, whoever it is.</summary>
public sealed record NodeInfo
{
    /// <summary>Describes a node; claims are clamped.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="region">Where crossings are dear, for example "eu-west".</param>
    /// <param name="zone">What fails together within the region, for example a rack or data centre.</param>
    /// <param name="roles">What it may do.</param>
    /// <param name="capacity">What it says it can carry.</param>
    /// <param name="load">What it measured.</param>
    /// <param name="state">What the membership says.</param>
    /// <param name="generation">Rises with each start of the node.</param>
    public NodeInfo(
        NodeId id, string region, string zone, NodeRoles roles, NodeCapacity capacity, NodeLoad load = default,
        NodeState state = NodeState.Up, long generation = 1)
    {
        Id = id;
        Region = region;
        Zone = zone;
        Roles = roles;
        Capacity = capacity.Clamped();
        Load = load.Clamped();
        State = state;
        Generation = generation;
    }

    public NodeId Id { get; init; }

    public string Region { get; init; }

    public string Zone { get; init; }

    public NodeRoles Roles { get; init; }

    public NodeCapacity Capacity { get; }

    public NodeLoad Load { get; }

    public NodeState State { get; init; }

    public long Generation { get; init; }

    /// <summary>May feed others at all.</summary>
    public bool IsRelay => (Roles & NodeRoles.Relay) != 0 && Capacity.MaxChildren > 0;

    /// <summary>May take viewers now, as far as roles and state go.</summary>
    public bool IsOpenEdge => State == NodeState.Up && (Roles & NodeRoles.Edge) != 0 && Capacity.Viewers > 0;

    /// <summary>Viewers per viewer capacity, 0 and up; 1 without capacity.</summary>
    public double ViewerShare => Capacity.Viewers > 0 ? (double)Load.Viewers / Capacity.Viewers : 1;

    /// <summary>The share of the uplink that is left after <paramref name="extra"/> more copies, in bits or packets, whichever is less.</summary>
    public double UplinkLeft(StreamDemand demand, int extra) => Math.Min(
        Left(Load.BitsPerSecond + (extra * demand.BitsPerSecond), Capacity.BitsPerSecond),
        Left(Load.PacketsPerSecond + (extra * demand.PacketsPerSecond), Capacity.PacketsPerSecond));

    /// <summary>Fails together with <paramref name="other"/>.</summary>
    public bool SharesZoneWith(NodeInfo other) => Zone == other.Zone && Region == other.Region;

    private static double Left(double used, double capacity) => capacity > 0 ? 1 - (used / capacity) : 0;
}
