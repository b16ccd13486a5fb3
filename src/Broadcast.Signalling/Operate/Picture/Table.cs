namespace Broadcast.Signalling.Operate.Picture;

/// <summary>Rows by their names. Immutable.</summary>
public sealed class Table
{
    /// <summary>No row at all.</summary>
    public static readonly Table Empty = new([]);

    private readonly Dictionary<string, Row> _rows;

    private Table(Dictionary<string, Row> rows) => _rows = rows;

    /// <summary>All rows, in no order.</summary>
    public IReadOnlyDictionary<string, Row> Rows => _rows;

    /// <summary>A table that takes over the rows of an older one that say the same, so that a comparison of both sees at once that nothing has changed.</summary>
    public static Table Of(IEnumerable<Row> rows, Table? before = null)
    {
        var found = new Dictionary<string, Row>(StringComparer.Ordinal);
        foreach (var row in rows)
            found[row.Id] = before is not null && before._rows.TryGetValue(row.Id, out var known) && known.SaysTheSame(row) ? known : row;
        return new Table(found);
    }
}
