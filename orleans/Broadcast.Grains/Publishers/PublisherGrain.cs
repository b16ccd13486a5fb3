using Broadcast.Grains.Abstractions.Nodes;
using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.Grains.Abstractions.Relays;
using Broadcast.Grains.Nodes;
using Broadcast.Grains.Storage;
using Broadcast.Rtc;
using Broadcast.Trees;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Broadcast.Grains.Publishers;

/// <summary>The writer of one stream's tree: carries calls, time and membership into <see cref="StreamControl"/>, and its commands and state out.</summary>
/// <remarks>
/// Reentrant, because the only waits are for the store and the directory, and each call of the state machine is whole between two of
/// them. Two activations may exist for a moment, as the grain directory is only eventually consistent; epochs settle that.
/// </remarks>
[Reentrant, Orleans.Placement.RandomPlacement]
internal sealed partial class PublisherGrain(ClusterView cluster, IStreamStore store, TimeProvider time, ILogger<PublisherGrain> logger) : Grain, IPublisherGrain
{
    /// <summary>How long a claim waits for its epoch to be stored. Longer would keep a publisher waiting for a store that is away.</summary>
    private static readonly TimeSpan ClaimPatience = TimeSpan.FromMilliseconds(300);

    /// <summary>When a publisher whose epoch cannot be known yet comes again; the nodes report meanwhile.</summary>
    private static readonly TimeSpan RetryUnknownEpoch = TimeSpan.FromSeconds(1);

    private StateKeeper _keeper = null!;
    private StreamControl _control = null!;
    private TaskScheduler _turns = null!;
    private IDisposable? _subscription;
    private IGrainTimer? _timer;
    private bool _isStateKnown;
    private bool _hadWriter;
    private int _clusterIsNew;

    private string StreamId => this.GetPrimaryKeyString();

    private MonotonicTime Now => new(time.GetElapsedTime(0, time.GetTimestamp()).Ticks * 100);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _turns = TaskScheduler.Current;
        _keeper = new StateKeeper(StreamId, store, time, logger);
        var reading = _keeper.ReadAsync();
        await cluster.EnsureAsync();
        var stored = await reading;
        _isStateKnown = stored.IsKnown;
        _hadWriter = !stored.IsKnown || stored.Stream is not null;
        Begin(stored.Stream);
        _timer = this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        _subscription = cluster.Subscribe(OnClusterChanged);
        Settle();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        _keeper.Stop();
        return Task.CompletedTask;
    }

    public async Task<ClaimReply> Claim(ClaimRequest request)
    {
        Learn(request.Node);
        if (!_isStateKnown && !await LearnStateAsync())
            return new ClaimReply(false, default, 0, null, RetryUnknownEpoch, "the stream's former epochs are not known yet");

        var answer = _control.Claim(new NodeId(request.Node.NodeId), request.Session, request.Claim, request.Replace, Now);
        Settle();
        if (answer is ClaimAnswer.Granted) await _keeper.Saved.WaitAsync(ClaimPatience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        LogClaim(StreamId, request.Node.NodeId, answer.ToString());
        return answer.ToWire();
    }

    public Task Release(string nodeId, Epoch epoch)
    {
        _control.Release(new NodeId(nodeId), epoch.ToEpoch(), Now);
        Settle();
        return Task.CompletedTask;
    }

    public Task<JoinReply> Join(JoinRequest request)
    {
        Learn(request.Node);
        var answer = _control.Join(new NodeId(request.Node.NodeId), request.Node.Load.Viewers, request.Seed, request.Redirected, Now);
        Settle();
        // Names that nobody ever published cost a grain only for the moment.
        if (answer is JoinAnswer.Refuse && _control.Tree is { Nodes.IsEmpty: true, Root: null } && _control.Tree.Epoch == StreamEpoch.None) DeactivateOnIdle();
        return Task.FromResult(answer.ToWire(StreamId, _control.Tree.Root is not null, cluster.UrlOf));
    }

    public Task Report(StreamReport report)
    {
        if (report.IsRoot && report.BitsPerSecond > 0) _control.SetDemand(new StreamDemand(report.BitsPerSecond, report.PacketsPerSecond));
        NoteRecording(new NodeId(report.NodeId), report.Recording);
        _control.Report(report.ToReport(), Now);
        Settle();
        return Task.CompletedTask;
    }

    public Task<TreeView> GetTree() => Task.FromResult(_control.Tree.ToView(StreamId));

    private void Begin(StoredStream? stored)
    {
        var state = stored is null
            ? StreamState.New
            : new StreamState(new StreamEpoch(stored.Epoch, stored.Claim), stored.Root is { } root ? new NodeId(root) : null, stored.Session, stored.IsReleased);
        _control = new StreamControl(state, cluster.Current, Now);
    }

    /// <summary>The caller's node may have joined after the last picture of the cluster was taken.</summary>
    private void Learn(NodeStatus node)
    {
        if (cluster.Learn(node)) TakeCluster();
    }

    /// <summary>
    /// The store did not answer when this activation began, and an epoch below one that nodes have seen would lose against it.
    /// (1) Ask again. (2) Else, within the time of rebuilding, wait for the reports of nodes that carry the stream. (3) Nobody does:
    /// then only the store remembers, and an epoch by the clock is above all that were counted.
    /// </summary>
    private async Task<bool> LearnStateAsync()
    {
        // :: Step 1
        var isBlank = _control.Tree is { Nodes.IsEmpty: true } tree && tree.Epoch == StreamEpoch.None;
        var stored = await _keeper.ReadAsync();
        if (stored.IsKnown)
        {
            if (!_isStateKnown && isBlank) Begin(stored.Stream);
            return _isStateKnown = true;
        }

        // :: Step 2
        if (_control.IsRebuilding(Now)) return false;

        // :: Step 3
        if (isBlank) Begin(new StoredStream(time.GetUtcNow().ToUnixTimeSeconds(), 0, null, null, IsReleased: true));
        return _isStateKnown = true;
    }

    private Task Tick(CancellationToken cancellationToken)
    {
        _control.Tick(Now);
        Settle();
        return Task.CompletedTask;
    }

    // On any thread; the work is done in a turn of this grain.
    private void OnClusterChanged()
    {
        if (Interlocked.Exchange(ref _clusterIsNew, 1) == 1) return;
        _ = Task.Factory.StartNew(TakeCluster, CancellationToken.None, TaskCreationOptions.None, _turns);
    }

    private void TakeCluster()
    {
        Volatile.Write(ref _clusterIsNew, 0);
        _control.SetCluster(cluster.Current, Now);
        _recorders.SetCluster(cluster.Current);
        Settle();
    }

    /// <summary>After each call of the state machine: commands out, state to the store, the next deadline to the timer.</summary>
    private void Settle()
    {
        SettleRecordings();
        foreach (var command in _control.TakeCommands()) Send(command);
        if (_control.TakeStateChange())
        {
            var state = _control.State;
            _keeper.Save(new StoredStream(state.Epoch.Number, state.Epoch.Claim, state.Root?.Value, state.Session, state.IsReleased));
        }

        // Another activation has given out a higher epoch; the next one begins with that.
        if (_keeper.IsOutvoted) DeactivateOnIdle();
        var deadline = MonotonicTime.Min(_control.Deadline, _recorders.Deadline);
        _timer?.Change(deadline == MonotonicTime.Never ? Timeout.InfiniteTimeSpan : Wait(deadline), Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Wait(MonotonicTime deadline) => deadline > Now ? deadline - Now + TimeSpan.FromMilliseconds(1) : TimeSpan.FromMilliseconds(1);

    // Not waited for: the node's report acknowledges, and what is not acknowledged is said again.
    private void Send(RelayCommand command) =>
        GrainFactory.GetGrain<IRelayNodeGrain>(command.Node.Value).Place(command.ToWire(StreamId)).Ignore();

    [LoggerMessage(132, LogLevel.Information, "Claim of stream {StreamId} by node {NodeId}: {Answer}")]
    private partial void LogClaim(string streamId, string nodeId, string? answer);
}
