using System.Diagnostics;

namespace Broadcast.Benchmarks.Trees;

/// <summary>Median and 99th percentile of single plans; a mean would hide what one join waits.</summary>
internal static class TreesQuick
{
    public static void Run()
    {
        var forest = new Forest();
        Console.WriteLine($"Tree of {forest.Tree.Nodes.Count} of {forest.Nodes.Length} nodes, depth {forest.Tree.Nodes.Values.Max(node => node.Depth)}: µs per plan");
        Console.WriteLine("                        median      p99");
        Measure("join that attaches", 20_000, () => forest.JoinOutside());
        Measure("join that redirects", 20_000, () => forest.JoinFull());
        Measure("failure of a hub", 100, () => forest.Fail());
        Measure("snapshot", 100, () => new Broadcast.Trees.Cluster.ClusterSnapshot(2, forest.Nodes));
    }

    private static void Measure(string name, int rounds, Func<object> plan)
    {
        for (var i = 0; i < Math.Min(rounds, 3000); i++) plan();
        var times = new double[rounds];
        for (var i = 0; i < rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            plan();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(times);
        Console.WriteLine($"{name,-20} {times[rounds / 2],9:F1} {times[rounds * 99 / 100],8:F1}");
    }
}
