using Broadcast.Media.Routing;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.Media.Layers;

/// <summary>One quality of a picture: an encoding up to a spatial layer.</summary>
/// <param name="Track">The encoding.</param>
/// <param name="SpatialId">The highest spatial layer, 0 to 3.</param>
/// <param name="TemporalLayers">1 to 4.</param>
/// <param name="Width">Pixels; 0 when unknown.</param>
/// <param name="Height">Pixels; 0 when unknown.</param>
/// <param name="FramesPerSecond">With all temporal layers.</param>
/// <param name="IsActive">False while the publisher does not send it.</param>
public readonly record struct Quality(
    SourceTrack Track, int SpatialId, int TemporalLayers, int Width, int Height, double FramesPerSecond, bool IsActive)
{
    /// <summary>Bits per second by highest temporal layer; lower spatial layers that are forwarded with it included.</summary>
    public TemporalRates Rates { get; init; }

    /// <summary>Bits per second with all temporal layers.</summary>
    public long BitsPerSecond => Rates[TemporalLayers - 1];
}

/// <summary>Bits per second up to each of four temporal layers.</summary>
public readonly record struct TemporalRates(long T0, long T1, long T2, long T3)
{
    /// <summary>The rate up to a temporal layer, 0 to 3.</summary>
    public long this[int temporalId] => temporalId switch
    {
        0 => T0,
        1 => T1,
        2 => T2,
        _ => T3,
    };
}

/// <summary>The qualities of a picture, ascending by size, then by bitrate. Immutable: a new one replaces it when something changed.</summary>
public sealed class QualityLadder
{
    private readonly Quality[] _rungs;

    private QualityLadder(Quality[] rungs, bool isMeasured) => (_rungs, IsMeasured) = (rungs, isMeasured);

    /// <summary>True when sizes and rates come from what was received.</summary>
    public bool IsMeasured { get; }

    /// <summary>The rungs.</summary>
    public ReadOnlySpan<Quality> Rungs => _rungs;

    /// <summary>What is known before anything arrived: the encodings in the publisher's order, all taken as active.</summary>
    public static QualityLadder Unmeasured(IReadOnlyList<SourceTrack> tracks) =>
        new([.. tracks.Where(track => track.Kind == MediaKind.Video).Select(track => new Quality(track, 0, 1, 0, 0, 0, true))], false);

    /// <summary>A ladder of measured qualities.</summary>
    /// <param name="qualities">Sorted by <see cref="Sort"/>; copied.</param>
    public static QualityLadder Of(ReadOnlySpan<Quality> qualities) => new(qualities.ToArray(), true);

    /// <summary>Sorts ascending by size, then by bitrate, in place and without allocation.</summary>
    public static void Sort(Span<Quality> qualities)
    {
        for (var i = 1; i < qualities.Length; i++)
        {
            var quality = qualities[i];
            var at = i;
            for (; at > 0 && IsBetter(qualities[at - 1], quality); at--) qualities[at] = qualities[at - 1];
            qualities[at] = quality;
        }
    }

    /// <summary>True when the publisher sends any of them.</summary>
    public bool IsActive => Array.Exists(_rungs, rung => rung.IsActive);

    /// <summary>The lowest active rung; the lowest when none is.</summary>
    public int LowestActive => Math.Max(0, Array.FindIndex(_rungs, rung => rung.IsActive));

    /// <summary>Bits per second of the least that can be sent.</summary>
    public long LowestRate => _rungs.Length == 0 ? 0 : _rungs[LowestActive].Rates[0];

    /// <summary>Bits per second of the best that is sent; 0 when nothing is.</summary>
    public long HighestRate
    {
        get
        {
            for (var i = _rungs.Length - 1; i >= 0; i--)
            {
                if (_rungs[i].IsActive) return _rungs[i].BitsPerSecond;
            }

            return 0;
        }
    }

    /// <summary>True when every layer that is named exactly exists, sent at present or not.</summary>
    public bool Offers(LayerChoice choice)
    {
        foreach (var rung in _rungs)
        {
            if (choice.Rid is { } rid && rung.Track.Rid != rid) continue;
            if (choice.SpatialId is { } spatial && rung.SpatialId != spatial) continue;
            if (choice.TemporalId is { } temporal && temporal >= rung.TemporalLayers) continue;
            return true;
        }

        return false;
    }

    /// <summary>The rung of an encoding at a spatial layer, or its highest below that; −1 when there is none.</summary>
    public int IndexOf(SourceTrack? track, int spatialId)
    {
        var found = -1;
        for (var i = 0; i < _rungs.Length; i++)
        {
            var rung = _rungs[i];
            if (ReferenceEquals(rung.Track, track) && rung.SpatialId <= spatialId && (found < 0 || rung.SpatialId > _rungs[found].SpatialId)) found = i;
        }

        return found;
    }

    /// <summary>True when its encoding has no higher spatial layer.</summary>
    public bool IsHighestOf(in Quality quality)
    {
        foreach (var rung in _rungs)
        {
            if (ReferenceEquals(rung.Track, quality.Track) && rung.SpatialId > quality.SpatialId) return false;
        }

        return true;
    }

    /// <summary>True when a viewer would not be served differently with <paramref name="measured"/>: nothing began or ended, rates are within a tenth.</summary>
    public bool IsLike(ReadOnlySpan<Quality> measured)
    {
        if (_rungs.Length != measured.Length || !IsMeasured) return false;
        for (var i = 0; i < _rungs.Length; i++)
        {
            var (a, b) = (_rungs[i], measured[i]);
            if (a with { Rates = b.Rates, FramesPerSecond = b.FramesPerSecond } != b) return false;
            if (Math.Abs(a.FramesPerSecond - b.FramesPerSecond) > 1 + (b.FramesPerSecond / 10)) return false;
            for (var t = 0; t < a.TemporalLayers; t++)
            {
                if (Math.Abs(a.Rates[t] - b.Rates[t]) > Math.Max(a.Rates[t], b.Rates[t]) / 10) return false;
            }
        }

        return true;
    }

    private static bool IsBetter(in Quality a, in Quality b)
    {
        var (sizeA, sizeB) = ((long)a.Width * a.Height, (long)b.Width * b.Height);
        return sizeA > sizeB || (sizeA == sizeB && a.BitsPerSecond > b.BitsPerSecond);
    }
}
