using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.Grains.Abstractions.Recordings;
using Broadcast.Grains.Abstractions.Relays;
using Broadcast.Trees;
using Broadcast.Trees.Cluster;
using Broadcast.Trees.Control;

namespace Broadcast.Grains.Publishers;

/// <summary>Between what travels and what the planner knows.</summary>
internal static class Conversions
{
    public static Epoch ToWire(this StreamEpoch epoch) => new(epoch.Number, epoch.Claim);

    public static StreamEpoch ToEpoch(this Epoch epoch) => new(epoch.Number, epoch.Claim);

    public static ClaimReply ToWire(this ClaimAnswer answer) => answer switch
    {
        ClaimAnswer.Granted granted => new ClaimReply(true, granted.Epoch.ToWire(), granted.Version, null, default, ""),
        ClaimAnswer.Refused refused => new ClaimReply(false, default, 0, refused.HeldBy?.Value, refused.RetryAfter, refused.Reason),
        _ => throw new InvalidOperationException("There is no other answer."),
    };

    public static JoinReply ToWire(this JoinAnswer answer, string streamId, bool isLive, Func<string, string?> urlOf) => answer switch
    {
        JoinAnswer.Serve serve => new JoinReply(JoinOutcome.Serve, serve.Place?.ToWire(streamId), null, default, "", isLive, null),
        JoinAnswer.Redirect redirect => new JoinReply(JoinOutcome.Redirect, null, redirect.Node.Value, default, redirect.Reason, isLive, urlOf(redirect.Node.Value)),
        JoinAnswer.Refuse refuse => new JoinReply(JoinOutcome.Refuse, null, null, refuse.RetryAfter, refuse.Reason, isLive, null),
        _ => throw new InvalidOperationException("There is no other answer."),
    };

    public static RelayOrder ToWire(this RelayCommand command, string streamId) => new(
        streamId, command.Node.Value, command.Epoch.ToWire(), command.Version, (OrderKind)command.Kind, command.Parent?.Value, command.Standby?.Value, command.Reason);

    public static NodeReport ToReport(this StreamReport report) => new(
        new NodeId(report.NodeId),
        report.Epoch.ToEpoch(),
        report.Version,
        report.IsRoot,
        ToNode(report.Parent),
        ToNode(report.NextParent),
        ToNode(report.Standby),
        report.IsRooted,
        [.. report.Path.Select(id => new NodeId(id))],
        report.Viewers,
        report.Children,
        [.. report.Failed.Select(id => new NodeId(id))],
        report.WantsToLeave,
        report.Session,
        report.Recording is not null);

    public static ReportedRecording? ToReported(this StreamRecording? recording) =>
        recording is null ? null : new ReportedRecording(recording.RecordingId, recording.WantsStandby, recording.StandsInFor, ToNode(recording.StandsInForNode));

    public static TreeView ToView(this StreamTree tree, string streamId) => new(
        streamId,
        tree.Root?.Value,
        tree.Epoch.ToWire(),
        tree.Version,
        [.. tree.Nodes.Values.OrderBy(node => node.Depth).ThenBy(node => node.Id).Select(ToView)]);

    private static TreeNodeView ToView(TreeNode node) => new(
        node.Id.Value, node.Region, node.Parent?.Value, node.Standby?.Value, node.Depth, node.Reason, node.StandbyReason, node.Version);

    private static NodeId? ToNode(string? id) => id is null ? null : new NodeId(id);
}
