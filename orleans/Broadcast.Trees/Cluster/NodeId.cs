namespace Broadcast.Trees.Cluster;

/// <summary>Names a tree node: a server, or whoever else can pass a stream on. Compared by its characters' codes.</summary>
public readonly record struct NodeId(string Value) : IComparable<NodeId>
{
    /// <inheritdoc/>
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    public static bool operator <(NodeId a, NodeId b) => a.CompareTo(b) < 0;
    public static bool operator >(NodeId a, NodeId b) => a.CompareTo(b) > 0;
    public static bool operator <=(NodeId a, NodeId b) => a.CompareTo(b) <= 0;
    public static bool operator >=(NodeId a, NodeId b) => a.CompareTo(b) >= 0;
}
