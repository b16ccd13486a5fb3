using BenchmarkDotNet.Attributes;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Benchmarks.Trees;

/// <summary>What a stream's writer pays per join and per failure, with 2,000 nodes.</summary>
[MemoryDiagnoser]
public class TreePlannerBenchmarks
{
    private Forest _forest = null!;

    /// <summary>Builds cluster and tree.</summary>
    [GlobalSetup]
    public void Setup() => _forest = new Forest();

    /// <summary>A node is attached, with a standby.</summary>
    [Benchmark]
    public JoinPlan JoinThatAttaches() => _forest.JoinOutside();

    /// <summary>A viewer is sent elsewhere.</summary>
    [Benchmark]
    public JoinPlan JoinThatRedirects() => _forest.JoinFull();

    /// <summary>A child of the root dies.</summary>
    [Benchmark]
    public TreePlan Failure() => _forest.Fail();

    /// <summary>Once per report round.</summary>
    [Benchmark]
    public ClusterSnapshot Snapshot() => new(2, _forest.Nodes);
}
