using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.Grains.Abstractions.Recordings;
using Broadcast.Grains.Abstractions.Relays;
using Broadcast.Grains.Relays;
using Broadcast.RelayPlane;
using Broadcast.Trees.Cluster;

namespace Broadcast.Grains.Cluster;

public sealed partial class ClusterNode
{
    private static readonly RecordReply DoesNotRecord = new(null, null, false, "This node does not record. It needs the role \"recorder\".", NotLive: false);

    private volatile IRecordPlane? _recordings;

    /// <summary>Says who records here; called once. Without it the node records nothing.</summary>
    public void Connect(IRecordPlane recordings) => _recordings = recordings;

    /// <summary>What the node records of a stream has changed. Never waits.</summary>
    public void ReportRecording(string streamId) => ReportStream(streamId);

    /// <summary>Sees to it that some node records a stream; null when the cluster cannot be asked now.</summary>
    public Task<RecordReply?> RecordAsync(string streamId, bool byPolicy, CancellationToken cancellationToken) =>
        PersistAsync(grains => grains.GetGrain<IPublisherGrain>(streamId).Record(new RecordRequest(Status(), byPolicy)), cancellationToken);

    /// <summary>Ends a stream's recording wherever it is made; null when the cluster cannot be asked now.</summary>
    public Task<RecordReply?> StopRecordingAsync(string streamId, CancellationToken cancellationToken) =>
        PersistAsync(grains => grains.GetGrain<IPublisherGrain>(streamId).StopRecording(), cancellationToken);

    /// <summary>Who records a stream; null when the cluster cannot be asked now.</summary>
    public Task<RecordingView?> GetRecordingAsync(string streamId) => TryAsync(grains => grains.GetGrain<IPublisherGrain>(streamId).GetRecording());

    /// <summary>What became of a recording of another node; null when that does not answer.</summary>
    public async Task<RecordingFate?> AskFateAsync(string nodeId, string recordingId) =>
        await TryAsync(grains => grains.GetGrain<IRelayNodeGrain>(nodeId).GetFate(recordingId)) is { } reply ? (RecordingFate)reply.Fate : null;

    /// <summary>Tells another node that this one has the whole of a recording that was cut short there.</summary>
    /// <returns>False to tell it again later.</returns>
    public async Task<bool> TellSupersededAsync(string nodeId, string recordingId, DateTimeOffset startedAt) =>
        await TryAsync<object>(async grains => await grains.GetGrain<IRelayNodeGrain>(nodeId).Supersede(recordingId, startedAt)) is true;

    /// <summary>True when the membership has declared a node dead, or it has left. While that cannot be known, nobody is gone.</summary>
    public bool IsGone(string nodeId)
    {
        var cluster = LatestCluster;
        return cluster.Find(new NodeId(NodeId)) is not null && cluster.StateOf(new NodeId(nodeId)) == NodeState.Gone;
    }

    async Task<RecordReply> IRelayNode.StartRecordingAsync(string streamId, bool byPolicy)
    {
        if (_recordings is not { } recordings) return DoesNotRecord;
        var answer = await recordings.StartAsync(streamId, byPolicy);
        return new RecordReply(answer.Id, NodeId, answer.IsNew, answer.Reason, answer.NotLive);
    }

    RecordReply IRelayNode.StopRecording(string streamId) => new(_recordings?.Stop(streamId), NodeId, false, "", NotLive: false);

    StreamRecording? IRelayNode.FindRecording(string streamId) => FindRecording(streamId);

    void IRelayNode.StandBy(StandbyOrder order)
    {
        _recordings?.StandBy(order.StreamId, order.RecordingId, order.NodeId, order.ByPolicy);
        ReportStream(order.StreamId);
    }

    async Task<Fate> IRelayNode.FateOfAsync(string recordingId) => _recordings is { } recordings ? (Fate)await recordings.FateOfAsync(recordingId) : Fate.Unknown;

    Task<bool> IRelayNode.SupersedeAsync(string recordingId, DateTimeOffset startedAt) =>
        _recordings?.SupersedeAsync(recordingId, startedAt) ?? Task.FromResult(true);

    private StreamRecording? FindRecording(string streamId) => _recordings?.Find(streamId) is { } found
        ? new StreamRecording(found.Id, found.StartedAt, found.ByPolicy, found.WantsStandby, found.StandsInFor, found.StandsInForNode) : null;
}
