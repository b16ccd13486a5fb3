namespace Broadcast.Signalling.Operate.Picture;

/// <summary>What has changed from one picture to another; from none it is all of it.</summary>
/// <param name="Number">Of the picture that it leads to.</param>
/// <param name="Since">Of the one that it begins from; 0 for none.</param>
/// <param name="At">Milliseconds since 1970.</param>
/// <param name="Tables">As many as the pictures have.</param>
public sealed record Update(long Number, long Since, long At, IReadOnlyList<TableUpdate> Tables)
{
    /// <summary>What leads from one picture to another.</summary>
    /// <param name="before">Null for nothing.</param>
    /// <param name="after">Has the same tables.</param>
    public static Update Between(ClusterPicture? before, ClusterPicture after)
    {
        var tables = new TableUpdate[after.Tables.Count];
        for (var i = 0; i < tables.Length; i++)
            tables[i] = TableUpdate.Between(before?.Tables[i] ?? Table.Empty, after.Tables[i]);
        return new Update(after.Number, before?.Number ?? 0, after.At.ToUnixTimeMilliseconds(), tables);
    }
}

/// <summary>What has changed in one table.</summary>
/// <param name="Removed">Names of rows that are gone.</param>
/// <param name="Rows">Those that are new or have changed.</param>
public sealed record TableUpdate(IReadOnlyList<string> Removed, IReadOnlyList<RowUpdate> Rows)
{
    internal static TableUpdate Between(Table before, Table after)
    {
        List<string> removed = [];
        List<RowUpdate> rows = [];
        foreach (var (id, row) in after.Rows)
        {
            if (!before.Rows.TryGetValue(id, out var known))
                rows.Add(RowUpdate.New(row));
            else if (!ReferenceEquals(known, row) && RowUpdate.Between(known, row) is { } change)
                rows.Add(change);
        }

        foreach (var id in before.Rows.Keys)
        {
            if (!after.Rows.ContainsKey(id))
                removed.Add(id);
        }

        return new TableUpdate(removed, rows);
    }
}

/// <summary>What has changed in one row.</summary>
/// <param name="Id">The row.</param>
/// <param name="Columns">A bit for each column that is told, the first is 1; -1 for all of a new row.</param>
/// <param name="Cells">Of those columns, in their order.</param>
public sealed record RowUpdate(string Id, int Columns, IReadOnlyList<Cell> Cells)
{
    /// <summary>More columns have no bit.</summary>
    public const int MaxColumns = 31;

    internal static RowUpdate New(Row row) => new(row.Id, -1, row.Cells);

    internal static RowUpdate? Between(Row before, Row after)
    {
        var (columns, changed) = (0, new List<Cell>());
        for (var i = 0; i < after.Cells.Count; i++)
        {
            if (before.Cells[i] == after.Cells[i])
                continue;
            columns |= 1 << i;
            changed.Add(after.Cells[i]);
        }

        return columns == 0 ? null : new RowUpdate(after.Id, columns, changed);
    }
}
