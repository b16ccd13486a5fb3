namespace Broadcast.MediaNode.Telemetry;

/// <summary>How many of the present viewers, or streams, are of which size: a count for each of a few labels that never change.</summary>
/// <param name="labels">In order; the values of the metric's label.</param>
public sealed class Buckets(IReadOnlyList<string> labels)
{
    /// <summary>Lines of the picture that viewers get, up to; "none" gets no picture now, of "unknown" the publisher has not said the size.</summary>
    public static readonly IReadOnlyList<string> Heights = ["none", "unknown", "180", "360", "540", "720", "1080", "above"];

    /// <summary>Bits per second that a viewer's network is thought to carry, up to.</summary>
    public static readonly IReadOnlyList<string> Estimates = ["250000", "500000", "1000000", "2500000", "5000000", "10000000", "+Inf"];

    /// <summary>Hops from the publisher's node.</summary>
    public static readonly IReadOnlyList<string> Depths = ["1", "2", "3", "4", "above"];

    private static readonly int[] HeightLimits = [180, 360, 540, 720, 1080];
    private static readonly long[] EstimateLimits = [250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000];

    private readonly int[] _counts = new int[labels.Count];

    /// <summary>Each label with its count.</summary>
    public IEnumerable<(string Label, int Count)> All => labels.Zip(_counts);

    /// <summary>The count of a label.</summary>
    public int this[string label] => _counts[IndexOf(label)];

    /// <summary>A viewer who gets a picture of this size; zeros when it is not known.</summary>
    internal void AddPicture(int width, int height)
    {
        var lines = Math.Min(width, height);
        _counts[lines == 0 ? 1 : 2 + CountBelow(HeightLimits, lines)]++;
    }

    /// <summary>A viewer who gets none.</summary>
    internal void AddNoPicture() => _counts[0]++;

    /// <summary>Counted in its own bucket and all above, as histograms of Prometheus are.</summary>
    internal void AddEstimate(long bitsPerSecond)
    {
        for (var i = CountBelow(EstimateLimits, bitsPerSecond); i < _counts.Length; i++) _counts[i]++;
    }

    /// <summary>A stream so many hops from its publisher.</summary>
    internal void AddDepth(int hops) => _counts[Math.Clamp(hops - 1, 0, _counts.Length - 1)]++;

    private static int CountBelow<T>(T[] limits, T value)
        where T : IComparable<T>
    {
        var below = 0;
        while (below < limits.Length && value.CompareTo(limits[below]) > 0) below++;
        return below;
    }

    private int IndexOf(string label)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] == label) return i;
        }

        throw new ArgumentException($"There is no bucket {label}.", nameof(label));
    }
}
