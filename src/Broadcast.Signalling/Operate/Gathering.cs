using System.Collections.Concurrent;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Operate.Figures;
using Broadcast.Signalling.Operate.Picture;

namespace Broadcast.Signalling.Operate;

/// <summary>What nodes have said since somebody looks: their newest reports and events. Asked by one task; answers come on any thread.</summary>
/// <remarks>A node is asked once a second, half of them each half second, and never twice at a time: one that hangs delays nobody.</remarks>
internal sealed class Gathering(IClusterFigures figures, TimeProvider time)
{
    /// <summary>Events shown; the newest of all nodes.</summary>
    public const int MaxEvents = 300;

    /// <summary>What a node said is shown for so long when it says nothing more.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Answered> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _asking = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _lastEvents = new(StringComparer.Ordinal);
    private readonly List<(long At, Row Row)> _events = [];
    private long _turn;

    /// <summary>The newest report of each node.</summary>
    public IReadOnlyDictionary<string, NodeReport> Reports { get; private set; } = new Dictionary<string, NodeReport>();

    /// <summary>What happened, newest of all nodes.</summary>
    public IReadOnlyList<Row> Events
    {
        get
        {
            lock (_lock) return [.. _events.Select(each => each.Row)];
        }
    }

    /// <summary>Asks those whose turn it is; the first time all.</summary>
    /// <returns>When all that are being asked have answered.</returns>
    public Task Ask(IReadOnlyList<NodeView> nodes, CancellationToken cancellation)
    {
        var turn = _turn++;
        for (var i = 0; i < nodes.Count; i++)
        {
            var nodeId = nodes[i].NodeId;
            if (turn != 0 && nodeId != figures.NodeId && (i + turn) % 2 != 0)
                continue;
            if (!_asking.ContainsKey(nodeId))
                _asking[nodeId] = AskAsync(nodeId, cancellation);
        }

        foreach (var (nodeId, asked) in _asking)
        {
            if (asked.IsCompleted)
                _asking.TryRemove(nodeId, out _);
        }

        return Task.WhenAll(_asking.Values);
    }

    /// <summary>Takes what has come, of nodes that are there.</summary>
    public void Take(IReadOnlyList<NodeView> nodes)
    {
        var now = time.GetTimestamp();
        var reports = new Dictionary<string, NodeReport>(nodes.Count, StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            if (_answers.TryGetValue(node.NodeId, out var answer) && time.GetElapsedTime(answer.At, now) < Trust)
                reports[node.NodeId] = answer.Report;
        }

        foreach (var nodeId in _answers.Keys)
        {
            if (!reports.ContainsKey(nodeId))
                _answers.TryRemove(nodeId, out _);
        }

        Reports = reports;
    }

    private async Task AskAsync(string nodeId, CancellationToken cancellation)
    {
        long known;
        lock (_lock) known = _lastEvents.GetValueOrDefault(nodeId);
        try
        {
            if (await figures.ReportAsync(nodeId, known, cancellation) is not { } report)
                return;
            _answers[nodeId] = new Answered(report, time.GetTimestamp());
            if (report.Events.Count > 0)
                Add(nodeId, report.Events);
        }
        catch (OperationCanceledException)
        {
            // Nobody looks any more.
        }
    }

    // That nodes come and go is seen by all of them: it is told as this one saw it.
    private void Add(string nodeId, IReadOnlyList<NodeEvent> events)
    {
        lock (_lock)
        {
            _lastEvents[nodeId] = events[^1].Number;
            foreach (var each in events)
            {
                if (each.Kind == "node" && nodeId != figures.NodeId)
                    continue;
                var row = new Row($"{nodeId}#{each.Number}#{each.At}", [Cell.Of(each.At), Cell.Of(each.Kind), Cell.Of(nodeId), Cell.Of(each.Subject), Cell.Of(each.Text)]);
                _events.Add((each.At, row));
            }

            _events.Sort((a, b) => a.At.CompareTo(b.At));
            if (_events.Count > MaxEvents)
                _events.RemoveRange(0, _events.Count - MaxEvents);
        }
    }

    private sealed record Answered(NodeReport Report, long At);
}
