using System.Globalization;

namespace Broadcast.LoadTest.Rest;

/// <summary>How long the answers of one address took. Thread-safe.</summary>
internal sealed class Answers(string path)
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _times = [];
    private readonly List<TimeSpan> _late = [];
    private long _bytes;

    /// <summary>The address.</summary>
    public string Path { get; } = path;

    /// <summary>Answers that were no success.</summary>
    public int Failed { get; private set; }

    /// <summary>Notes one.</summary>
    /// <param name="time">From when it was due to its last byte.</param>
    /// <param name="late">How much of that had gone when this program sent it.</param>
    /// <param name="bytes">Of the answer.</param>
    /// <param name="succeeded">By its status.</param>
    public void Add(TimeSpan time, TimeSpan late, long bytes, bool succeeded)
    {
        lock (_lock)
        {
            _times.Add(time);
            _late.Add(late);
            _bytes += bytes;
            if (!succeeded) Failed++;
        }
    }

    /// <summary>The time that this share of the answers kept below, 0 to 1; zero without answers.</summary>
    public TimeSpan Percentile(double share)
    {
        lock (_lock) return Percentile(_times, share);
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Path,-44} {_times.Count,6} answers, {Failed} failed, {_bytes / 1000.0 / Math.Max(1, _times.Count),7:F1} KB: p50 {Ms(0.5):F1} ms, p90 {Ms(0.9):F1} ms, p99 {Ms(0.99):F1} ms, longest {Ms(1):F1} ms; sent late p50 {Percentile(_late, 0.5).TotalMilliseconds:F1} ms, p99 {Percentile(_late, 0.99).TotalMilliseconds:F1} ms");
        }
    }

    private static TimeSpan Percentile(List<TimeSpan> times, double share)
    {
        if (times.Count == 0) return TimeSpan.Zero;
        times.Sort();
        return times[Math.Clamp((int)Math.Ceiling(share * times.Count) - 1, 0, times.Count - 1)];
    }

    private double Ms(double share) => Percentile(share).TotalMilliseconds;
}
