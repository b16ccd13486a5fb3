using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.Grains.Abstractions.Recordings;
using Broadcast.Grains.Abstractions.Relays;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;
using Broadcast.Trees.Planning;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Broadcast.Grains.Publishers;

/// <summary>Who records the stream. What is known of it is what nodes report; a new activation that may have been told of too little asks them.</summary>
internal sealed partial class PublisherGrain
{
    /// <summary>So many nodes are tried for one wish, within the patience of who asks.</summary>
    private const int TriedRecorders = 2;

    /// <summary>By then a node that lives has said what it records.</summary>
    private static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(1);

    private readonly RecordingControl _recorders = new();
    private readonly Dictionary<NodeId, StreamRecording> _recorded = [];
    private Task<RecordReply>? _starting;

    public async Task<RecordReply> Record(RecordRequest request)
    {
        Learn(request.Node);
        if (_starting is not { IsCompleted: false }) _starting = StartRecordingAsync(request.ByPolicy);
        return await _starting;
    }

    public async Task<RecordReply> StopRecording()
    {
        await LearnRecordersAsync();
        _recorders.Cease();
        if (_recorders.Current is not { } current) return new RecordReply(null, null, false, "", NotLive: false);
        return await Node(current.Node).StopRecording(StreamId);
    }

    public async Task<RecordingView> GetRecording()
    {
        await LearnRecordersAsync();
        return _recorders.Current is { } current && _recorded.TryGetValue(current.Node, out var recording)
            ? new RecordingView(recording, current.Node.Value, _recorders.StandbyOf(current.Recording.Id)?.Value)
            : new RecordingView(null, null, null);
    }

    private async Task<RecordReply> StartRecordingAsync(bool byPolicy)
    {
        await LearnRecordersAsync();
        if (_recorders.Current is { } current) return new RecordReply(current.Recording.Id, current.Node.Value, false, "", NotLive: false);
        if (_control.Tree.Root is null) return new RecordReply(null, null, false, "Nobody is broadcasting this stream now. Try again when it has begun.", NotLive: true);
        var tried = new HashSet<NodeId>();
        while (tried.Count < TriedRecorders
            && RecorderSearch.FindRecorder(cluster.Current, _control.Tree.Root, node => tried.Contains(node) || _recorders.IsAvoided(node, Now)) is { } recorder)
        {
            tried.Add(recorder.Id);
            _control.Carry(recorder.Id, "records the stream", Now);
            Settle();
            try
            {
                var reply = await Node(recorder.Id).StartRecording(StreamId, byPolicy);
                LogRecorder(StreamId, recorder.Id.Value, reply.RecordingId ?? reply.Reason);
                if (reply.RecordingId is not null) return reply;
                if (!reply.NotLive || _control.Tree.Root == recorder.Id) return reply;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException or InvalidOperationException)
            {
                LogRecorder(StreamId, recorder.Id.Value, exception.Message);
            }

            _recorders.Failed(recorder.Id, Now);
        }

        return new RecordReply(null, null, false, "No node of the cluster that could record this stream answers now. It takes one with the role \"recorder\".", NotLive: false);
    }

    /// <summary>Nodes report every two seconds; a writer that is younger, of a stream that is not, asks them.</summary>
    private async Task LearnRecordersAsync()
    {
        if (!_control.IsRebuilding(Now) || _recorders.Current is not null || !_hadWriter) return;
        NodeId[] nodes = [.. cluster.Current.Nodes.Where(node => (node.Roles & NodeRoles.Recorder) != 0).Select(node => node.Id)];
        await Task.WhenAll(nodes.Select(async node =>
        {
            try
            {
                NoteRecording(node, await Node(node).FindRecording(StreamId).WaitAsync(AskPatience, time));
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException or InvalidOperationException)
            {
                // It may be gone; if it is not, it reports.
            }
        }));
    }

    private void NoteRecording(NodeId node, StreamRecording? recording)
    {
        if (recording is null) _recorded.Remove(node);
        else _recorded[node] = recording;
        _recorders.Report(node, recording.ToReported());
    }

    /// <summary>Says what is to be said; not waited for, as what is not done is said again.</summary>
    private void SettleRecordings()
    {
        foreach (var order in _recorders.Plan(cluster.Current, _control.Tree.Root, Now))
        {
            switch (order)
            {
                case RecordingOrder.StandBy standBy when _control.Carry(standBy.Node, "records beside the recorder", Now):
                    Node(standBy.Node).StandBy(new StandbyOrder(StreamId, standBy.Recording, standBy.Recorder.Value, _recorded.TryGetValue(standBy.Recorder, out var first) && first.ByPolicy)).Ignore();
                    break;
                case RecordingOrder.Replace replace when _starting is not { IsCompleted: false }:
                    LogReplaced(StreamId, replace.Node.Value, replace.Recording);
                    (_starting = StartRecordingAsync(!_recorded.TryGetValue(replace.Node, out var lost) || lost.ByPolicy)).Ignore();
                    break;
                case RecordingOrder.Stop stop:
                    LogTwoRecorders(StreamId, stop.Node.Value, stop.Recording);
                    Node(stop.Node).StopRecording(StreamId).Ignore();
                    break;
            }
        }
    }

    private IRelayNodeGrain Node(NodeId node) => GrainFactory.GetGrain<IRelayNodeGrain>(node.Value);

    [LoggerMessage(133, LogLevel.Information, "Recording of stream {StreamId} by node {NodeId}: {Answer}")]
    private partial void LogRecorder(string streamId, string nodeId, string answer);

    [LoggerMessage(134, LogLevel.Warning, "Stream {StreamId} is recorded twice; the recording {RecordingId} of node {NodeId} ends")]
    private partial void LogTwoRecorders(string streamId, string nodeId, string recordingId);

    [LoggerMessage(135, LogLevel.Warning, "Node {NodeId}, which recorded stream {StreamId} as {RecordingId}, is gone, and nobody recorded beside it: another node begins")]
    private partial void LogReplaced(string streamId, string nodeId, string recordingId);
}
