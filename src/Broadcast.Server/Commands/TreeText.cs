using System.Globalization;
using Broadcast.Signalling.Api;

namespace Broadcast.Server.Commands;

/// <summary>A stream's tree as indented text: who feeds whom, how full everybody is, and why it is so.</summary>
internal static class TreeText
{
    public static void Write(TreeView tree, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tree.StreamId}: {(tree.Root is null ? "nobody publishes now" : $"published at {tree.Root}")}, {tree.Nodes.Count} {(tree.Nodes.Count == 1 ? "node" : "nodes")}, epoch {tree.Epoch}, version {tree.Version}"));
        var children = tree.Nodes.Where(node => node.Parent is not null).ToLookup(node => node.Parent!);
        var shown = new HashSet<string>();
        foreach (var top in tree.Nodes.Where(node => node.NodeId == tree.Root)) WriteBelow(top, 0, children, shown, output);

        // Orphans wait for a parent; what hangs below them is shown with them.
        while (NextTop(tree.Nodes, shown) is { } orphan)
        {
            output.WriteLine("without a way to the publisher:");
            WriteBelow(orphan, 1, children, shown, output);
        }
    }

    /// <summary>One whose parent is not there; else any, for then those that are left go round in a circle.</summary>
    private static TreeNodeView? NextTop(IReadOnlyList<TreeNodeView> nodes, HashSet<string> shown)
    {
        TreeNodeView[] left = [.. nodes.Where(node => !shown.Contains(node.NodeId))];
        return Array.Find(left, node => !Array.Exists(left, other => other.NodeId == node.Parent)) ?? left.FirstOrDefault();
    }

    private static void WriteBelow(TreeNodeView node, int depth, ILookup<string, TreeNodeView> children, HashSet<string> shown, TextWriter output)
    {
        if (!shown.Add(node.NodeId)) return;
        var indent = new string(' ', 2 * depth);
        var state = node.State == "up" ? "" : $"{node.State}, ";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{indent}{node.NodeId} ({node.Region}, {state}{node.Viewers} {(node.Viewers == 1 ? "viewer" : "viewers")}, {Math.Round(node.Share * 100)} % full): {node.Reason}"));
        if (node.Parent is not null) output.WriteLine($"{indent}  {(node.Standby is null ? "" : $"standby {node.Standby}: ")}{node.StandbyReason}");
        foreach (var child in children[node.NodeId]) WriteBelow(child, depth + 1, children, shown, output);
    }
}
