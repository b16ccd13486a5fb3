namespace Broadcast.Media.Layers;

/// <summary>What a viewer's picture costs.</summary>
/// <param name="Least">Bits per second of the lowest quality: less is no picture.</param>
/// <param name="Most">Bits per second of the best that it may have and wants.</param>
public readonly record struct PictureDemand(long Least, long Most);

/// <summary>What one viewer may use of the node's uplink; the same for all viewers of the node. Written by the control side, read by workers.</summary>
public sealed class UplinkShare
{
    private long _bitsPerViewer = long.MaxValue;

    /// <summary>Bits per second of video.</summary>
    public long BitsPerViewer
    {
        get => Volatile.Read(ref _bitsPerViewer);
        set => Volatile.Write(ref _bitsPerViewer, value);
    }

    /// <summary>
    /// The level up to which all wishes can be fulfilled: those who want less get what they want, those of whose picture there is
    /// no less get that, the others the level (max-min fairness).
    /// </summary>
    /// <param name="demands">Of each viewer.</param>
    /// <param name="capacity">Bits per second for all of them.</param>
    /// <returns><see cref="long.MaxValue"/> when everything fits.</returns>
    public static long Level(ReadOnlySpan<PictureDemand> demands, long capacity)
    {
        var highest = 0L;
        foreach (var demand in demands) highest = Math.Max(highest, demand.Most);
        if (Cost(demands, highest) <= capacity) return long.MaxValue;

        // The cost rises with the level, and at the highest it is too much.
        var (fits, tooMuch) = (0L, highest);
        while (tooMuch - fits > 1)
        {
            var middle = fits + ((tooMuch - fits) / 2);
            if (Cost(demands, middle) <= capacity) fits = middle;
            else tooMuch = middle;
        }

        return fits;
    }

    private static long Cost(ReadOnlySpan<PictureDemand> demands, long level)
    {
        var cost = 0L;
        foreach (var demand in demands) cost += Math.Max(demand.Least, Math.Min(demand.Most, level));
        return cost;
    }
}
