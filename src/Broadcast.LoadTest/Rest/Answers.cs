using System.Globalization;

namespace Broadcast.LoadTest.Rest;

/// <summary>How long the answers of one address took. Thread-safe.</summary>
internal sealed class Answers(string path)
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _times = [];
    private long _bytes;

    /// <summary>The address.</summary>
    public string Path { get; } = path;

    /// <summary>Answers that were no success.</summary>
    public int Failed { get; private set; }

    public void Add(TimeSpan time, long bytes, bool succeeded)
    {
        lock (_lock)
        {
            _times.Add(time);
            _bytes += bytes;
            if (!succeeded) Failed++;
        }
    }

    /// <summary>The time that this share of the answers kept below, 0 to 1; zero without answers.</summary>
    public TimeSpan Percentile(double share)
    {
        lock (_lock)
        {
            if (_times.Count == 0) return TimeSpan.Zero;
            _times.Sort();
            return _times[Math.Clamp((int)Math.Ceiling(share * _times.Count) - 1, 0, _times.Count - 1)];
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Path,-44} {_times.Count,6} answers, {Failed} failed, {_bytes / 1000.0 / Math.Max(1, _times.Count),7:F1} KB: p50 {Ms(0.5):F1} ms, p90 {Ms(0.9):F1} ms, p99 {Ms(0.99):F1} ms, longest {Ms(1):F1} ms");
        }
    }

    private double Ms(double share) => Percentile(share).TotalMilliseconds;
}
