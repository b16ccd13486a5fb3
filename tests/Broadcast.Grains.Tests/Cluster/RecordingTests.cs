using Broadcast.Grains.Tests.Servers;
using Broadcast.RelayPlane;
using Broadcast.Trees.Cluster;

namespace Broadcast.Grains.Tests.Cluster;

/// <summary>Recordings of streams on three whole nodes, of which "a" publishes and does not record.</summary>
public sealed class RecordingTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private readonly Dictionary<string, FakeRecordPlane> _recorders = [];

    [Fact]
    public async Task A_stream_is_recorded_by_one_node_and_beside_it_by_another_whoever_asks()
    {
        await using var cluster = await StartAsync();
        Assert.True((await cluster["c"].RecordAsync("live", byPolicy: false, CancellationToken.None))!.NotLive);
        await cluster.ClaimAsync("a", "live");

        var replies = await Task.WhenAll(new[] { "a", "b", "c", "a" }.Select(node => cluster[node].RecordAsync("live", byPolicy: false, CancellationToken.None)));
        var id = Assert.Single(replies.Select(reply => reply!.RecordingId).Distinct());
        Assert.NotNull(id);
        var recorder = Assert.Single(replies.Select(reply => reply!.NodeId).Distinct())!;
        Assert.Contains(recorder, _recorders.Keys);
        var standby = Other(recorder);
        await TestCluster.UntilAsync(async () => (await cluster["a"].GetRecordingAsync("live"))?.StandbyNodeId == standby);
        Assert.Equal((id, recorder), (_recorders[standby].Find("live")!.StandsInFor, _recorders[standby].Find("live")!.StandsInForNode));
        Assert.True(cluster.Plane(recorder).Carries("live") && cluster.Plane(standby).Carries("live"));
        Assert.Equal(RecordingFate.Running, await cluster[standby].AskFateAsync(recorder, id));

        Assert.Equal(id, (await cluster["a"].StopRecordingAsync("live", CancellationToken.None))!.RecordingId);
        Assert.Equal(RecordingFate.Over, await cluster[standby].AskFateAsync(recorder, id));
    }

    [Fact]
    public async Task When_the_recorders_node_is_gone_nobody_begins_anew_beside_its_standby()
    {
        await using var cluster = await StartAsync();
        await cluster.ClaimAsync("a", "live");
        var first = (await cluster["a"].RecordAsync("live", byPolicy: true, CancellationToken.None))!;
        var standby = Other(first.NodeId!);
        await TestCluster.UntilAsync(() => Task.FromResult(_recorders[standby].Find("live") is not null));
        var second = _recorders[standby].Find("live")!;
        cluster[standby].ReportRecording("live");

        await cluster[first.NodeId!].DisposeAsync();
        await TestCluster.UntilAsync(() => Task.FromResult(cluster[standby].IsGone(first.NodeId!)));
        Assert.Null(await cluster[standby].AskFateAsync(first.NodeId!, first.RecordingId!));
        await TestCluster.UntilAsync(async () => await cluster["a"].RecordAsync("live", byPolicy: true, CancellationToken.None) is { IsNew: false, RecordingId: { } id } && id == second.Id);

        _recorders[standby].Promote("live");
        cluster[standby].ReportRecording("live");
        await TestCluster.UntilAsync(async () => await cluster["a"].GetRecordingAsync("live") is { StandbyNodeId: null, Recording: { StandsInFor: null } found } && found.RecordingId == second.Id);
    }

    /// <summary>Of many streams, since one whose writer goes with the recorder's node is nobody's to replace: writers are anywhere.</summary>
    [Fact]
    public async Task When_the_recorders_node_is_gone_and_nobody_stood_by_another_one_records()
    {
        await using var cluster = await StartAsync(withStandby: false);
        var recordings = new Dictionary<string, string>();
        var gone = "";
        for (var i = 0; i < 24; i++)
        {
            var stream = $"live-{i}";
            await cluster.ClaimAsync("a", stream);
            var reply = (await cluster["a"].RecordAsync(stream, byPolicy: false, CancellationToken.None))!;
            if (gone.Length == 0) gone = reply.NodeId!;
            if (reply.NodeId != gone) continue;
            recordings[stream] = reply.RecordingId!;
            cluster[gone].ReportRecording(stream);
            await TestCluster.UntilAsync(async () => (await cluster["a"].GetRecordingAsync(stream))?.Recording?.RecordingId == reply.RecordingId);
        }

        Assert.True(recordings.Count >= 8, $"{recordings.Count} recordings at one node");
        await cluster[gone].DisposeAsync();
        var other = _recorders[Other(gone)];
        await TestCluster.UntilAsync(() => Task.FromResult(recordings.Any(each => other.Find(each.Key) is { ByPolicy: false } replaced && replaced.Id != each.Value)));
    }

    [Fact]
    public async Task After_the_restart_of_silos_the_recording_is_known_and_goes_on()
    {
        await using var cluster = await StartAsync();
        await cluster.ClaimAsync("a", "live");
        var first = (await cluster["b"].RecordAsync("live", byPolicy: false, CancellationToken.None))!;
        foreach (var node in new[] { "a", "b", "c" }) await cluster.CrashSiloAsync(node);
        await TestCluster.UntilAsync(async () => await cluster["c"].RecordAsync("live", byPolicy: false, CancellationToken.None) is { IsNew: false } again && again.RecordingId == first.RecordingId);
    }

    private string Other(string recorder) => _recorders.Keys.Single(node => node != recorder);

    private async Task<TestCluster> StartAsync(bool withStandby = true)
    {
        var cluster = await TestCluster.StartAsync(redis.Url);
        await cluster.AddAsync("a", options => options.Roles = NodeRoles.All & ~NodeRoles.Recorder);
        foreach (var node in new[] { "b", "c" })
        {
            await cluster.AddAsync(node);
            cluster[node].Connect(_recorders[node] = new FakeRecordPlane(node, cluster.Plane(node)) { WantsStandby = withStandby });
        }

        await TestCluster.UntilAsync(async () => (await cluster["a"].GetClusterAsync()).Nodes.Count(node => (node.Roles & NodeRoles.Recorder) != 0) == 2);
        return cluster;
    }
}
