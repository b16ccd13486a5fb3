namespace Broadcast.Trees.Cluster;

/// <summary>One region of a snapshot: who could relay, best first, and where viewers should go.</summary>
public sealed class RegionIndex
{
    /// <summary>Where a node is this much fuller than the region's mean, viewers are sent to others.</summary>
    public const double Tolerance = 1.1;

    private readonly NodeInfo[] _edges;
    private readonly double[] _cumulativeRoom;

    internal RegionIndex(string name, NodeInfo[] nodes)
    {
        Name = name;
        Nodes = nodes;
        Relays = [.. nodes.Where(node => node.IsRelay && node.State == NodeState.Up)
            .OrderByDescending(node => Math.Min(node.UplinkLeft(default, 0), 1 - node.Load.CpuBusy) * node.Capacity.BitsPerSecond)
            .ThenBy(node => node.Id)];
        _edges = [.. nodes.Where(node => node.IsOpenEdge)];
        double viewers = _edges.Sum(node => (double)node.Load.Viewers), capacity = _edges.Sum(node => (double)node.Capacity.Viewers);
        ViewerCapacity = capacity;
        MeanViewerShare = capacity > 0 ? viewers / capacity : 1;

        // Room up to a level a little above the mean: the emptier a node, the likelier it is chosen, and never all choose one.
        var level = Math.Min(1, Math.Max(MeanViewerShare * Tolerance, MeanViewerShare + 0.01));
        _cumulativeRoom = new double[_edges.Length];
        var sum = 0.0;
        for (var i = 0; i < _edges.Length; i++)
        {
            var node = _edges[i];
            var usable = node.UplinkLeft(default, 0) > 0 && node.Load.CpuBusy < 1;
            sum += usable ? Math.Max(0, (level - node.ViewerShare) * node.Capacity.Viewers) : 0;
            _cumulativeRoom[i] = sum;
        }
    }

    public string Name { get; }

    /// <summary>All nodes that are not gone, by id.</summary>
    public IReadOnlyList<NodeInfo> Nodes { get; }

    /// <summary>Nodes that are up and may feed others, the widest free uplink first.</summary>
    public IReadOnlyList<NodeInfo> Relays { get; }

    /// <summary>Viewers per viewer capacity over all nodes that take viewers, 0 to 1; 1 where none does.</summary>
    public double MeanViewerShare { get; }

    /// <summary>Viewers that all nodes that take viewers could hold.</summary>
    public double ViewerCapacity { get; }

    /// <summary>A node with room for a viewer, at random in proportion to its room; null when all are full.</summary>
    /// <param name="seed">Equal seeds choose equal nodes; draw one for each viewer.</param>
    public NodeInfo? PickEdge(ulong seed)
    {
        if (_edges.Length == 0 || _cumulativeRoom[^1] <= 0) return null;
        var point = (Mix(seed) >> 11) * (1.0 / (1ul << 53)) * _cumulativeRoom[^1];
        var index = Array.BinarySearch(_cumulativeRoom, point);
        index = index < 0 ? ~index : index + 1;

        // Nodes without room have the same sum as the one before them; the search may stop on one.
        while (index < _edges.Length - 1 && Room(index) <= 0) index++;
        return Room(index) > 0 ? _edges[index] : null;
    }

    private double Room(int index) => _cumulativeRoom[index] - (index > 0 ? _cumulativeRoom[index - 1] : 0);

    // SplitMix64's finalizer: neighbouring seeds lead far apart.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
