namespace Broadcast.Trees.Control;

/// <summary>Counts which regions took new nodes since the last snapshot: where several did, more viewers are on their way.</summary>
internal sealed class HotRegions
{
    /// <summary>Nodes of a region attached within one snapshot that make the stream hot there.</summary>
    private const int Hot = 3;

    private readonly SortedDictionary<string, int> _attached = new(StringComparer.Ordinal);

    public void Attached(string region) => _attached[region] = _attached.GetValueOrDefault(region) + 1;

    /// <summary>Hot regions and how many more nodes to attach there: as many as came.</summary>
    public IReadOnlyList<(string Region, int Count)> Take()
    {
        (string, int)[] hot = [.. _attached.Where(entry => entry.Value >= Hot).Select(entry => (entry.Key, entry.Value))];
        _attached.Clear();
        return hot;
    }
}
