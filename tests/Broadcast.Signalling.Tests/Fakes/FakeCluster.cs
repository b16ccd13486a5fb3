using Broadcast.Signalling.Api;
using Broadcast.Signalling.Cluster;

namespace Broadcast.Signalling.Tests.Fakes;

/// <summary>Two nodes, of which the second cannot always be reached.</summary>
internal sealed class FakeCluster : IClusterOperations
{
    private readonly Dictionary<string, string> _states = new() { ["a"] = "up", ["b"] = "up" };

    public bool IsReachable { get; set; } = true;

    public static TreeView Tree { get; } = new(
        "live",
        "a",
        3,
        7,
        [
            new TreeNodeView("a", "eu", "up", null, null, 0, "the publisher is connected here", "", 1, 2, 0.25),
            new TreeNodeView("b", "us", "up", "a", null, 1, "nearest", "no other node", 7, 5, 0.5),
        ]);

    public ValueTask<IReadOnlyList<NodeView>> GetNodesAsync(CancellationToken cancellation) => new(
        [.. _states.Select(node => new NodeView(
            node.Key, "eu", "z1", ["ingest", "edge"], node.Value, node.Key == "a", $"https://{node.Key}.example", 0.25,
            new NodeLoadView(1e6, 100, 2, 1, 0.25), new NodeCapacityView(1e9, 200_000, 1000, 256)))]);

    public ValueTask<bool> DrainAsync(string nodeId, bool draining, CancellationToken cancellation)
    {
        if (IsReachable)
            _states[nodeId] = draining ? "draining" : "up";
        return new(IsReachable);
    }

    public ValueTask<TreeView?> GetTreeAsync(string streamId, CancellationToken cancellation) => new(
        !IsReachable ? null : streamId == Tree.StreamId ? Tree : new TreeView(streamId, null, 0, 0, []));

    public ValueTask<IReadOnlyList<ScaleView>> GetScaleAsync(CancellationToken cancellation) => new([new ScaleView("eu", 2, 3, "70 % of the uplink used")]);
}
