using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broadcast.Recording.Finishing;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Xunit;

namespace Broadcast.Recording.Tests.Finishing;

/// <summary>Media that FFmpeg makes when the first test wants it, and what FFmpeg says of files, without the code under test.</summary>
public sealed class TestMedia : IDisposable
{
    public const int FramesPerSecond = 15;

    private static readonly Dictionary<string, string[]> Encoders = new()
    {
        ["vp8"] = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", "-g", "15"],
        ["vp9"] = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "15"],
        ["av1"] = ["-c:v", "libsvtav1", "-preset", "12", "-g", "15"],
        ["hevc"] = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=0:keyint=15", "-tag:v", "hvc1"],
        ["h264"] = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-profile:v", "baseline", "-g", "15"],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-finishing-").FullName;
    private readonly Dictionary<string, string> _made = [];
    private int _folders;

    public FfmpegWorkshopOptions Options { get; } = new();

    private readonly Lazy<Task<FfmpegWorkshop>> _workshop;

    public TestMedia() => _workshop = new(async () => new FfmpegWorkshop(await FfmpegTools.FindAsync(Options, default), Options));

    public Task<FfmpegWorkshop> WorkshopAsync() => _workshop.Value;

    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, $"{++_folders}")).FullName;

    /// <summary>A segment of fragmented MP4, one fragment for each keyframe.</summary>
    public SegmentToJoin Mp4Segment(double start, string codec)
    {
        var segment = Segment(start, codec);
        var path = Path.ChangeExtension(segment.Path, ".mp4");
        if (!File.Exists(path)) Run("ffmpeg", ["-v", "error", "-i", segment.Path, "-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof", path]);
        return segment with { Path = path, Container = SegmentContainer.Mp4 };
    }

    /// <summary>A segment with a moving picture, a tone, or both.</summary>
    public SegmentToJoin Segment(double start, string? video, string? audio = "opus", double seconds = 2, string size = "192x144")
    {
        var container = video is "h264" or "hevc" ? SegmentContainer.Matroska : SegmentContainer.WebM;
        var key = FormattableString.Invariant($"{video}-{audio}-{seconds}-{size}{(container == SegmentContainer.WebM ? ".webm" : ".mkv")}");
        if (!_made.TryGetValue(key, out var path))
        {
            path = _made[key] = Path.Combine(_folder, key);
            var length = seconds.ToString(CultureInfo.InvariantCulture);
            List<string> arguments = ["-v", "error", "-y"];
            if (video is not null) arguments.AddRange(["-f", "lavfi", "-i", $"testsrc2=size={size}:rate={FramesPerSecond}:duration={length}"]);
            if (audio is not null) arguments.AddRange(["-f", "lavfi", "-i", $"sine=duration={length}:sample_rate=48000"]);
            if (video is not null) arguments.AddRange([.. Encoders[video], "-pix_fmt", "yuv420p"]);
            if (audio is not null) arguments.AddRange(["-c:a", "libopus", "-b:a", "32k"]);
            Run("ffmpeg", [.. arguments, path]);
        }

        var sides = size.Split('x').Select(s => int.Parse(s, CultureInfo.InvariantCulture)).ToArray();
        List<RecordedTrack> tracks = [];
        if (video is not null) tracks.Add(new RecordedTrack(video, sides[0], sides[1], video == "h264" ? "avc1.42c00a" : video));
        if (audio is not null) tracks.Add(new RecordedTrack(audio, 0, 0, audio));
        return new SegmentToJoin(path, TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(seconds), container, tracks);
    }

    /// <summary>Finishes segments and returns the files.</summary>
    public async Task<IReadOnlyList<MediaFile>> FinishAsync(params SegmentToJoin[] segments) =>
        await (await WorkshopAsync()).FinishAsync(Order(segments), new Progress<double>(), default);

    public FinishOrder Order(params SegmentToJoin[] segments) =>
        new(segments, NewFolder(), "A title", new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), []);

    /// <summary>Times of a file's packets, of the picture or of the sound.</summary>
    public static List<double> Times(string path, char kind = 'v') => Run(
            "ffprobe", ["-v", "error", "-select_streams", $"{kind}:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path])
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => double.Parse(l.Split(',')[0], CultureInfo.InvariantCulture)).ToList();

    public static JsonElement Probe(string path) =>
        JsonDocument.Parse(Run("ffprobe", ["-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", path])).RootElement;

    public static IEnumerable<string> Codecs(string path) =>
        Probe(path).GetProperty("streams").EnumerateArray().Select(s => s.GetProperty("codec_name").GetString()!);

    /// <summary>Fails when a decoder finds anything wrong in a file.</summary>
    /// <remarks>FFmpeg's null output rounds times to the frame rate that it guesses, and complains of itself.</remarks>
    public static void AssertDecodes(string path) => Run("ffmpeg", ["-v", "error", "-xerror", "-i", path, "-f", "null", "-"], ignored: "[null @");

    public static string Run(string program, IEnumerable<string> arguments, string ignored = "\n")
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        // SVT-AV1 otherwise writes its settings to standard error.
        start.Environment["SVT_LOG"] = "1";
        using var child = Process.Start(start)!;
        child.StandardInput.Close();
        var errors = child.StandardError.ReadToEndAsync();
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        var wrong = errors.Result.Split('\n').Where(l => l.Trim().Length > 0 && !l.StartsWith(ignored, StringComparison.Ordinal));
        Assert.True(child.ExitCode == 0 && !wrong.Any(), $"{program} {string.Join(' ', start.ArgumentList)}: {errors.Result}");
        return output;
    }

    public void Dispose()
    {
        if (_workshop.IsValueCreated) _workshop.Value.Result.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
