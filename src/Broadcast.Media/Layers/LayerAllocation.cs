using Broadcast.Media.Sessions;

namespace Broadcast.Media.Layers;

/// <summary>Chooses the best quality of a ladder that a viewer wants, may have and can get. Pure.</summary>
internal static class LayerAllocation
{
    /// <summary>A quality up to a temporal layer, and why it is not a better one.</summary>
    /// <param name="Rung">Index into the ladder; −1 when not even the lowest fits.</param>
    /// <param name="TemporalId">The highest temporal layer.</param>
    /// <param name="Limit">What stood in the way of more.</param>
    public readonly record struct Allocation(int Rung, int TemporalId, LayerLimit Limit);

    /// <summary>
    /// Chooses. (1) The best active rung that wish and limits allow. (2) From there down, the first that fits the budgets:
    /// each rung first with all temporal layers, then with one less; the lowest with any.
    /// </summary>
    /// <param name="ladder">At least one rung.</param>
    /// <param name="choice">The viewer's wish.</param>
    /// <param name="limits">The stream's limits.</param>
    /// <param name="bandwidth">Bits per second that the viewer's network carries.</param>
    /// <param name="share">Bits per second that the node has for the viewer.</param>
    public static Allocation Choose(QualityLadder ladder, LayerChoice choice, LayerLimits limits, long bandwidth, long share)
    {
        var rungs = ladder.Rungs;

        // :: Step 1
        var best = Best(rungs, int.MaxValue);
        if (best < 0)
        {
            best = WhenNoneIsSent(rungs, choice, limits.MaxHeight);
            return new Allocation(best, rungs[best].TemporalLayers - 1, LayerLimit.None);
        }

        var limit = LayerLimit.None;
        var wished = Ceiling(rungs, best, choice);
        var allowed = limits.MaxHeight > 0 ? Best(rungs[..(wished + 1)], limits.MaxHeight) : wished;
        if (allowed < 0) allowed = Lowest(rungs);
        if (wished < best) limit = LayerLimit.Viewer;
        if (allowed < wished) limit = LayerLimit.Policy;

        // :: Step 2
        var (budget, reason) = Least(bandwidth, share, limits.MaxBitsPerSecond, choice.MaxBitsPerSecond ?? 0);
        var lowest = Lowest(rungs);
        for (var i = allowed; i >= 0; i--)
        {
            if (!rungs[i].IsActive) continue;
            var top = Math.Min(rungs[i].TemporalLayers - 1, choice.TemporalId ?? choice.MaxTemporalId ?? 3);
            for (var t = top; t >= 0 && (i == lowest || t >= top - 1); t--)
            {
                if (rungs[i].Rates[t] <= budget) return new Allocation(i, t, i < allowed || t < top ? reason : limit);
            }
        }

        return new Allocation(-1, 0, reason);
    }

    /// <summary>The best rung the wish allows: an exact layer, or the smallest that fills the picture's place on the screen.</summary>
    private static int Ceiling(ReadOnlySpan<Quality> rungs, int best, LayerChoice choice)
    {
        var ceiling = best;
        if (choice.Rid is { } rid)
        {
            // An encoding that is silent now is a ceiling all the same; of one that has never begun the place is not known.
            var last = -1;
            for (var i = 0; i < rungs.Length; i++)
            {
                if (rungs[i].Track.Rid == rid && rungs[i].Width > 0) last = i;
            }

            if (last >= 0) ceiling = Math.Min(ceiling, last);
        }

        var spatial = choice.SpatialId ?? choice.MaxSpatialId ?? 3;
        while (ceiling > 0 && rungs[ceiling].SpatialId > spatial) ceiling--;
        for (var i = 0; i < ceiling; i++)
        {
            if (rungs[i].IsActive && Fills(rungs[i], choice)) ceiling = i;
        }

        while (ceiling > 0 && !rungs[ceiling].IsActive) ceiling--;
        return rungs[ceiling].IsActive ? ceiling : Lowest(rungs);
    }

    /// <summary>True when a picture shown whole inside the given place is not enlarged.</summary>
    private static bool Fills(in Quality quality, LayerChoice choice)
    {
        if (quality.Width == 0 || (choice.MaxWidth is null && choice.MaxHeight is null)) return false;
        return quality.Width >= (choice.MaxWidth ?? int.MaxValue) || quality.Height >= (choice.MaxHeight ?? int.MaxValue);
    }

    private static (long Budget, LayerLimit Reason) Least(long bandwidth, long share, long policy, long viewer)
    {
        var (budget, reason) = (bandwidth, LayerLimit.Bandwidth);
        if (share < budget) (budget, reason) = (share, LayerLimit.Node);
        if (policy > 0 && policy < budget) (budget, reason) = (policy, LayerLimit.Policy);
        if (viewer > 0 && viewer < budget) (budget, reason) = (viewer, LayerLimit.Viewer);
        return (budget, reason);
    }

    private static int Best(ReadOnlySpan<Quality> rungs, int maxHeight)
    {
        for (var i = rungs.Length - 1; i >= 0; i--)
        {
            if (rungs[i].IsActive && rungs[i].Height <= maxHeight) return i;
        }

        return -1;
    }

    /// <summary>With which rung the picture may come back, so that nothing too large is sent until it is seen which ones do.</summary>
    private static int WhenNoneIsSent(ReadOnlySpan<Quality> rungs, LayerChoice choice, int maxHeight)
    {
        var rung = rungs.Length - 1;
        while (rung > 0 && maxHeight > 0 && rungs[rung].Height > maxHeight) rung--;
        for (var i = 0; i < rung; i++)
        {
            if (Fills(rungs[i], choice)) rung = i;
        }

        return rung;
    }

    private static int Lowest(ReadOnlySpan<Quality> rungs)
    {
        for (var i = 0; i < rungs.Length; i++)
        {
            if (rungs[i].IsActive) return i;
        }

        return 0;
    }
}
