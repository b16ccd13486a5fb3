using System.Text.Json;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Cluster;
using Microsoft.Extensions.Hosting;

namespace Broadcast.Signalling.Webhooks;

/// <summary>Tells of nodes that join, drain and leave: every node looks, and the one with the lowest name tells.</summary>
/// <remarks>
/// When that one is gone the next sees it go, and is the lowest then. A node whose first look shows itself as the lowest tells of its own coming.
/// Two nodes that see a change at different moments, while the lowest changes too, may both tell of it, or neither: look at the cluster when it matters.
/// </remarks>
internal sealed class NodeNews(IClusterOperations cluster, IWebhooks webhooks, NodeIdentity node, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private Dictionary<string, NodeView>? _before;

    /// <summary>Somebody wants to be told who did not when the node came: what is there then is no news.</summary>
    private bool _isLate;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (webhooks.Wants("node.joined") || webhooks.Wants("node.left") || webhooks.Wants("node.draining")) Compare(await cluster.GetNodesAsync(stoppingToken));
                else (_before, _isLate) = (null, true);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    internal void Compare(IReadOnlyList<NodeView> nodes)
    {
        var now = nodes.ToDictionary(view => view.NodeId, StringComparer.Ordinal);
        var before = _before ?? (_isLate ? now : now.Where(pair => pair.Key != node.Id).ToDictionary(StringComparer.Ordinal));
        _before = now;
        if (now.Keys.Order(StringComparer.Ordinal).FirstOrDefault() != node.Id) return;
        foreach (var view in now.Values.OrderBy(view => view.NodeId, StringComparer.Ordinal))
        {
            if (!before.TryGetValue(view.NodeId, out var old)) Raise("node.joined", view);
            if (view.State == "draining" && old?.State != "draining") Raise("node.draining", view);
        }

        foreach (var view in before.Values.Where(view => !now.ContainsKey(view.NodeId))) Raise("node.left", view with { State = "gone" });
    }

    private void Raise(string name, NodeView view)
    {
        if (!webhooks.Wants(name)) return;
        var body = new NodeNewsBody(name, time.GetUtcNow(), node.Id, new NodeFacts(view.NodeId, view.Region, view.Zone, view.State));
        webhooks.Raise(name, JsonSerializer.SerializeToUtf8Bytes(body, WebhookJson.Default.NodeNewsBody));
    }
}
