using System.Numerics;

namespace Broadcast.Client.Connections;

/// <summary>Counts durations in microseconds in steps of 1/32 of their size, so that percentiles are exact to 3 %.</summary>
/// <remarks>One writer; a reader on another thread may miss the latest few.</remarks>
internal sealed class Histogram
{
    private const int StepBits = 5;
    private const int Steps = 1 << StepBits;
    private const int Octaves = 32;

    private readonly long[] _counts = new long[Steps * Octaves];

    /// <summary>Durations counted.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, in microseconds.</summary>
    public long Maximum { get; private set; }

    /// <summary>Counts a duration; negative ones count as 0.</summary>
    public void Add(TimeSpan duration)
    {
        var microseconds = Math.Clamp(duration.Ticks / TimeSpan.TicksPerMicrosecond, 0, uint.MaxValue);
        _counts[SlotOf((uint)microseconds)]++;
        Count++;
        Maximum = Math.Max(Maximum, microseconds);
    }

    /// <summary>Adds what another one counted.</summary>
    public void Add(Histogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        Maximum = Math.Max(Maximum, other.Maximum);
    }

    /// <summary>Forgets everything. Only the writer may call it.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Count = Maximum = 0;
    }

    /// <summary>The duration that a share of all does not exceed, in milliseconds; null when nothing was counted.</summary>
    /// <param name="share">0 to 1.</param>
    public double? Percentile(double share)
    {
        if (Count == 0) return null;
        var wanted = Math.Max(1, (long)Math.Ceiling(Count * share));
        var seen = 0L;
        for (var slot = 0; slot < _counts.Length; slot++)
        {
            seen += _counts[slot];
            if (seen >= wanted) return Math.Min(UpperBound(slot), Maximum) / 1000.0;
        }

        return Maximum / 1000.0;
    }

    // Below 32 µs one slot per microsecond; above, 32 slots per octave.
    private static int SlotOf(uint value)
    {
        if (value < Steps) return (int)value;
        var octave = BitOperations.Log2(value) - StepBits;
        return Math.Min(((octave + 1) << StepBits) + (int)((value >> octave) - Steps), (Steps * Octaves) - 1);
    }

    private static long UpperBound(int slot)
    {
        if (slot < Steps) return slot;
        var octave = (slot >> StepBits) - 1;
        return ((((long)slot & (Steps - 1)) + Steps + 1) << octave) - 1;
    }
}
