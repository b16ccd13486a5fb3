using System.Collections.Concurrent;
using Broadcast.Grains.Cluster;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode;
using Broadcast.Recording;
using Broadcast.RelayPlane;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Operate.Figures;
using Broadcast.Trees.Cluster;
using Broadcast.Vod.Recordings;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Server.Operate;

/// <summary>
/// Remembers for operators who come later: what happened here, and the last quarter of an hour. Also tells a node that has just come of the
/// bans that are in force.
/// </summary>
internal sealed class NodeWatch(
    MediaPlane media, NodeDesk desk, ClusterFigures figures, BanList bans, EventLog events, FigureHistory history, NodeIdentity identity, TimeProvider time,
    ClusterNode? cluster = null, Recorder? recordings = null) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>A history of sessions is kept for so many of a stream; of a large audience the first ones stand for all.</summary>
    private const int MaxSessions = 2_000;

    private readonly IRelayPlane _relay = media;
    private readonly ConcurrentDictionary<string, byte> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly Lock _recording = new();
    private readonly Dictionary<RecordingId, string> _recorded = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        media.StreamChanged += OnStreamChanged;
        if (recordings is not null) recordings.Changed += OnRecordingChanged;
        if (cluster is not null)
        {
            cluster.Connect(desk.AnswerAsync);
            cluster.Happened += OnHappened;
        }

        _running = RunAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        media.StreamChanged -= OnStreamChanged;
        if (recordings is not null) recordings.Changed -= OnRecordingChanged;
        if (cluster is not null) cluster.Happened -= OnHappened;
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested) await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Period, time);
        for (var turn = 0; await timer.WaitForNextTickAsync(_stopping.Token); turn++)
        {
            WatchNodes();
            if (turn % (int)(FigureHistory.Step / Period) == 0) history.Add(Samples());
        }
    }

    // A stream that comes from another node begins and ends there.
    private void OnStreamChanged(StreamEvent change)
    {
        var streamId = change.Stream.StreamId;
        if (change.Kind == StreamEventKind.Active && _relay.Find(streamId) is { IsRoot: true })
        {
            if (_live.TryAdd(streamId, 0)) events.Add("stream", streamId, "is live");
        }
        else if (change.Kind == StreamEventKind.Inactive && _live.TryRemove(streamId, out _))
        {
            events.Add("stream", streamId, "is not live any more");
        }
    }

    private void OnHappened(RelayEvent happened)
    {
        if (happened is TookStandby took) events.Add("takeover", took.StreamId, $"comes from {took.NewParentNodeId} now: {took.OldParentNodeId} fell silent");
        else if (happened is ParentSilent silent) events.Add("takeover", silent.StreamId, $"has no parent: {silent.ParentNodeId} fell silent, and nobody stood by");
    }

    private void WatchNodes()
    {
        if (cluster?.LatestCluster is not { Nodes.Count: > 0 } now) return;
        var before = _nodes.Count > 0;
        foreach (var node in now.Nodes)
        {
            // A member of whom nothing is known yet has not joined for anybody.
            if (node.Roles == NodeRoles.None) continue;
            var nodeId = node.Id.Value;
            var known = _nodes.TryGetValue(nodeId, out var state);
            _nodes[nodeId] = node.State;
            if (!known)
            {
                if (before) events.Add("node", nodeId, "has joined");
                if (nodeId != identity.Id && bans.Known is { Count: > 0 } told) _ = figures.TellAsync(nodeId, told, _stopping.Token);
            }
            else if (state != node.State)
            {
                events.Add("node", nodeId, node.State switch { NodeState.Draining => "drains", NodeState.Suspect => "is not heard of", _ => state is NodeState.Draining ? "takes part again" : "is heard of again" });
            }
        }

        foreach (var nodeId in _nodes.Keys.Where(nodeId => now.Find(new NodeId(nodeId)) is null).ToArray())
        {
            _nodes.Remove(nodeId);
            events.Add("node", nodeId, "is gone");
        }
    }

    private void OnRecordingChanged(string changed)
    {
        lock (_recording)
        {
            var active = recordings!.Active;
            foreach (var recording in active)
            {
                if (_recorded.TryAdd(recording.Id, recording.StreamId)) events.Add("recording", recording.StreamId, "is being recorded");
            }

            foreach (var (id, streamId) in _recorded)
            {
                if (active.Any(recording => recording.Id == id)) continue;
                _recorded.Remove(id);
                events.Add("recording", streamId, "is not recorded any more");
            }
        }
    }

    private List<(string Subject, float A, float B, float C)> Samples()
    {
        var load = _relay.Load;
        List<(string, float, float, float)> samples = [(PastSubject.Node, load.Viewers, load.BitsPerSecond, (float)load.Busy)];
        var links = new Dictionary<string, (double Bits, double Lost, double RoundTrip)>(StringComparer.Ordinal);
        foreach (var stream in desk.Streams())
        {
            samples.Add((PastSubject.Stream(stream.StreamId), stream.BitsPerSecond, stream.Viewers, (float)stream.FractionLost));
            if (stream.Parent is { } parent)
            {
                var sum = links.GetValueOrDefault(parent);
                links[parent] = (sum.Bits + stream.BitsPerSecond, sum.Lost + (stream.BitsPerSecond * stream.FractionLost), Math.Max(sum.RoundTrip, stream.RoundTrip));
            }

            foreach (var session in media.GetSessions(stream.StreamId).Take(MaxSessions))
                samples.Add((PastSubject.Session(session.SessionId), session.BitsPerSecond, (float)session.FractionLost, (float)(session.RoundTrip?.TotalMilliseconds ?? double.NaN)));
        }

        foreach (var (parent, sum) in links)
            samples.Add((PastSubject.Link(parent), (float)sum.Bits, sum.Bits > 0 ? (float)(sum.Lost / sum.Bits) : 0, sum.RoundTrip < 0 ? float.NaN : (float)sum.RoundTrip));
        return samples;
    }
}
