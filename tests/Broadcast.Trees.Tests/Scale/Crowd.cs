using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Trees.Tests.Scale;

/// <summary>
/// One stream, many regions, very many viewers who come second by second. What a node decides alone is decided here as there:
/// with its own count and a snapshot that is up to a second old.
/// </summary>
internal sealed class Crowd
{
    private readonly Random _random;
    private readonly NodeInfo[] _nodes;
    private readonly int[] _viewers;
    private readonly Dictionary<NodeId, int> _index;
    private readonly StreamDemand _demand = new(300_000, 60);
    private ClusterSnapshot _cluster;

    public Crowd(int regions, int perRegion, int seed)
    {
        _random = new Random(seed);

        // Machines of two sizes, so that equal counts would not be equal loads.
        _nodes =
        [
            .. Clusters.Many(regions, perRegion).Select((node, i) =>
                new NodeInfo(node.Id, node.Region, node.Zone, NodeRoles.All, new NodeCapacity(10e9, 3e6, i % 2 == 0 ? 800 : 1200, 16))),
        ];
        _viewers = new int[_nodes.Length];
        _index = _nodes.Select((node, i) => (node.Id, i)).ToDictionary(entry => entry.Id, entry => entry.i);
        _cluster = new ClusterSnapshot(1, _nodes);
        Tree = TreePlanner.PlanNewRoot(_cluster, StreamTree.Empty, _demand, _nodes[0].Id, new StreamEpoch(1, 1)).Tree;
        PerRegion = perRegion;
    }

    public StreamTree Tree { get; private set; }

    public ClusterSnapshot Cluster => _cluster;

    public int PerRegion { get; }

    public int Served { get; private set; }

    public int Redirects { get; private set; }

    /// <summary>Viewers who were refused and would come back.</summary>
    public int Refused { get; private set; }

    /// <summary>Viewers come for so many seconds; <paramref name="landing"/> says on which node of its region the balancer puts one.</summary>
    public void Come(int viewers, int seconds, Func<Random, int, int> landing)
    {
        for (var second = 0; second < seconds; second++)
        {
            Measure();
            var now = (int)((long)viewers * (second + 1) / seconds) - (int)((long)viewers * second / seconds);
            for (var i = 0; i < now; i++)
            {
                var region = _random.Next(_nodes.Length / PerRegion);
                Join((region * PerRegion) + landing(_random, PerRegion));
            }
        }

        Measure();
    }

    /// <summary>The fullest node's viewers per viewer capacity over its region's mean, for the worst region.</summary>
    public double Imbalance()
    {
        var worst = 0.0;
        foreach (var region in _nodes.Select((node, i) => (node, i)).GroupBy(entry => entry.node.Region))
        {
            var mean = region.Sum(entry => (double)_viewers[entry.i]) / region.Sum(entry => (double)entry.node.Capacity.Viewers);
            worst = Math.Max(worst, region.Max(entry => (double)_viewers[entry.i] / entry.node.Capacity.Viewers) / mean);
        }

        return worst;
    }

    private void Join(int at)
    {
        var seed = (ulong)_random.NextInt64();
        for (var hop = 0; hop < 4; hop++)
        {
            var node = _cluster.Find(_nodes[at].Id)!;
            var here = Tree.IsRooted(node.Id)
                && Admission.Decide(node, _cluster.FindRegion(node.Region), _demand, _viewers[at], hop > 0, PlannerLimits.Default) == Landing.Here;
            var plan = here ? new JoinPlan.Serve() : TreePlanner.PlanJoin(_cluster, Tree, _demand, node.Id, _viewers[at], seed + (ulong)hop, hop > 0);
            switch (plan)
            {
                case JoinPlan.Redirect redirect:
                    Redirects++;
                    at = _index[redirect.Node];
                    continue;
                case JoinPlan.Refuse:
                    Refused++;
                    return;
                case JoinPlan.Attach attach:
                    Tree = attach.Plan.Tree;
                    break;
            }

            Served++;
            _viewers[at]++;
            return;
        }

        Refused++;
    }

    private void Measure()
    {
        _cluster = new ClusterSnapshot(_cluster.Number + 1, _nodes.Select((node, i) =>
        {
            var children = Tree.Find(node.Id)?.Children.Count ?? 0;
            var copies = children + _viewers[i];
            return new NodeInfo(
                node.Id, node.Region, node.Zone, node.Roles, node.Capacity,
                new NodeLoad(copies * _demand.BitsPerSecond, copies * _demand.PacketsPerSecond, _viewers[i], children, copies / 2000.0));
        }));
    }
}
