namespace Broadcast.Trees;

/// <summary>Children that a node was given too lately for its measured load to show them.</summary>
/// <remarks>A load is measured up to one snapshot before it is seen, so the current and the previous snapshot count.</remarks>
public readonly record struct Bookings(long Snapshot, int Current, int Previous)
{
    /// <summary>One more child, planned under <paramref name="snapshot"/>.</summary>
    public Bookings Add(long snapshot) => new(snapshot, At(snapshot).Current + 1, At(snapshot).Previous);

    /// <summary>Children that the loads of <paramref name="snapshot"/> lack.</summary>
    /// <param name="measured">Children that the node measured.</param>
    /// <param name="planned">Children of this tree that it has in the plan: if it measured as many as were planned before, it saw those.</param>
    public int Unseen(long snapshot, int measured, int planned)
    {
        var (_, current, previous) = At(snapshot);
        return measured >= planned - current ? current : current + previous;
    }

    private Bookings At(long snapshot) => (snapshot - Snapshot) switch
    {
        <= 0 => this,
        1 => new(snapshot, 0, Current),
        _ => new(snapshot, 0, 0),
    };
}
