using Broadcast.Signalling.Api;
using Broadcast.Signalling.Operate.Figures;

namespace Broadcast.Signalling.Operate.Picture;

/// <summary>Puts together what nodes say. Owned by one task; not thread-safe.</summary>
/// <remarks>
/// Columns, in the order in which pages read them (web/operate/feed/columns.js says the same):
/// totals: nodes, links, streams, live, viewers, bits in, bits out, refused, keyframes asked, recordings, takeovers;
/// nodes: region, zone, state, answers, roles, url, viewers, places, children, bits, bits possible, busy, share, streams, refused, keyframes;
/// links: parent, child, streams, standbys, bits, lost, round trip, layers;
/// streams: live, root, viewers, nodes, depth, bits, lost, round trip, lost packets, repaired, keyframe requests, keyframes, tracks, layers, recording, began, sessions;
/// events: at, kind, node, subject, text.
/// </remarks>
internal sealed class PictureMaker
{
    /// <summary>Beyond these a picture shows the ones with the most viewers or bits; totals count all.</summary>
    public const int MaxNodes = 2_000;

    /// <inheritdoc cref="MaxNodes"/>
    public const int MaxLinks = 4_000;

    /// <inheritdoc cref="MaxNodes"/>
    public const int MaxStreams = 5_000;

    private readonly Dictionary<string, StreamSum> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Parent, string Child), LinkSum> _links = [];
    private IReadOnlyList<Table> _before = [Table.Empty, Table.Empty, Table.Empty, Table.Empty, Table.Empty];
    private long _number;

    /// <summary>Pictures made.</summary>
    public long Made => _number;

    /// <summary>A picture of what is known now.</summary>
    /// <param name="nodes">All nodes.</param>
    /// <param name="reports">Of those that answered.</param>
    /// <param name="events">Newest of all nodes.</param>
    /// <param name="now">The time.</param>
    public ClusterPicture Make(IReadOnlyList<NodeView> nodes, IReadOnlyDictionary<string, NodeReport> reports, IEnumerable<Row> events, DateTimeOffset now)
    {
        _streams.Clear();
        _links.Clear();
        foreach (var node in nodes)
        {
            if (reports.TryGetValue(node.NodeId, out var report))
                Add(node.NodeId, report);
        }

        var streams = _streams.Values.OrderByDescending(stream => stream.Viewers).Take(MaxStreams).Select(stream => stream.Row());
        var links = _links.Values.OrderByDescending(link => link.Bits).Take(MaxLinks).Select(link => link.Row());
        var shown = nodes.OrderByDescending(node => node.Load.Viewers).Take(MaxNodes).Select(node => Row(node, reports.GetValueOrDefault(node.NodeId)));
        IEnumerable<Row>[] rows = [[Totals(nodes, reports)], shown, links, streams, events];
        _before = [.. rows.Select((table, i) => Table.Of(table, _before[i]))];
        return new ClusterPicture(++_number, now, _before);
    }

    private void Add(string nodeId, NodeReport report)
    {
        foreach (var stream in report.Streams)
        {
            if (!_streams.TryGetValue(stream.StreamId, out var sum))
                _streams.Add(stream.StreamId, sum = new StreamSum(stream.StreamId));
            sum.Add(nodeId, stream);
            if (stream.Parent is { } parent)
                Link(parent, nodeId).Feed(stream);
            if (stream.Standby is { } standby)
                Link(standby, nodeId).Standbys++;
        }
    }

    private LinkSum Link(string parent, string child) =>
        _links.TryGetValue((parent, child), out var link) ? link : _links[(parent, child)] = new LinkSum(parent, child);

    private Row Totals(IReadOnlyList<NodeView> nodes, IReadOnlyDictionary<string, NodeReport> reports) => new("all",
    [
        Cell.Of(nodes.Count),
        Cell.Of(_links.Count),
        Cell.Of(_streams.Count),
        Cell.Of(_streams.Values.Count(stream => stream.IsLive)),
        Cell.Of(_streams.Values.Sum(stream => (long)stream.Viewers)),
        Cell.OfRate(_streams.Values.Sum(stream => (double)stream.Bits)),
        Cell.OfRate(nodes.Sum(node => node.Load.BitsPerSecond)),
        Cell.Of(reports.Values.Sum(report => report.Refused)),
        Cell.Of(reports.Values.Sum(report => report.KeyframesAsked)),
        Cell.Of(_streams.Values.Count(stream => stream.IsRecorded)),
        Cell.Of(reports.Values.Sum(report => report.LinkTakeovers)),
    ]);

    private static Row Row(NodeView node, NodeReport? report) => new(node.NodeId,
    [
        Cell.Of(node.Region),
        Cell.Of(node.Zone),
        Cell.Of(node.State),
        Cell.Of(report is null ? 0 : 1),
        Cell.Of(string.Join(' ', node.Roles)),
        Cell.Of(node.Url),
        Cell.Of(node.Load.Viewers),
        Cell.Of(node.Capacity.Viewers),
        Cell.Of(node.Load.Children),
        Cell.OfRate(node.Load.BitsPerSecond),
        Cell.OfRate(node.Capacity.BitsPerSecond),
        Cell.OfShare(Math.Round(node.Load.Busy, 2)),
        Cell.OfShare(Math.Round(node.Share, 2)),
        report is null ? Cell.Nothing : Cell.Of(report.Streams.Count),
        report is null ? Cell.Nothing : Cell.Of(report.Refused),
        report is null ? Cell.Nothing : Cell.Of(report.KeyframesAsked),
    ]);

    private sealed class LinkSum(string parent, string child)
    {
        private int _streams;
        private double _lost;
        private double _roundTrip = -1;
        private string _layers = "";

        public int Standbys { get; set; }

        public double Bits { get; private set; }

        public void Feed(StreamFigures stream)
        {
            _streams++;
            Bits += stream.BitsPerSecond;
            _lost += stream.BitsPerSecond * stream.FractionLost;
            _roundTrip = Math.Max(_roundTrip, stream.RoundTrip);
            _layers = _streams == 1 ? stream.Layers : "";
        }

        public Row Row() => new(parent + ">" + child,
        [
            Cell.Of(parent),
            Cell.Of(child),
            Cell.Of(_streams),
            Cell.Of(Standbys),
            Cell.OfRate(Bits),
            Cell.OfShare(Bits > 0 ? _lost / Bits : 0),
            Cell.OfMilliseconds(_roundTrip),
            _layers.Length == 0 ? Cell.Nothing : Cell.Of(_layers),
        ]);
    }

    private sealed class StreamSum(string streamId)
    {
        private StreamFigures? _best;
        private string? _root;
        private string? _recording;
        private int _nodes;
        private int _depth;
        private int _sessions;

        public int Viewers { get; private set; }

        public bool IsLive => _best is { IsActive: true };

        public bool IsRecorded => _recording is not null;

        public long Bits => _root is null ? 0 : _best!.BitsPerSecond;

        /// <summary>What the root says of the stream counts; without one what is nearest to it says.</summary>
        public void Add(string nodeId, StreamFigures stream)
        {
            _nodes++;
            Viewers += stream.Viewers;
            _sessions += stream.Sessions;
            _depth = Math.Max(_depth, stream.Depth);
            _recording ??= stream.Recording;
            if (stream.IsRoot)
                (_best, _root) = (stream, nodeId);
            else if (_root is null && (_best is null || (stream.IsActive && stream.Depth < _best.Depth)))
                _best = stream;
        }

        public Row Row() => new(streamId,
        [
            Cell.Of(IsLive ? 1 : 0),
            Cell.Of(_root),
            Cell.Of(Viewers),
            Cell.Of(_nodes),
            Cell.Of(_depth),
            Cell.OfRate(_best!.BitsPerSecond),
            Cell.OfShare(_best.FractionLost),
            Cell.OfMilliseconds(_best.RoundTrip),
            Cell.Of(_best.Lost),
            Cell.Of(_best.Repaired),
            Cell.Of(_best.KeyframeRequests),
            Cell.Of(_best.Keyframes),
            Cell.Of(_best.Tracks),
            Cell.Of(_best.Layers),
            Cell.Of(_recording),
            _best.StartedAt > 0 ? Cell.Of(_best.StartedAt) : Cell.Nothing,
            Cell.Of(_sessions),
        ]);
    }
}
