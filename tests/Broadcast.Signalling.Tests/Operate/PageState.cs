using Broadcast.Signalling.Operate.Picture;

namespace Broadcast.Signalling.Tests.Operate;

/// <summary>What a page knows after the updates that it was sent.</summary>
internal sealed class PageState
{
    private readonly List<Dictionary<string, Cell[]>> _tables = [];

    public long Number { get; private set; }

    public long Applied { get; private set; }

    public IReadOnlyDictionary<string, Cell[]> this[ClusterTable table] => _tables[(int)table];

    public void Apply(Update update)
    {
        Assert.Equal(Number, update.Since);
        Assert.True(update.Number > Number);
        while (_tables.Count < update.Tables.Count)
            _tables.Add([]);
        foreach (var (table, change) in _tables.Zip(update.Tables))
        {
            foreach (var id in change.Removed)
                Assert.True(table.Remove(id));
            foreach (var row in change.Rows)
                table[row.Id] = row.Columns == -1 ? [.. row.Cells] : Merge(table[row.Id], row);
        }

        (Number, Applied) = (update.Number, Applied + 1);
    }

    public void AssertShows(ClusterPicture picture)
    {
        Assert.Equal(picture.Number, Number);
        foreach (var (shown, wanted) in _tables.Zip(picture.Tables))
        {
            Assert.Equal(wanted.Rows.Keys.Order(), shown.Keys.Order());
            Assert.All(wanted.Rows, row => Assert.Equal(row.Value.Cells, shown[row.Key]));
        }
    }

    public void AssertShowsTheSameAs(PageState other)
    {
        Assert.Equal(other.Number, Number);
        foreach (var (mine, theirs) in _tables.Zip(other._tables))
        {
            Assert.Equal(theirs.Keys.Order(), mine.Keys.Order());
            Assert.All(theirs, row => Assert.Equal(row.Value, mine[row.Key]));
        }
    }

    private static Cell[] Merge(Cell[] known, RowUpdate row)
    {
        var (cells, next) = (known.ToArray(), 0);
        for (var i = 0; i < cells.Length; i++)
        {
            if ((row.Columns & (1 << i)) != 0)
                cells[i] = row.Cells[next++];
        }

        Assert.Equal(row.Cells.Count, next);
        return cells;
    }
}
