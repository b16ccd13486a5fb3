using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Broadcast.Grains.Abstractions.Nodes;
using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.Grains.Abstractions.Relays;
using Broadcast.Grains.Abstractions.Viewers;
using Broadcast.Grains.Hosting;
using Broadcast.Grains.Nodes;
using Broadcast.Grains.Relays;
using Broadcast.Grains.Storage;
using Broadcast.Grains.Viewers;
using Broadcast.RelayPlane;
using Broadcast.Trees.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Broadcast.Grains.Cluster;

/// <summary>
/// This node in its cluster, for the HTTP plane and the media plane: publishers and viewers ask here, and what the node does is reported
/// from here.
/// </summary>
/// <remarks>
/// Thread-safe. Lives as long as the process, whatever becomes of the silo: while that is away, streams that are here are served and
/// everything else is refused with a time to come again. No call takes longer than a few seconds.
/// </remarks>
public sealed partial class ClusterNode : IRelayControl, IRelayNode, IAsyncDisposable
{
    /// <summary>How often the directory hears of this node.</summary>
    private static readonly TimeSpan StatusPeriod = TimeSpan.FromSeconds(1);

    /// <summary>How often the grains of streams hear of this node, in periods of <see cref="StatusPeriod"/>; what changes is told at once.</summary>
    private const int StreamReportPeriods = 2;

    /// <summary>
    /// How often the picture of the cluster is renewed even if nobody looks: each session is told at once where else it could go. More often
    /// while there is a node of which nothing is known yet: the first sessions of a new cluster are told, too.
    /// </summary>
    private const int PicturePeriods = 5;

    /// <summary>
    /// How long a publisher or viewer waits while a silo is away, this node's or the one with the stream's grain: one that was killed is
    /// declared dead after 1.2 to 1.5 s, and calls to it fail within 60 ms before.
    /// </summary>
    private static readonly TimeSpan SiloPatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan RetryCall = TimeSpan.FromMilliseconds(150);

    private static readonly TimeSpan RetryClaim = TimeSpan.FromSeconds(2);

    private readonly ClusterOptions _options;
    private readonly IRelayPlane _plane;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IStreamStore _store;
    private readonly KnownNodes _known = new();
    private readonly Placements _placements;
    private readonly Reporter _reporter;
    private readonly Joins _joins;
    private readonly ConcurrentDictionary<string, Publication> _publications = new(StringComparer.Ordinal);
    private readonly Channel<RelayEvent> _events = Channel.CreateBounded<RelayEvent>(new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private int _draining;
    private int _disposed;

    /// <param name="options">Checked here.</param>
    /// <param name="plane">The node's media plane.</param>
    /// <param name="usage">Where finished viewer sessions go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">The program's.</param>
    /// <exception cref="InvalidDataException">The options are wrong.</exception>
    public ClusterNode(ClusterOptions options, IRelayPlane plane, IUsageSink usage, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _plane = plane;
        _time = time;
        _logger = loggers.CreateLogger<ClusterNode>();
        _store = StreamStores.Open(options);
        _placements = new Placements(plane, time);
        _reporter = new Reporter(options, plane, _placements);
        _joins = new Joins(plane, time, AskToJoinAsync);
        ResumeTokens = new ResumeTokens(options.Secret, time);
        Silo = new SiloHost(options, silo => silo.AddBroadcastGrains(this, _store, _known, usage, time), loggers);
        Silo.StateChanged += OnSiloChanged;
    }

    /// <summary>This node's name.</summary>
    public string NodeId => _options.NodeId;

    /// <summary>The node's silo.</summary>
    public SiloHost Silo { get; }

    /// <summary>Lets viewers of a node that died go on as the same viewers.</summary>
    public ResumeTokens ResumeTokens { get; }

    /// <summary>True while the node takes nothing new and gives up what it has.</summary>
    public bool IsDraining => Volatile.Read(ref _draining) != 0;

    /// <summary>Joins that had to ask a stream's grain, since the start.</summary>
    public long RemoteJoins => _joins.Questions;

    /// <summary>Raised when <see cref="IsDraining"/> has changed, on any thread; a handler must not block.</summary>
    public event Action<bool>? DrainingChanged;

    private ClusterView? View => Silo.Services?.GetService<ClusterView>();

    /// <summary>Joins the cluster; returns when the node is a member and the others can know it.</summary>
    /// <exception cref="InvalidDataException">The cluster cannot be joined; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _plane.Connect(this);
        await Silo.StartAsync(cancellationToken);
        await ReportStatusAsync();
        _running = Task.WhenAll(ReportPeriodicallyAsync(), FollowEventsAsync());
    }

    /// <summary>Leaves the cluster. Media that still runs goes on until the media plane is stopped.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Silo.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await StopAsync(CancellationToken.None);
        await Silo.DisposeAsync();
        if (_store is IAsyncDisposable store) await store.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>A viewer asks for a stream. Where the stream is already here, no grain is asked.</summary>
    /// <param name="streamId">A validated stream name.</param>
    /// <param name="redirected">The viewer was sent here by another node's 307.</param>
    /// <param name="cancellationToken">Of the viewer's request.</param>
    public Task<JoinDecision> JoinAsync(string streamId, bool redirected, CancellationToken cancellationToken)
    {
        var load = _plane.Load;
        var open = !IsDraining && (_options.Roles & NodeRoles.Edge) != 0 && load.Viewers < load.CapacityViewers;
        return _joins.JoinAsync(streamId, redirected, open, cancellationToken);
    }

    /// <summary>A publisher that has connected wants a stream at this node. When it is granted the media plane has been told.</summary>
    /// <remarks>Each call is another connection and gets another epoch, also of the same publisher.</remarks>
    /// <param name="streamId">A validated stream name.</param>
    /// <param name="session">Names the publisher over reconnects, anywhere in the cluster: it may take its own stream over.</param>
    /// <param name="replace">Also over one who has the stream.</param>
    /// <param name="cancellationToken">Of the publisher's request.</param>
    public async Task<ClaimDecision> ClaimAsync(string streamId, string session, bool replace, CancellationToken cancellationToken)
    {
        var claim = Chance();
        var reply = await PersistAsync(grains => grains.GetGrain<IPublisherGrain>(streamId).Claim(new ClaimRequest(Status(), session, claim, replace)), cancellationToken);
        if (reply is null) return NotNow("the stream's place in the cluster cannot be found out now");
        if (!reply.Granted) return new ClaimDecision.Refused(reply.HeldBy, reply.RetryAfter, reply.Reason);
        _publications[streamId] = new Publication(session, reply.Epoch);
        var stamp = new StreamStamp(reply.Epoch.Number, reply.Epoch.Claim, reply.Version);
        if (!_placements.BecomeRoot(streamId, stamp)) return NotNow("the stream went to another publisher meanwhile");
        ReportStream(streamId);
        return new ClaimDecision.Granted(reply.Epoch.Number);
    }

    /// <summary>The publisher at this node ended its session.</summary>
    public void Release(string streamId)
    {
        if (_publications.TryRemove(streamId, out var publication)) Silo.Grains?.GetGrain<IPublisherGrain>(streamId).Release(NodeId, publication.Epoch).Ignore();
    }

    /// <summary>The stream's tree, for operators; null when it cannot be had now.</summary>
    public Task<TreeView?> GetTreeAsync(string streamId) => TryAsync(grains => grains.GetGrain<IPublisherGrain>(streamId).GetTree());

    /// <summary>All nodes; empty when they cannot be known now.</summary>
    public async Task<ClusterSnapshot> GetClusterAsync()
    {
        if (View is not { } view) return ClusterSnapshot.Empty;
        await view.EnsureAsync();
        return view.Current;
    }

    /// <summary>All nodes as last known, at once; some seconds old at most. Empty when they cannot be known now.</summary>
    public ClusterSnapshot LatestCluster => View?.Current ?? ClusterSnapshot.Empty;

    /// <summary>Where viewers are sent to reach a node; null when they are not, or it is not known.</summary>
    public string? UrlOf(string nodeId) => View?.UrlOf(nodeId);

    /// <summary>Begins or ends draining of a node, of this one or another.</summary>
    /// <returns>False when the node is not in the cluster, or cannot be reached.</returns>
    public async Task<bool> DrainAsync(string nodeId, bool draining)
    {
        if (nodeId == NodeId)
        {
            SetDraining(draining);
            return true;
        }

        return await TryAsync<object>(async grains =>
        {
            await grains.GetGrain<IRelayNodeGrain>(nodeId).Drain(draining);
            return nodeId;
        }) is not null;
    }

    /// <summary>A viewer's session as it is now; begins its grain when it is the first word of it. Never waits.</summary>
    public void UpdateViewer(ViewerProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        Silo.Grains?.GetGrain<IViewerGrain>(ViewerKey(progress.SessionId)).Update(progress).Ignore();
    }

    /// <summary>A viewer's session is over. Never waits.</summary>
    public void EndViewer(ViewerProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        Silo.Grains?.GetGrain<IViewerGrain>(ViewerKey(progress.SessionId)).End(progress).Ignore();
    }

    /// <inheritdoc />
    public async Task<LinkAnswer?> RequestLinkAsync(string parentNodeId, LinkRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Silo.Grains is not { } grains || Silo.Address is not { } self) return null;
        try
        {
            var offer = new LinkOffer(NodeId, self.Generation, request.Attempt, request.Fingerprint.ToArray(), request.UsernameFragment, request.Password);
            var answer = await grains.GetGrain<IRelayNodeGrain>(parentNodeId).AcceptLink(offer).WaitAsync(cancellationToken);
            if (answer is null) return null;
            return new LinkAnswer(answer.Attempt, answer.Fingerprint, answer.UsernameFragment, answer.Password, [.. answer.Addresses.Select(IPEndPoint.Parse)]);
        }
        catch (Exception exception) when (IsAway(exception) || exception is FormatException)
        {
            LogNoLink(parentNodeId, exception.Message);
            return null;
        }
    }

    /// <inheritdoc />
    public void Report(RelayEvent relayEvent) => _events.Writer.TryWrite(relayEvent);

    void IRelayNode.Place(RelayOrder order)
    {
        _placements.Apply(order);
        ReportStream(order.StreamId);
    }

    LinkAnswer? IRelayNode.AcceptLink(LinkRequest request) => _plane.AcceptLink(request);

    void IRelayNode.SetDraining(bool draining) => SetDraining(draining);

    private void SetDraining(bool draining)
    {
        if (Interlocked.Exchange(ref _draining, draining ? 1 : 0) == (draining ? 1 : 0)) return;
        LogDraining(NodeId, draining);
        ReportStatusAsync().Ignore();
        DrainingChanged?.Invoke(draining);
    }

    private async Task<JoinReply?> AskToJoinAsync(string streamId, bool redirected)
    {
        var seed = Chance();
        var reply = await PersistAsync(grains => grains.GetGrain<IPublisherGrain>(streamId).Join(new JoinRequest(Status(), seed, redirected)), _stopping.Token);
        if (reply?.Place is { } place)
        {
            _placements.Apply(place);
            ReportStream(streamId);
        }

        return reply;
    }

    private async Task ReportPeriodicallyAsync()
    {
        using var timer = new PeriodicTimer(StatusPeriod, _time);
        var period = 0;
        while (await timer.WaitForNextTickAsync(_stopping.Token))
        {
            ReportStatusAsync().Ignore();
            if (View is { } view && (period % PicturePeriods == 0 || view.HasUnknown)) view.RefreshAsync().Ignore();
            if (++period % StreamReportPeriods != 0) continue;
            foreach (var streamId in Concerned()) ReportStream(streamId);
            _placements.Prune();
        }
    }

    private async Task FollowEventsAsync()
    {
        await foreach (var relayEvent in _events.Reader.ReadAllAsync(_stopping.Token))
        {
            Happened?.Invoke(relayEvent);
            using var span = ClusterTraces.Begin("relay.report", relayEvent.Trace);
            switch (relayEvent)
            {
                case StreamActive active:
                    _joins.OnActive(active.StreamId);
                    ReportStream(active.StreamId);
                    break;
                case StreamIdle idle:
                    ReportStream(idle.StreamId);
                    break;
                case TookStandby took:
                    LogTookStandby(NodeId, took.StreamId, took.OldParentNodeId, took.NewParentNodeId);
                    ReportStream(took.StreamId);
                    break;
                case ParentSilent silent:
                    LogParentSilent(NodeId, silent.StreamId, silent.ParentNodeId);
                    ReportStream(silent.StreamId);
                    break;
                case LinkDown down:
                    foreach (var carried in _plane.Carried)
                    {
                        if (carried.ParentNodeId == down.ParentNodeId || carried.StandbyNodeId == down.ParentNodeId) ReportStream(carried.StreamId);
                    }

                    break;
            }
        }
    }

    private Task ReportStatusAsync()
    {
        if (Silo.Grains is not { } grains) return Task.CompletedTask;
        return ReportAsync(grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).Report(Status()));
    }

    private NodeStatus Status() => _reporter.Status(Silo.Address?.Generation ?? 0, IsDraining);

    // Not waited for: the next report says it again.
    private void ReportStream(string streamId)
    {
        var session = _publications.TryGetValue(streamId, out var publication) ? publication.Session : null;
        if (Silo.Grains?.GetGrain<IPublisherGrain>(streamId) is { } stream) ReportAsync(stream.Report(_reporter.Stream(streamId, session, FindRecording(streamId)))).Ignore();
    }

    /// <summary>Streams of which others are told: also what is recorded and does not come now.</summary>
    private IEnumerable<string> Concerned() => _plane.Carried.Select(carried => carried.StreamId).Union(_recordings?.Streams ?? []);

    private async Task ReportAsync(Task report)
    {
        try
        {
            await report;
        }
        catch (Exception exception) when (IsAway(exception))
        {
            LogReportLost(exception.Message);
        }
    }

    // After a restart of the silo nobody may remember this node: everything is said at once, not when its time comes.
    private void OnSiloChanged(SiloState state)
    {
        if (state is not SiloState.Running || _running.IsCompleted) return;
        ReportStatusAsync().Ignore();
        foreach (var streamId in Concerned()) ReportStream(streamId);
    }

    private async Task<T?> TryAsync<T>(Func<IGrainFactory, Task<T>> call)
        where T : class
    {
        if (Silo.Grains is not { } grains) return null;
        try
        {
            return await call(grains);
        }
        catch (Exception exception) when (IsAway(exception))
        {
            LogUnreachable(exception.Message);
            return null;
        }
    }

    /// <summary>Calls until it works or <see cref="SiloPatience"/> is over; only for calls that may be repeated.</summary>
    private async Task<T?> PersistAsync<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        var begun = _time.GetTimestamp();
        while (true)
        {
            if (await TryAsync(call).WaitAsync(cancellationToken) is { } answer) return answer;
            if (_time.GetElapsedTime(begun) > SiloPatience) return null;
            await Task.Delay(RetryCall, _time, cancellationToken);
        }
    }

    /// <summary>What calls of grains end with when a silo, this one or the other, is away: nothing is wrong with the call.</summary>
    private static bool IsAway(Exception exception) =>
        exception is OrleansException or TimeoutException or InvalidOperationException or ObjectDisposedException;

    private static ulong Chance() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private static ClaimDecision.Refused NotNow(string reason) => new(null, RetryClaim, reason);

    private string ViewerKey(string sessionId) => NodeId + "/" + sessionId;

    [LoggerMessage(151, LogLevel.Information, "Node {NodeId} draining: {Draining}")]
    private partial void LogDraining(string nodeId, bool draining);

    [LoggerMessage(152, LogLevel.Warning, "Node {NodeId} took the standby {NewParentNodeId} for stream {StreamId}: {OldParentNodeId} fell silent")]
    private partial void LogTookStandby(string nodeId, string streamId, string oldParentNodeId, string newParentNodeId);

    [LoggerMessage(153, LogLevel.Warning, "Node {NodeId} has no parent for stream {StreamId}: {ParentNodeId} fell silent and there is no standby")]
    private partial void LogParentSilent(string nodeId, string streamId, string parentNodeId);

    [LoggerMessage(154, LogLevel.Debug, "A grain cannot be reached now: {Reason}")]
    private partial void LogUnreachable(string reason);

    [LoggerMessage(155, LogLevel.Debug, "No link to {ParentNodeId}: {Reason}")]
    private partial void LogNoLink(string parentNodeId, string reason);

    [LoggerMessage(156, LogLevel.Debug, "A report was lost: {Reason}")]
    private partial void LogReportLost(string reason);

    private readonly record struct Publication(string Session, Epoch Epoch);
}
