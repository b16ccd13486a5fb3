namespace Broadcast.MediaNode.Tests;

/// <summary>Measures managed allocation of the calling thread.</summary>
internal static class Allocated
{
    /// <summary>The least bytes that one of several passes of <paramref name="rounds"/> rounds allocated, after a warm-up.</summary>
    /// <remarks>
    /// A collection caused by another thread charges the unused rest of this thread's allocation buffer (up to 8 KB)
    /// to it. What the code itself allocates shows in every pass.
    /// </remarks>
    public static long Least(Action round, int rounds = 20)
    {
        for (var i = 0; i < 3; i++) round();
        var least = long.MaxValue;
        for (var pass = 0; pass < 10 && least != 0; pass++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < rounds; i++) round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
