using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Recording.Tap;

/// <summary>Decides which encoding of a picture is recorded: the best that is sent. One for a segment; a change begins another one.</summary>
/// <remarks>A dead one is left at once; a better one has to stay before it is trusted. No clock; owned by one thread.</remarks>
internal sealed class LayerWatch
{
    /// <summary>How long a better encoding must have been there.</summary>
    public static readonly TimeSpan Stay = TimeSpan.FromSeconds(10);

    /// <summary>The same while a publication is young: its upper encodings begin one after the other.</summary>
    public static readonly TimeSpan FirstStay = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Youth = TimeSpan.FromSeconds(15);

    private readonly MonotonicTime _begun;
    private SourceTrack? _better;
    private MonotonicTime _betterSince;

    /// <summary>Begins with a publication.</summary>
    public LayerWatch(MonotonicTime now) => _begun = now;

    /// <summary>The encoding to be recorded from the next keyframe on.</summary>
    /// <param name="ladder">Of the publication.</param>
    /// <param name="current">What is recorded; null before the first.</param>
    /// <param name="now">Present time.</param>
    /// <returns>The present one when nothing shall change; null when there is no picture.</returns>
    public SourceTrack? Choose(QualityLadder ladder, SourceTrack? current, MonotonicTime now)
    {
        var best = Best(ladder);
        if (best is null || current is null || ReferenceEquals(best, current) || !ladder.IsMeasured)
        {
            _better = null;
            return current ?? best ?? First(ladder);
        }

        if (!IsSent(ladder, current)) return best;
        if (!ReferenceEquals(best, _better)) (_better, _betterSince) = (best, now);
        var patience = now - _begun < Youth ? FirstStay : Stay;
        return now - _betterSince >= patience ? best : current;
    }

    private static SourceTrack? Best(QualityLadder ladder)
    {
        for (var i = ladder.Rungs.Length - 1; i >= 0; i--)
        {
            if (ladder.Rungs[i].IsActive) return ladder.Rungs[i].Track;
        }

        return null;
    }

    private static SourceTrack? First(QualityLadder ladder) => ladder.Rungs.Length > 0 ? ladder.Rungs[^1].Track : null;

    private static bool IsSent(QualityLadder ladder, SourceTrack track)
    {
        foreach (var rung in ladder.Rungs)
        {
            if (ReferenceEquals(rung.Track, track) && rung.IsActive) return true;
        }

        return false;
    }
}
