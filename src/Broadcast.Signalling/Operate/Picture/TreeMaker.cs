using Broadcast.Signalling.Api;
using Broadcast.Signalling.Operate.Figures;

namespace Broadcast.Signalling.Operate.Picture;

/// <summary>The picture of one stream: its places in the cluster, as nodes report them, with the reasons of the plan. Owned by one reader.</summary>
/// <remarks>Columns: root, parent, standby, next, depth, viewers, children, sessions, bits, lost, round trip, layers, keyframe requests, keyframes, recording, reason, standby's reason.</remarks>
internal sealed class TreeMaker(string streamId)
{
    private Table _before = Table.Empty;
    private long _number;

    /// <summary>A picture of one table.</summary>
    public ClusterPicture Make(IReadOnlyDictionary<string, NodeReport> reports, TreeView? plan, DateTimeOffset now)
    {
        var reasons = (plan?.Nodes ?? []).ToDictionary(node => node.NodeId, StringComparer.Ordinal);
        var rows = from report in reports
                   from stream in report.Value.Streams
                   where stream.StreamId == streamId
                   select Row(report.Key, stream, reasons.GetValueOrDefault(report.Key));
        _before = Table.Of(rows, _before);
        return new ClusterPicture(++_number, now, [_before]);
    }

    private static Row Row(string nodeId, StreamFigures stream, TreeNodeView? planned) => new(nodeId,
    [
        Cell.Of(stream.IsRoot ? 1 : 0),
        Cell.Of(stream.Parent),
        Cell.Of(stream.Standby),
        Cell.Of(stream.Next),
        Cell.Of(stream.Depth),
        Cell.Of(stream.Viewers),
        Cell.Of(stream.Children),
        Cell.Of(stream.Sessions),
        Cell.OfRate(stream.BitsPerSecond),
        Cell.OfShare(stream.FractionLost),
        Cell.OfMilliseconds(stream.RoundTrip),
        Cell.Of(stream.Layers),
        Cell.Of(stream.KeyframeRequests),
        Cell.Of(stream.Keyframes),
        Cell.Of(stream.Recording),
        Cell.Of(planned?.Reason),
        Cell.Of(planned?.StandbyReason),
    ]);
}
