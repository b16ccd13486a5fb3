namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>What the player of a watch page showed, picture by picture (Scripts/picture-trace.js). Times are milliseconds since 1970.</summary>
public sealed class PictureTrace
{
    public ShownPicture[] Shown { get; set; } = [];

    /// <summary>The decoder's counters, every 100 ms.</summary>
    public DecodedPictures[] Decoded { get; set; } = [];

    /// <summary>The end of it.</summary>
    public double UntilMs { get; set; }

    /// <summary>Prepares an empty tab.</summary>
    public static Task AddAsync(Tab tab) => tab.AddScriptAsync("picture-trace.js");

    /// <summary>Begins; the page must play.</summary>
    public static Task StartAsync(Tab tab) => tab.EvaluateAsync<object?>("() => pictureTrace.start()");

    /// <summary>By the page's clock.</summary>
    public static Task<double> NowAsync(Tab tab) => tab.EvaluateAsync<double>("() => pictureTrace.now()");

    /// <summary>Everything since the start.</summary>
    public static Task<PictureTrace> OfAsync(Tab tab) => tab.EvaluateAsync<PictureTrace>("() => pictureTrace.read()");

    /// <summary>The longest time from one picture on the screen to the next; where the page missed some, no pause was longer.</summary>
    public double LongestPauseMs(double fromMs) => LongestStep([.. Shown.Select(picture => picture.AtMs), UntilMs], fromMs);

    /// <summary>The longest time in which the decoder gave out nothing, to 100 ms.</summary>
    public double LongestDecoderPauseMs(double fromMs) =>
        LongestStep([.. Decoded.Where((each, i) => i == 0 || each.Frames != Decoded[i - 1].Frames).Select(each => each.AtMs), UntilMs], fromMs);

    /// <summary>Seconds that the browser counts as frozen.</summary>
    public double FrozenSeconds(double fromMs) => Decoded[^1].FrozenSeconds - DecodedAt(fromMs).FrozenSeconds;

    public double FramesPerSecond(double fromMs)
    {
        var (from, to) = (DecodedAt(fromMs), Decoded[^1]);
        return (to.Frames - from.Frames) * 1000 / (to.AtMs - from.AtMs);
    }

    /// <summary>Of video, between two moments, headers left out.</summary>
    public double BitsPerSecond(double fromMs, double toMs)
    {
        var (from, to) = (DecodedAt(fromMs), DecodedAt(toMs));
        return (to.Bytes - from.Bytes) * 8000 / (to.AtMs - from.AtMs);
    }

    /// <summary>Seconds from a moment until a picture narrower than so is on the screen; null when there was none.</summary>
    public double? SecondsUntilNarrower(int width, double fromMs) =>
        Shown.FirstOrDefault(picture => picture.AtMs >= fromMs && picture.Width < width) is { } first ? (first.AtMs - fromMs) / 1000 : null;

    /// <summary>Seconds from a moment until there is no picture narrower than so any more; null when the last one still was.</summary>
    public double? SecondsUntilBackAt(int width, double fromMs)
    {
        var last = Array.FindLastIndex(Shown, picture => picture.Width < width);
        if (last == Shown.Length - 1) return null;
        return Math.Max(0, Shown[last + 1].AtMs - fromMs) / 1000;
    }

    /// <summary>When which width was shown: <c>960 from 0.0 s, 480 from 12.3 s</c>.</summary>
    public string Widths()
    {
        var changes = Shown.Where((picture, i) => i == 0 || picture.Width != Shown[i - 1].Width);
        return string.Join(", ", changes.Select(picture => $"{picture.Width} from {(picture.AtMs - Shown[0].AtMs) / 1000:F1} s"));
    }

    private static double LongestStep(double[] times, double fromMs) =>
        times.Zip(times.Skip(1)).Where(pair => pair.Second >= fromMs).Select(pair => pair.Second - pair.First).DefaultIfEmpty().Max();

    private DecodedPictures DecodedAt(double ms) => Decoded.LastOrDefault(each => each.AtMs <= ms) ?? Decoded[0];
}

/// <summary>A picture on the screen.</summary>
public sealed class ShownPicture
{
    public double AtMs { get; set; }

    public int Width { get; set; }

    /// <summary>Pictures since the one before, which the page was too busy to look at.</summary>
    public int Missed { get; set; }
}

/// <summary>What the decoder has done so far.</summary>
public sealed class DecodedPictures
{
    public double AtMs { get; set; }

    public int Frames { get; set; }

    public int Width { get; set; }

    public double FrozenSeconds { get; set; }

    public long Bytes { get; set; }
}
