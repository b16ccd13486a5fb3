namespace Broadcast.Vod.Journal;

/// <summary>Ends of whole clusters in a segment's file. Thread-safe.</summary>
/// <remarks>Of a segment that is complete a few are kept: enough to look for a place, and an hour stays small.</remarks>
internal sealed class Boundaries
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private List<Boundary> _all = [];

    public void Add(TimeSpan duration, long bytes)
    {
        lock (_lock)
        {
            if (_all.Count == 0 || bytes > _all[^1].Bytes) _all.Add(new Boundary(duration, bytes));
        }
    }

    /// <summary>The last one; zero at the beginning.</summary>
    public Boundary Last
    {
        get
        {
            lock (_lock) return _all.Count > 0 ? _all[^1] : default;
        }
    }

    public IReadOnlyList<Boundary> All
    {
        get
        {
            lock (_lock) return [.. _all];
        }
    }

    /// <summary>The segment is complete.</summary>
    public void Thin()
    {
        lock (_lock)
        {
            var few = new List<Boundary>();
            foreach (var boundary in _all)
            {
                if (boundary.Duration - (few.Count > 0 ? few[^1].Duration : TimeSpan.Zero) >= Kept) few.Add(boundary);
            }

            _all = few;
        }
    }
}

/// <summary>The end of a whole cluster.</summary>
/// <param name="Duration">Of what is before it, in the segment.</param>
/// <param name="Bytes">Of what is before it.</param>
internal readonly record struct Boundary(TimeSpan Duration, long Bytes);
