namespace Broadcast.Testing;

/// <summary>Measures managed allocation of the calling thread.</summary>
public static class Allocated
{
    /// <summary>The least bytes that one of several rounds allocated, after a warm-up.</summary>
    /// <remarks>
    /// A collection caused by another thread charges the unused rest of this thread's allocation buffer (up to 8 KB) to
    /// it. What the code itself allocates shows in every round.
    /// </remarks>
    /// <param name="round">What is measured.</param>
    /// <param name="prepare">Done before each round, not measured.</param>
    public static long Least(Action round, Action? prepare = null)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 10 && least != 0; i++)
        {
            prepare?.Invoke();
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (i >= 2) least = Math.Min(least, allocated);
        }

        return least;
    }
}
