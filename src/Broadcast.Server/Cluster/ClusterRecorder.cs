using Broadcast.Grains.Abstractions.Recordings;
using Broadcast.Grains.Cluster;
using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode;
using Broadcast.Recording;
using Broadcast.Recording.Policy;
using Broadcast.RelayPlane;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Server.Cluster;

/// <summary>Recordings in a cluster: wishes go to the stream's grain, which finds a node; orders of grains go to the recorder of this node, if it has one.</summary>
/// <remarks>Thread-safe. While the cluster cannot be asked the node records what is published here; what runs is not touched.</remarks>
internal sealed partial class ClusterRecorder : IRecorder, IRecordPlane, IHostedService, IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a stream may take to get here; less than the grain waits for the answer.</summary>
    private static readonly TimeSpan StreamPatience = TimeSpan.FromSeconds(3);

    /// <summary>Between two wishes of a stream's rule that could not be met; after so many somebody has to look after it.</summary>
    private static readonly TimeSpan RuleRetry = TimeSpan.FromSeconds(2);

    private const int RuleTries = 10;

    private readonly ClusterNode _node;
    private readonly Recorder? _recorder;
    private readonly RecordingOptions _options;
    private readonly IStandbyRecordings _recordings;
    private readonly Standbys _standbys;
    private readonly IMediaPlane _media;
    private readonly StreamDirectory _streams;
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterRecorder> _log;
    private readonly OneAtATime<string> _rules = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="node">The cluster.</param>
    /// <param name="recorder">Null on a node without the role.</param>
    /// <param name="options">The rules of streams.</param>
    /// <param name="recordings">What was recorded beside others.</param>
    /// <param name="media">The streams of this node.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">What an operator acts on.</param>
    public ClusterRecorder(ClusterNode node, Recorder? recorder, RecordingOptions options, IStandbyRecordings recordings, MediaPlane media, TimeProvider time, ILogger<ClusterRecorder> log)
    {
        (_node, _recorder, _options, _recordings, _media, _streams, _time, _log) = (node, recorder, options, recordings, media, media.LiveStreams, time, log);
        _standbys = new Standbys(node, recorder, recordings, _streams, this, time, log);
        node.Connect(this);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ActiveRecording> Active => _recorder?.Active ?? [];

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Streams =>
        _recorder is null ? [] : [.. _recorder.Active.Select(about => about.StreamId), .. _recorder.Standbys.Select(standby => standby.About.StreamId)];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _media.StreamChanged += OnStreamChanged;
        if (_recorder is not null) _recorder.Changed += _node.ReportRecording;
        _standbys.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _media.StreamChanged -= OnStreamChanged;
        await _stopping.CancelAsync();
        await _standbys.StopAsync();
    }

    public void Dispose()
    {
        if (_recorder is not null) _recorder.Changed -= _node.ReportRecording;
        _standbys.Dispose();
        _stopping.Dispose();
    }

    // :: Wishes at this node

    async ValueTask<RecordingStart> IRecorder.StartAsync(string streamId, CancellationToken cancellation)
    {
        if (FindHere(streamId) is { } running) return new RecordingStart.AlreadyRunning(running.Id);
        return await _node.RecordAsync(streamId, byPolicy: false, cancellation) switch
        {
            null => StartHere(streamId, RecordingTrigger.Request),
            { RecordingId: { } text } reply when RecordingId.TryParse(text, out var id) => reply.IsNew ? new RecordingStart.Started(id) : new RecordingStart.AlreadyRunning(id),
            { } reply => new RecordingStart.Refused(reply.Reason, reply.NotLive),
        };
    }

    async ValueTask<RecordingId?> IRecorder.StopAsync(string streamId, CancellationToken cancellation)
    {
        if (_recorder is not null && await _recorder.StopAsync(streamId, cancellation) is { } here) return here;
        return await _node.StopRecordingAsync(streamId, cancellation) is { RecordingId: { } text } && RecordingId.TryParse(text, out var id) ? id : null;
    }

    async ValueTask<ActiveRecording?> IRecorder.FindAsync(string streamId, CancellationToken cancellation)
    {
        if (FindHere(streamId) is { } here) return here;
        return await _node.GetRecordingAsync(streamId).WaitAsync(cancellation) is { Recording: { } found } view && RecordingId.TryParse(found.RecordingId, out var id)
            ? new ActiveRecording(id, streamId, found.StartedAt, TriggerOf(found.ByPolicy)) { Node = view.NodeId }
            : null;
    }

    // :: Orders of the stream's grain

    /// <inheritdoc/>
    public NodeRecording? Find(string streamId)
    {
        if (FindHere(streamId) is { } about) return Describe(about, null);
        return _recorder?.Standbys.FirstOrDefault(standby => standby.About.StreamId == streamId) is { About: { } beside, Place: { } place } ? Describe(beside, place) : null;
    }

    async Task<RecordAnswer> IRecordPlane.StartAsync(string streamId, bool byPolicy)
    {
        if (_recorder is null) return new RecordAnswer(null, false, "This node does not record. It needs the role \"recorder\".", NotLive: false);
        var begun = _time.GetTimestamp();
        while (true)
        {
            // A recording beside one that is over makes room first.
            var isOccupied = _recorder.Standbys.Any(standby => standby.About.StreamId == streamId);
            if (isOccupied) await _standbys.LookAsync(streamId);
            var start = isOccupied ? null : _recorder.Start(streamId, TriggerOf(byPolicy));
            switch (start)
            {
                case RecordingStart.Started started:
                    return new RecordAnswer(started.Id.ToString(), true, "", NotLive: false);
                case RecordingStart.AlreadyRunning running when FindHere(streamId) is not null:
                    return new RecordAnswer(running.Id.ToString(), false, "", NotLive: false);
                case RecordingStart.Refused { NotLive: false } refused:
                    return new RecordAnswer(null, false, refused.Reason, NotLive: false);
            }

            if (_time.GetElapsedTime(begun) >= StreamPatience)
                return new RecordAnswer(null, false, (start as RecordingStart.Refused)?.Reason ?? "The last recording of this stream is not over yet. Try again soon.", start is RecordingStart.Refused);
            await Task.Delay(Look, _time);
        }
    }

    string? IRecordPlane.Stop(string streamId)
    {
        if (_recorder is null) return null;
        if (_recorder.Standbys.FirstOrDefault(standby => standby.About.StreamId == streamId).About is { } beside) _standbys.Promote(beside.Id);
        var stop = _recorder.StopAsync(streamId, CancellationToken.None);
        return stop is { IsCompletedSuccessfully: true, Result: { } id } ? id.ToString() : null;
    }

    void IRecordPlane.StandBy(string streamId, string recordingId, string nodeId, bool byPolicy)
    {
        if (nodeId != _node.NodeId && RecordingId.TryParse(recordingId, out var id)) _standbys.Want(streamId, new StandsInFor(id, nodeId), TriggerOf(byPolicy));
    }

    /// <inheritdoc/>
    public async Task<RecordingFate> FateOfAsync(string recordingId)
    {
        if (!RecordingId.TryParse(recordingId, out var id)) return RecordingFate.Unknown;
        if (_recorder?.IsRunning(id) == true) return RecordingFate.Running;
        return await _recordings.EndOfAsync(id, _stopping.Token) switch
        {
            (false, _) => RecordingFate.Unknown,
            (_, RecordingEndReason.PublisherLeft) => RecordingFate.Left,
            (_, RecordingEndReason.Requested or RecordingEndReason.MaximumLength) => RecordingFate.Over,
            _ => RecordingFate.CutShort,
        };
    }

    async Task<bool> IRecordPlane.SupersedeAsync(string recordingId, DateTimeOffset startedAt)
    {
        if (!RecordingId.TryParse(recordingId, out var id)) return true;
        if (_recorder?.IsRunning(id) == true) return false;
        return await _recordings.TrySupersedeAsync(id, startedAt, _stopping.Token);
    }

    // :: Rules of streams that are published here

    private void OnStreamChanged(StreamEvent change)
    {
        var streamId = change.Stream.StreamId;
        if (change.Kind != StreamEventKind.Active || _options.ModeOf(streamId) != RecordingOptions.Always || !IsPublishedHere(streamId)) return;
        _ = _rules.RunAsync(streamId, () => FollowRuleAsync(streamId));
    }

    private bool IsPublishedHere(string streamId) => _streams.Find(streamId) is { NodesAbove.Count: 0, Publication.HasEnded: false };

    private async Task FollowRuleAsync(string streamId)
    {
        try
        {
            for (var tries = 1; IsPublishedHere(streamId); tries++)
            {
                var reply = await _node.RecordAsync(streamId, byPolicy: true, _stopping.Token);
                if (reply is { RecordingId: not null }) return;
                if (reply is null && _recorder is not null && StartHere(streamId, RecordingTrigger.Policy) is not RecordingStart.Refused) return;
                if (tries == 1 || tries == RuleTries) NotRecorded(streamId, reply?.Reason ?? "the cluster cannot be asked now");
                if (tries == RuleTries) return;
                await Task.Delay(RuleRetry, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The node is being stopped.
        }
    }

    private RecordingStart StartHere(string streamId, RecordingTrigger trigger) =>
        _recorder?.Start(streamId, trigger) ?? new RecordingStart.Refused("The cluster cannot be asked now, and this node does not record. Try again soon.");

    private ActiveRecording? FindHere(string streamId) => Active.FirstOrDefault(about => about.StreamId == streamId);

    private NodeRecording Describe(ActiveRecording about, StandsInFor? place) => new(
        about.Id.ToString(), about.StartedAt, about.Trigger == RecordingTrigger.Policy, _options.Standby, place?.Recording.ToString(), place?.Node);

    private static RecordingTrigger TriggerOf(bool byPolicy) => byPolicy ? RecordingTrigger.Policy : RecordingTrigger.Request;

    [LoggerMessage(520, LogLevel.Warning, "Stream {StreamId} is not recorded, though its rule says so: {Reason}")]
    private partial void NotRecorded(string streamId, string reason);
}
