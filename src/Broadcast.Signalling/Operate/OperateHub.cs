using System.Runtime.CompilerServices;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Operate.Figures;
using Broadcast.Signalling.Operate.Picture;
using Microsoft.AspNetCore.SignalR;

namespace Broadcast.Signalling.Operate;

/// <summary>What the operators' page calls, over SignalR with MessagePack. Who may call has been decided by <see cref="OperateEndpoint"/>.</summary>
/// <remarks>
/// Pictures are streams that the page takes at its own pace: the next update is made from the newest picture when the last one has been
/// handed to the connection, so a slow page costs one update in memory and gets fewer of them.
/// </remarks>
internal sealed class OperateHub(OperateFeed feed, IClusterOperations cluster, IClusterFigures figures, TimeProvider time) : Hub
{
    /// <summary>Sessions in one answer.</summary>
    private const int MaxPage = 200;

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);

    /// <summary>A connection ends with the token that opened it.</summary>
    public override Task OnConnectedAsync()
    {
        if (OperateEndpoint.GrantOf(Context)?.ExpiresAt is { } end)
        {
            // With a token that lasts longer than timers go it ends early, and comes back.
            var (context, left) = (Context, end - time.GetUtcNow());
            var expiry = time.CreateTimer(_ => context.Abort(), null, left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestTimer ? left : LongestTimer, Timeout.InfiniteTimeSpan);
            context.ConnectionAborted.Register(expiry.Dispose);
        }

        return base.OnConnectedAsync();
    }

    /// <summary>The whole cluster: first all of it, then what has changed, twice a second.</summary>
    public async IAsyncEnumerable<Update> Look([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var looking = feed.Look();
        ClusterPicture? seen = null;
        while (await NextAsync(seen, cancellation) is { } picture)
        {
            yield return Update.Between(seen, picture);
            seen = picture;
        }
    }

    /// <summary>One stream's places in the cluster, in the same way.</summary>
    public async IAsyncEnumerable<Update> Follow(string stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Check(stream);
        using var looking = feed.Look();
        var maker = new TreeMaker(stream);
        var plan = new Plan(cluster, stream, time);
        ClusterPicture? seen = null, cause = null;
        while ((cause = await NextAsync(cause, cancellation)) is not null)
        {
            var picture = maker.Make(feed.Reports, plan.Latest(cancellation), cause.At);
            yield return Update.Between(seen, picture);
            seen = picture;
        }
    }

    /// <summary>Some of the sessions of a stream, of all nodes in the order of their names.</summary>
    /// <remarks>Nodes are passed over by how many they last said they have, so that a page far down asks only those whose sessions are on it.</remarks>
    public async Task<SessionPage> Sessions(string stream, int skip, int take)
    {
        Check(stream);
        (skip, take) = (Math.Max(0, skip), Math.Clamp(take, 1, MaxPage));
        var (total, found) = (0, new List<SessionFigures>());
        foreach (var (node, report) in feed.Reports.OrderBy(report => report.Key, StringComparer.Ordinal))
        {
            var count = report.Streams.FirstOrDefault(carried => carried.StreamId == stream)?.Sessions ?? 0;
            var before = total;
            total += count;
            if (total <= skip || found.Count >= take || count == 0)
                continue;
            if (await figures.SessionsAsync(node, stream, Math.Max(0, skip - before), take - found.Count, Context.ConnectionAborted) is { } page)
                found.AddRange(page.Sessions);
        }

        return new SessionPage(total, found);
    }

    /// <summary>The last minutes of a subject at a node; see <see cref="PastSubject"/>.</summary>
    public async Task<PastFigures> Past(string node, string subject) =>
        await figures.PastAsync(node, subject, Context.ConnectionAborted) ?? PastFigures.None;

    /// <summary>Ends a session at a node.</summary>
    public async Task<bool> EndSession(string node, string session) => await figures.EndSessionAsync(node, session, Context.ConnectionAborted);

    private async ValueTask<ClusterPicture?> NextAsync(ClusterPicture? seen, CancellationToken cancellation)
    {
        try
        {
            return await feed.NextAsync(seen?.Number ?? 0, cancellation);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static void Check(string stream)
    {
        if (!StreamName.IsValid(stream))
            throw new HubException(StreamName.Rule);
    }

    /// <summary>The planned tree of a stream, for its reasons. Never waited for: who plans may be what has just died.</summary>
    private sealed class Plan(IClusterOperations cluster, string stream, TimeProvider time)
    {
        private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

        private Task<TreeView?>? _asking;
        private TreeView? _latest;
        private long _askedAt;

        /// <summary>As last known; asks anew now and then.</summary>
        public TreeView? Latest(CancellationToken cancellation)
        {
            if (_asking is { IsCompleted: true } asked)
                (_latest, _asking) = (asked.IsCompletedSuccessfully ? asked.Result ?? _latest : _latest, null);
            if (_asking is null && (_latest is null || time.GetElapsedTime(_askedAt) >= Period))
                (_asking, _askedAt) = (cluster.GetTreeAsync(stream, cancellation).AsTask(), time.GetTimestamp());
            return _latest;
        }
    }
}
