namespace Broadcast.Signalling.Operate.Picture;

/// <summary>One line of a table. Immutable, so that pictures share those that have not changed.</summary>
/// <param name="id">Unique in its table.</param>
/// <param name="cells">As many as the table has columns; not written to any more.</param>
public sealed class Row(string id, Cell[] cells)
{
    /// <summary>Unique in its table.</summary>
    public string Id { get; } = id;

    /// <summary>In the order of the table's columns.</summary>
    public IReadOnlyList<Cell> Cells { get; } = cells;

    /// <summary>True when both say the same.</summary>
    public bool SaysTheSame(Row other) => ReferenceEquals(this, other) || cells.AsSpan().SequenceEqual(other.Raw);

    internal ReadOnlySpan<Cell> Raw => cells;
}
