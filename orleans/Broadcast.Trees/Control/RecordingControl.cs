using Broadcast.Rtc;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Planning;

namespace Broadcast.Trees.Control;

/// <summary>What a node said that it records of the stream.</summary>
/// <param name="Id">Of the recording; older ones sort first.</param>
/// <param name="WantsStandby">Another node shall record beside it.</param>
/// <param name="StandsInFor">The recording that it shall replace if that is cut short; null for the recorder itself.</param>
/// <param name="StandsInForNode">Where that is made.</param>
public sealed record ReportedRecording(string Id, bool WantsStandby, string? StandsInFor, NodeId? StandsInForNode);

/// <summary>What a node is to be told.</summary>
/// <param name="Node">To whom.</param>
public abstract record RecordingOrder(NodeId Node)
{
    /// <summary>Record beside <paramref name="Recorder"/>.</summary>
    public sealed record StandBy(NodeId Node, string Recording, NodeId Recorder) : RecordingOrder(Node);

    /// <summary>End: another node records the stream too, and has done so for longer.</summary>
    public sealed record Stop(NodeId Node, string Recording) : RecordingOrder(Node);

    /// <summary>Not for the node, which is gone with its recording, and so is who stood by: another one shall begin to record.</summary>
    public sealed record Replace(NodeId Node, string Recording) : RecordingOrder(Node);
}

/// <summary>
/// Who records one stream, as nodes report it, and who shall record beside it. What becomes of a standby's recording is not decided here:
/// its own node asks the recorder's, so that it does not depend on anybody's memory.
/// </summary>
/// <remarks>Owned by one caller at a time; time is an argument. Nothing of it is stored: nodes know what they do, and say it again.</remarks>
public sealed class RecordingControl
{
    /// <summary>How often a standby is told until it says that it records.</summary>
    public static readonly TimeSpan Repeat = TimeSpan.FromSeconds(1);

    /// <summary>One that does not record by then gets no further chance for <see cref="Avoid"/>: the stream needs seconds to get there, and a keyframe.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long a node that could not is left alone.</summary>
    public static readonly TimeSpan Avoid = TimeSpan.FromSeconds(30);

    /// <summary>Two recorders of one stream are borne so long: one of them may be about to say that it has ended.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromSeconds(4);

    /// <summary>How often another recorder is looked for in the place of one that is gone with its standby.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    /// <summary>So long a stream that nobody publishes any more may come back and be recorded on.</summary>
    public static readonly TimeSpan Return = TimeSpan.FromMinutes(1);

    private readonly SortedDictionary<NodeId, ReportedRecording?> _reports = [];
    private readonly Dictionary<NodeId, MonotonicTime> _avoided = [];
    private Asked? _asked;
    private ClusterSnapshot _cluster = ClusterSnapshot.Empty;
    private MonotonicTime _doubtSince = MonotonicTime.Never;
    private (NodeId Node, string Recording)? _lost;
    private MonotonicTime _replaceAt = MonotonicTime.Zero;
    private MonotonicTime _unpublishedSince = MonotonicTime.Never;

    /// <summary>When <see cref="Plan"/> is due again.</summary>
    public MonotonicTime Deadline { get; private set; } = MonotonicTime.Never;

    /// <summary>What a node records now; null for nothing.</summary>
    public void Report(NodeId node, ReportedRecording? recording) => _reports[node] = recording;

    /// <summary>Forgets what nodes said that are gone, or began anew: one that came back before anybody missed it does not know the stream any more.</summary>
    /// <remarks>Who recorded, and is gone with whoever stood by, is to be replaced.</remarks>
    public void SetCluster(ClusterSnapshot cluster)
    {
        var recorded = Current;
        foreach (var node in _reports.Keys.Where(node => cluster.StateOf(node) == NodeState.Gone || HasStartedAnew(node)).ToArray()) _reports.Remove(node);
        _cluster = cluster;
        if (recorded is { } gone && Current is null) (_lost, _replaceAt) = ((gone.Node, gone.Recording.Id), MonotonicTime.Zero);

        bool HasStartedAnew(NodeId node) => _cluster.Find(node) is { } before && cluster.Find(node) is { } now && before.Generation != now.Generation;
    }

    /// <summary>Nobody wants the stream recorded any more.</summary>
    public void Cease() => _lost = null;

    /// <summary>A node could not begin to record.</summary>
    public void Failed(NodeId node, MonotonicTime now) => _avoided[node] = now + Avoid;

    /// <summary>Whether a node could not lately.</summary>
    public bool IsAvoided(NodeId node, MonotonicTime now) => _avoided.TryGetValue(node, out var until) && now < until;

    /// <summary>
    /// Who records the stream, the oldest where there are several. A standby counts when its recorder is gone: its recording is about to
    /// become the stream's. One whose recorder says that it records nothing does not: it is about to end.
    /// </summary>
    public (NodeId Node, ReportedRecording Recording)? Current =>
        Recorders.Select(pair => ((NodeId, ReportedRecording)?)pair).FirstOrDefault() ?? Standbys.Select(pair => ((NodeId, ReportedRecording)?)pair).FirstOrDefault();

    /// <summary>Who records beside it; null for nobody.</summary>
    public NodeId? StandbyOf(string recording) => _reports.Where(pair => pair.Value?.StandsInFor == recording).Select(pair => (NodeId?)pair.Key).FirstOrDefault();

    private IEnumerable<(NodeId Node, ReportedRecording Recording)> Recorders =>
        _reports.Where(pair => pair.Value is { StandsInFor: null }).Select(pair => (pair.Key, pair.Value!)).OrderBy(pair => pair.Item2.Id, StringComparer.Ordinal);

    private IEnumerable<(NodeId Node, ReportedRecording Recording)> Standbys =>
        from pair in _reports
        where pair.Value is { StandsInForNode: { } node } && !(_reports.TryGetValue(node, out var first) && first?.Id != pair.Value.StandsInFor)
        select (pair.Key, pair.Value!);

    /// <summary>What is to be said now: (1) of two recorders the younger ends; (2) a recorder without a standby gets one; (3) one that is gone is replaced.</summary>
    public IReadOnlyList<RecordingOrder> Plan(ClusterSnapshot cluster, NodeId? root, MonotonicTime now)
    {
        Deadline = MonotonicTime.Never;
        var orders = new List<RecordingOrder>();
        var recorders = Recorders.ToArray();

        // :: Step 1
        if (recorders.Length < 2)
        {
            _doubtSince = MonotonicTime.Never;
        }
        else
        {
            _doubtSince = MonotonicTime.Min(_doubtSince, now);
            if (now - _doubtSince >= Doubt)
            {
                foreach (var (node, recording) in recorders.Skip(1)) orders.Add(new RecordingOrder.Stop(node, recording.Id));
                _doubtSince = now;
            }

            Deadline = _doubtSince + Doubt;
        }

        // :: Step 2
        if (recorders is [var (recorder, current), ..] && current.WantsStandby && StandbyOf(current.Id) is null) AskStandby(orders, cluster, root, recorder, current.Id, now);
        else _asked = null;

        // :: Step 3
        Replace(orders, root, now);
        return orders;
    }

    private void Replace(List<RecordingOrder> orders, NodeId? root, MonotonicTime now)
    {
        _unpublishedSince = root is null ? MonotonicTime.Min(_unpublishedSince, now) : MonotonicTime.Never;
        if (Current is not null || (root is null && now - _unpublishedSince >= Return)) _lost = null;
        if (_lost is not { } lost) return;
        if (root is not null && now >= _replaceAt)
        {
            orders.Add(new RecordingOrder.Replace(lost.Node, lost.Recording));
            _replaceAt = now + Retry;
        }

        Deadline = MonotonicTime.Min(Deadline, root is null ? _unpublishedSince + Return : _replaceAt);
    }

    private void AskStandby(List<RecordingOrder> orders, ClusterSnapshot cluster, NodeId? root, NodeId recorder, string recording, MonotonicTime now)
    {
        if (_asked is { } asked && (asked.Recording != recording || cluster.StateOf(asked.Node) == NodeState.Gone)) _asked = null;
        if (_asked is { } late && now >= late.Until)
        {
            Failed(late.Node, now);
            _asked = null;
        }

        if (_asked is null && RecorderSearch.FindStandby(cluster, recorder, root, node => IsAvoided(node, now)) is { } chosen)
            _asked = new Asked(chosen.Id, recording, now + Patience, now);
        if (_asked is not { } waiting)
        {
            // Nobody can now: each new picture of the cluster is another chance, and so is the end of a bad mark.
            if (_avoided.Count > 0) Deadline = MonotonicTime.Min(Deadline, now + Avoid);
            return;
        }

        if (now >= waiting.At)
        {
            orders.Add(new RecordingOrder.StandBy(waiting.Node, recording, recorder));
            _asked = waiting = waiting with { At = now + Repeat };
        }

        Deadline = MonotonicTime.Min(Deadline, waiting.At);
    }

    private readonly record struct Asked(NodeId Node, string Recording, MonotonicTime Until, MonotonicTime At);
}
