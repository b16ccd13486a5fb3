using Broadcast.Server.Hosting;
using Broadcast.Server.Options;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Cluster;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Server.Tests.Hosting;

public class DepartureTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly FakeCluster _cluster = new();
    private (int Viewers, int Children) _waiting = (2, 1);

    [Fact]
    public async Task The_node_drains_and_waits_until_viewers_and_children_have_gone()
    {
        var departure = Go(3600);
        await _cluster.Drained.Task.WaitAsync(Limit);
        Assert.False(departure.IsCompleted);
        _waiting = (0, 1);
        Assert.False(departure.IsCompleted);
        _waiting = (0, 0);
        await departure.WaitAsync(Limit);
    }

    [Fact]
    public async Task Who_stays_is_not_waited_for_longer_than_said()
    {
        await Go(1).WaitAsync(Limit);
        Assert.Equal((2, 1), _waiting);
        Assert.True(_cluster.Drained.Task.IsCompleted);
    }

    [Fact]
    public async Task A_second_signal_ends_the_wait()
    {
        using var hurry = new CancellationTokenSource();
        var departure = Go(3600, hurry: hurry.Token);
        await _cluster.Drained.Task.WaitAsync(Limit);
        await hurry.CancelAsync();
        await departure.WaitAsync(Limit);
    }

    [Theory]
    [InlineData(null, "localhost", false)]
    [InlineData(0, "redis://127.0.0.1", false)]
    [InlineData(null, "redis://127.0.0.1", true)]
    [InlineData(1, "localhost", true)]
    public async Task A_node_drains_by_itself_in_a_cluster_only(int? seconds, string store, bool drains)
    {
        _waiting = (0, 0);
        await Go(seconds, store).WaitAsync(Limit);
        Assert.Equal(drains, _cluster.Drained.Task.IsCompleted);
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData(0, 3)]
    [InlineData(4, 2)]
    [InlineData(60, 3)]
    public void Viewers_are_asked_within_the_time_there_is(int? deadline, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), NodeDrain.Spread(deadline));

    private Task Go(int? seconds, string store = "redis://127.0.0.1", CancellationToken hurry = default) => new Departure(
        _cluster, () => _waiting, new NodeIdentity("a"), new ServerOptions { Cluster = store, DrainTimeout = seconds }, TimeProvider.System, NullLogger<Departure>.Instance).GoAsync(hurry);

    private sealed class FakeCluster : IClusterOperations
    {
        public TaskCompletionSource Drained { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<bool> DrainAsync(string nodeId, bool draining, CancellationToken cancellation)
        {
            if (nodeId == "a" && draining) Drained.SetResult();
            return new(true);
        }

        public ValueTask<IReadOnlyList<NodeView>> GetNodesAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<TreeView?> GetTreeAsync(string streamId, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<ScaleView>> GetScaleAsync(CancellationToken cancellation) => throw new NotSupportedException();
    }
}
