using Broadcast.Grains.Abstractions.Nodes;
using Broadcast.Trees.Cluster;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Broadcast.Grains.Nodes;

/// <summary>This silo's picture of all nodes: what the directory says they carry, and what the membership says of their being there.</summary>
/// <remarks>
/// One for each generation of the silo, shared by all its streams; thread-safe. The directory is asked once a second, for changes only,
/// and only while somebody here plans. While the directory is away or new, what was known before stays. The membership alone takes
/// nodes out, at once; a member of whom nothing is known yet is there all the same, but gets no work.
/// </remarks>
internal sealed partial class ClusterView(
    IGrainFactory grains, IClusterMembershipService membership, KnownNodes known, TimeProvider time, ILogger<ClusterView> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan InUse = TimeSpan.FromMinutes(1);

    /// <summary>By then every member has reported to somebody; who has not is not waited for.</summary>
    private static readonly TimeSpan Learning = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly long _began = time.GetTimestamp();
    private HashSet<string> _silent = [];
    private Guid _incarnation;
    private long _since;
    private long _number;
    private long _usedAt;
    private int _subscribers;
    private Task? _refreshing;
    private Task _running = Task.CompletedTask;
    private ClusterSnapshot _current = ClusterSnapshot.Empty;
    private Dictionary<string, string> _urls = new(StringComparer.Ordinal);

    /// <summary>The newest picture.</summary>
    public ClusterSnapshot Current => Volatile.Read(ref _current);

    /// <summary>True while there are members of whom nothing is known but that.</summary>
    public bool HasUnknown => Members().Keys.Any(nodeId => known.Find(nodeId) is null);

    /// <summary>A new picture is there. Raised on any thread; handlers must not block.</summary>
    private event Action? Changed;

    /// <summary>Keeps the picture fresh until disposed, and says when there is a new one.</summary>
    public IDisposable Subscribe(Action changed)
    {
        Changed += changed;
        Interlocked.Increment(ref _subscribers);
        return new Subscription(() =>
        {
            Changed -= changed;
            Interlocked.Decrement(ref _subscribers);
        });
    }

    /// <summary>Where viewers are sent to reach a node; null when it has no address of its own.</summary>
    public string? UrlOf(string nodeId) => Volatile.Read(ref _urls).TryGetValue(nodeId, out var url) && url.Length > 0 ? url : null;

    /// <summary>Asks the directory now; several callers share one question. When it does not answer the old picture stays.</summary>
    public Task RefreshAsync()
    {
        lock (_lock) return _refreshing is { IsCompleted: false } running ? running : _refreshing = Task.Run(AskAsync);
    }

    /// <summary>Sees to it that there is a picture that is not old, and in a silo that has just been started, one of all members.</summary>
    public async Task EnsureAsync()
    {
        var last = Interlocked.Exchange(ref _usedAt, time.GetTimestamp());
        if (last == 0 || (time.GetElapsedTime(last) > InUse && Volatile.Read(ref _subscribers) == 0)) await RefreshAsync();
        while (time.GetElapsedTime(_began) < Learning && HasUnknown)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time);
            await RefreshAsync();
        }
    }

    /// <summary>A node says what it is, before the directory does.</summary>
    /// <returns>True when there is a new picture for it.</returns>
    public bool Learn(NodeStatus status)
    {
        if (!known.Learn(status)) return false;
        Rebuild();
        return true;
    }

    void ILifecycleParticipant<ISiloLifecycle>.Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(ClusterView),
        ServiceLifecycleStage.Active,
        _ =>
        {
            _running = Task.WhenAll(AskPeriodicallyAsync(), FollowMembershipAsync());
            return Task.CompletedTask;
        },
        _ => StopAsync());

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task StopAsync()
    {
        if (!_stopping.IsCancellationRequested) await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AskPeriodicallyAsync()
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(_stopping.Token))
        {
            var used = Interlocked.Read(ref _usedAt);
            if (Volatile.Read(ref _subscribers) > 0 || (used != 0 && time.GetElapsedTime(used) < InUse)) await RefreshAsync();
        }
    }

    private async Task FollowMembershipAsync()
    {
        await foreach (var _ in membership.MembershipUpdates.WithCancellation(_stopping.Token)) Rebuild();
    }

    private async Task AskAsync()
    {
        try
        {
            var changes = await grains.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).GetChanges(_incarnation, _since);
            foreach (var status in changes.Nodes) known.Learn(status);
            lock (_lock)
            {
                // A new directory is asked for everything until it is complete.
                if (changes.IsComplete || changes.Incarnation == _incarnation) (_incarnation, _since) = (changes.Incarnation, changes.Version);
                _silent = changes.IsComplete ? [.. changes.Silent] : [];
            }

            Rebuild();
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or OperationCanceledException or InvalidOperationException)
        {
            LogNoDirectory(exception.Message);
        }
    }

    private void Rebuild()
    {
        lock (_lock)
        {
            var nodes = new List<NodeInfo>();
            var urls = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (nodeId, member) in Members())
            {
                var status = known.Find(nodeId);
                if (status is not null) urls[nodeId] = status.PublicUrl;
                nodes.Add(status is null ? Unknown(member) : ToNodeInfo(status, member, _silent.Contains(nodeId)));
            }

            Volatile.Write(ref _urls, urls);
            Volatile.Write(ref _current, new ClusterSnapshot(++_number, nodes));
        }

        Changed?.Invoke();
    }

    // A node that was started again may be listed twice; the younger silo is the node.
    private Dictionary<string, ClusterMember> Members()
    {
        var members = new Dictionary<string, ClusterMember>(StringComparer.Ordinal);
        foreach (var member in membership.CurrentSnapshot.Members.Values)
        {
            if (member.Status is not (SiloStatus.Active or SiloStatus.ShuttingDown)) continue;
            if (!members.TryGetValue(member.Name, out var known) || known.SiloAddress.Generation < member.SiloAddress.Generation) members[member.Name] = member;
        }

        return members;
    }

    private static NodeInfo Unknown(ClusterMember member) =>
        new(new NodeId(member.Name), "", "", NodeRoles.None, default, default, NodeState.Suspect, member.SiloAddress.Generation);

    private static NodeInfo ToNodeInfo(NodeStatus status, ClusterMember member, bool silent) => new(
        new NodeId(status.NodeId),
        status.Region,
        status.Zone,
        (NodeRoles)status.Roles,
        new NodeCapacity(status.Capacity.BitsPerSecond, status.Capacity.PacketsPerSecond, status.Capacity.Viewers, status.Capacity.Children),
        new NodeLoad(status.Load.BitsPerSecond, status.Load.PacketsPerSecond, status.Load.Viewers, status.Load.Children, status.Busy),
        status.Draining || member.Status is SiloStatus.ShuttingDown ? NodeState.Draining : silent ? NodeState.Suspect : NodeState.Up,
        member.SiloAddress.Generation);

    [LoggerMessage(121, LogLevel.Debug, "The node directory does not answer: {Reason}")]
    private partial void LogNoDirectory(string reason);

    private sealed class Subscription(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
