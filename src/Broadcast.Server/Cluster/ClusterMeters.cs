using System.Diagnostics.Metrics;
using Broadcast.Grains.Cluster;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Server.Cluster;

/// <summary>The cluster as this node sees it, as instruments of the meter "Broadcast.Cluster".</summary>
internal sealed class ClusterMeters : IDisposable
{
    /// <summary>Regions shown; names come from other nodes, so there is an end to them.</summary>
    private const int MaxRegions = 64;

    private readonly Meter _meter = new("Broadcast.Cluster");
    private readonly SortedSet<string> _regions = new(StringComparer.Ordinal);

    public ClusterMeters(ClusterNode node)
    {
        _meter.CreateObservableGauge("cluster.nodes", () => Nodes(node.LatestCluster), null, "Nodes of the cluster, by state.");
        _meter.CreateObservableGauge("cluster.region.nodes", () => Regions(node.LatestCluster, signal => signal.Nodes), null, "Nodes that take viewers, by region.");
        _meter.CreateObservableGauge("cluster.region.wanted_nodes", () => Regions(node.LatestCluster, signal => signal.Wanted), null, "Nodes that should take viewers, by region; for autoscalers.");
        _meter.CreateObservableCounter("cluster.joins.asked", () => node.RemoteJoins, null, "Joins that had to ask the grain of a stream.");
        _meter.CreateObservableCounter("cluster.silo.restarts", () => (long)node.Silo.Restarts, null, "Times that the node's silo was begun again.");
        _meter.CreateObservableCounter("cluster.connections.refused", () => node.Silo.RefusedConnections, null, "Connections of silos that could not prove themselves.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<int>> Nodes(ClusterSnapshot cluster) =>
        from state in new[] { NodeState.Up, NodeState.Draining, NodeState.Suspect }
        select new Measurement<int>(cluster.Nodes.Count(node => node.State == state), new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant()));

    // A region whose last node is gone goes on as 0: a gauge that is not set any more would keep its last value.
    private List<Measurement<int>> Regions(ClusterSnapshot cluster, Func<ScaleSignal, int> value)
    {
        lock (_regions)
        {
            foreach (var signal in Scale.Signals(cluster))
            {
                if (_regions.Count < MaxRegions) _regions.Add(signal.Region);
            }

            return [.. _regions.Select(region => new Measurement<int>(value(TreePlanner.WantedNodes(cluster, region)), new KeyValuePair<string, object?>("region", region)))];
        }
    }
}
