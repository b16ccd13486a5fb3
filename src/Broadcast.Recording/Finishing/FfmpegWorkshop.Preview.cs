using System.Globalization;
using Broadcast.Vod.Jobs;

namespace Broadcast.Recording.Finishing;

/// <summary>Previews: a poster and sheets of small pictures.</summary>
public sealed partial class FfmpegWorkshop
{
    private const int Columns = 10;
    private const int Rows = 10;
    private const int MaximumTiles = 400;
    private const int TileWidth = 160;
    private const int PosterWidth = 1280;

    /// <summary>Up to here every frame is decoded, so that a file with a single keyframe shows more than that one.</summary>
    private static readonly TimeSpan DecodedWhole = TimeSpan.FromMinutes(2);

    /// <summary>From here on tiles are so far apart that going to each costs less than reading what lies between.</summary>
    private static readonly TimeSpan Sought = TimeSpan.FromSeconds(4);

    /// <summary>Places in the file where a poster may be, the best first; at the end its very beginning, which always exists.</summary>
    private static readonly double[] PosterPlaces = [0.05, 0.08, 0.1, 0.02, 0];

    /// <summary>Side of the small grey picture by which posters are judged.</summary>
    private const int JudgedSize = 32;

    /// <inheritdoc/>
    public async Task<PreviewFiles?> PreviewAsync(PreviewOrder order, CancellationToken cancellation)
    {
        var source = await ProbeAsync(order.Path, cancellation) ?? throw new WorkshopException("The file to show cannot be played.");
        if (source.Video is not { Packets: > 0, Width: > 0, Height: > 0 } video) return null;
        var duration = source.Duration ?? throw new WorkshopException("The file to show does not tell its duration.");

        using var work = new WorkFolder(order.Folder);
        var poster = await MakePosterAsync(order, duration, work, cancellation);

        // Whole seconds are easy to count with; the last tile begins before the file ends.
        var interval = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(duration.TotalSeconds / MaximumTiles)));
        var tiles = Math.Max(1, (int)Math.Ceiling(duration / interval));
        var width = Math.Min(TileWidth, Even(video.Width));
        // An odd shape must not make a sheet that no browser shows.
        var height = Math.Clamp(Even(width * (double)video.Height / video.Width), 2, 2 * TileWidth);
        var sheets = (tiles + Columns * Rows - 1) / (Columns * Rows);

        var made = interval >= Sought && await TryAsync(() => SeekTilesAsync(order, duration, interval, tiles, width, height, work, cancellation), work, sheets);
        if (!made && !await TryAsync(() => ReadTilesAsync(order, duration, interval, tiles, width, height, work, cancellation), work, sheets))
            throw new WorkshopException("FFmpeg made no pictures of the file.");

        var sprites = Enumerable.Range(1, sheets).Select(n => Path.Combine(order.Folder, $"{order.Prefix}sprite-{n}.jpg")).ToList();
        var posterPath = Path.Combine(order.Folder, $"{order.Prefix}poster.jpg");
        for (var i = 0; i < sheets; i++) File.Move(work[$"sprite-{i + 1}.jpg"], sprites[i], overwrite: true);
        File.Move(poster, posterPath, overwrite: true);
        return new PreviewFiles(posterPath, sprites, interval, width, height, Columns, Rows, tiles);
    }

    private async Task<string> MakePosterAsync(PreviewOrder order, TimeSpan duration, WorkFolder work, CancellationToken cancellation)
    {
        string? best = null;
        var bestContrast = -1.0;
        for (var i = 0; i < PosterPlaces.Length && bestContrast < 12; i++)
        {
            var (poster, grey) = (work[$"poster-{i}.jpg"], work[$"grey-{i}"]);
            await RunAsync(
                FfmpegInput.From(order.Path, [.. KeyframesOnly, "-noaccurate_seek", "-ss", FfmpegInput.Seconds(duration * PosterPlaces[i])]).OutputToMany(outputs => outputs
                    .And(poster, ["-map", "0:v:0", "-frames:v", "1", "-vf", $"scale='min({PosterWidth},iw)':-2", "-q:v", "4", "-f", "image2", "-update", "1"])
                    .And(grey, ["-map", "0:v:0", "-frames:v", "1", "-vf", $"scale={JudgedSize}:{JudgedSize},format=gray", "-f", "rawvideo"])),
                TimeSpan.Zero,
                new Progress<double>(),
                cancellation);
            if (!File.Exists(poster) || !File.Exists(grey) || Contrast(await File.ReadAllBytesAsync(grey, cancellation)) is not { } contrast) continue;
            if (contrast > bestContrast) (best, bestContrast) = (poster, contrast);
        }

        return best ?? throw new WorkshopException("FFmpeg made no picture of the file.");
    }

    /// <summary>How much there is to see: the standard deviation of the brightness, which is 0 for any single colour.</summary>
    private static double? Contrast(byte[] grey)
    {
        if (grey.Length == 0) return null;
        var mean = grey.Average(b => (double)b);
        return Math.Sqrt(grey.Average(b => (b - mean) * (b - mean)));
    }

    /// <summary>One thread, and of a picture only what stands for itself.</summary>
    private static string[] KeyframesOnly => ["-threads", "1", "-skip_frame", "nokey"];

    /// <summary>Goes to the keyframe before each tile: a list of the same file once for each, of which only the first packets are read.</summary>
    private async Task SeekTilesAsync(
        PreviewOrder order, TimeSpan duration, TimeSpan interval, int tiles, int width, int height, WorkFolder work, CancellationToken cancellation)
    {
        var list = new System.Text.StringBuilder();
        var entry = FfmpegInput.ConcatList([(order.Path, interval)]).Split('\n', 2);
        list.Append(entry[0]).Append('\n');
        for (var i = 0; i < tiles; i++)
        {
            // The first has no place to go to: the first keyframe may come later than 0.
            list.Append(entry[1]);
            if (i > 0) list.Append(CultureInfo.InvariantCulture, $"inpoint {FfmpegInput.Seconds(interval * i)}\n");
            list.Append(CultureInfo.InvariantCulture, $"outpoint {FfmpegInput.Seconds(i > 0 ? interval * i + TimeSpan.FromMilliseconds(1) : interval / 2)}\n");
        }

        // Every entry gives at least one keyframe; of the first, which reads on, only one is wanted.
        var filter = $"select='eq(n,0)+gte(t,{FfmpegInput.Seconds(interval / 2)})',{TileFilter(tiles, width, height)}";
        await RunAsync(
            FfmpegInput.FromList(work.Write("tiles", list.ToString()), KeyframesOnly).ToUrl(Sheets(work), SheetArguments(filter)),
            duration,
            new Progress<double>(),
            cancellation);
    }

    /// <summary>Reads the file from its beginning to its end; each tile shows the last picture before its time.</summary>
    private async Task ReadTilesAsync(
        PreviewOrder order, TimeSpan duration, TimeSpan interval, int tiles, int width, int height, WorkFolder work, CancellationToken cancellation)
    {
        string[] speed = duration <= DecodedWhole ? ["-threads", "1"] : KeyframesOnly;
        // tpad: the last picture stands until the end, however long ago it was.
        var filter = string.Create(
            CultureInfo.InvariantCulture,
            $"fps=1/{interval.TotalSeconds:F0}:start_time=0:round=up,tpad=stop={tiles}:stop_mode=clone,{TileFilter(tiles, width, height)}");
        await RunAsync(
            FfmpegInput.From(order.Path, ["-copyts", .. speed]).ToUrl(Sheets(work), SheetArguments(filter)),
            duration,
            new Progress<double>(),
            cancellation);
    }

    private static string TileFilter(int tiles, int width, int height) => string.Create(
        CultureInfo.InvariantCulture, $"trim=end_frame={tiles},scale={width}:{height},setsar=1,tile={Columns}x{Rows}");

    /// <summary>Numbered files, in a folder whose own per cents are none of a number.</summary>
    private static string Sheets(WorkFolder work) => FfmpegInput.Url(work["sprite-"]).Replace("%", "%%", StringComparison.Ordinal) + "%d.jpg";

    private string[] SheetArguments(string filter) => ["-map", "0:v:0", tools.FrameTimesOption, "passthrough", "-vf", filter, "-q:v", "5", "-f", "image2"];

    private static async Task<bool> TryAsync(Func<Task> make, WorkFolder work, int sheets)
    {
        try
        {
            await make();
        }
        catch (WorkshopException)
        {
            return false;
        }

        return File.Exists(work[$"sprite-{sheets}.jpg"]) && !File.Exists(work[$"sprite-{sheets + 1}.jpg"]);
    }

    private static int Even(double pixels) => Math.Max(2, (int)Math.Round(pixels / 2) * 2);
}
