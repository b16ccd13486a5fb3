using System.Runtime.InteropServices;

namespace Broadcast.Benchmarks;

/// <summary>Measures by this thread's CPU time, which other work on the machine disturbs least.</summary>
internal static partial class Quick
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>CPU time of this thread in nanoseconds.</summary>
    public static long CpuNanoseconds
    {
        get
        {
            _ = clock_gettime(ThreadCpuTime, out var time);
            return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
        }
    }

    /// <summary>Bytes that native code has allocated with malloc and not freed (glibc 2.33 and later).</summary>
    public static long NativeBytes => (long)mallinfo2().Used;

    /// <summary>Best of several rounds, in nanoseconds per operation, and the managed bytes allocated in the last of them.</summary>
    /// <param name="operations">How many operations one call performs.</param>
    /// <param name="action">What to measure.</param>
    public static (double Nanoseconds, long AllocatedBytes) Measure(int operations, Action action)
    {
        for (var i = 0; i < 3; i++)
        {
            action();
            Thread.Sleep(150); // lets the tiered compiler finish in the background
        }

        var best = double.MaxValue;
        long allocated = 0;
        for (var round = 0; round < 7; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = CpuNanoseconds;
            action();
            best = Math.Min(best, (double)(CpuNanoseconds - start) / operations);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return (best, allocated);
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    [LibraryImport("libc")]
    private static partial MallInfo mallinfo2();

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    private readonly record struct MallInfo(
        nuint Arena,
        nuint OrdinaryBlocks,
        nuint FastBlocks,
        nuint MappedBlocks,
        nuint Mapped,
        nuint Unused,
        nuint FastFree,
        nuint Used,
        nuint Free,
        nuint Trimmable);
}
