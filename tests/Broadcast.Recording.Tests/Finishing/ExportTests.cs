using System.Diagnostics;
using System.Globalization;
using Broadcast.Recording.Finishing;
using Broadcast.Vod.Jobs;
using Xunit;

namespace Broadcast.Recording.Tests.Finishing;

public sealed class ExportTests(TestMedia media) : IClassFixture<TestMedia>
{
    [Theory]
    [InlineData("h264", ".mkv")]
    [InlineData("h264", ".mp4")]
    [InlineData("av1", ".mp4")]
    public async Task A_copy_joins_parts_of_one_format_without_loss(string codec, string extension)
    {
        var part = (await media.FinishAsync(media.Segment(0, codec)))[0].Path;

        var made = await ExportAsync(ExportVideo.Copy, extension, (part, 10), (part, 14));

        Assert.Equal(TimeSpan.FromSeconds(10), made.Start);
        Assert.InRange(made.Duration.TotalSeconds, 5.9, 6.1);
        var times = TestMedia.Times(made.Path);
        Assert.Equal(4 * TestMedia.FramesPerSecond, times.Count);
        Assert.InRange(times[2 * TestMedia.FramesPerSecond], 3.98, 4.05);
        TestMedia.AssertDecodes(made.Path);
    }

    [Theory]
    [InlineData(ExportVideo.Vp9, ".webm", "vp9", "video/webm; codecs=\"vp09.00.10.08, opus\"")]
    [InlineData(ExportVideo.Av1, ".webm", "av1", "video/webm; codecs=\"av01.0.00M.08, opus\"")]
    [InlineData(ExportVideo.Av1, ".mp4", "av1", "video/mp4; codecs=\"av01.0.00M.08, opus\"")]
    public async Task Parts_of_different_formats_become_one_file_in_the_largest_size(ExportVideo video, string extension, string codec, string mediaType)
    {
        var large = (await media.FinishAsync(media.Segment(0, "h264")))[0].Path;
        var small = (await media.FinishAsync(media.Segment(0, "vp8", size: "96x80")))[0].Path;

        var made = await ExportAsync(video, extension, (small, 3), (large, 5), (small, 8));

        Assert.Equal(mediaType, made.MediaType);
        Assert.Equal((192, 144), (made.Width, made.Height));
        Assert.InRange(made.Duration.TotalSeconds, 6.9, 7.1);
        Assert.Equal([codec, "opus"], TestMedia.Codecs(made.Path));
        var times = TestMedia.Times(made.Path);
        Assert.Equal(6 * TestMedia.FramesPerSecond, times.Count);
        Assert.InRange(times[2 * TestMedia.FramesPerSecond], 1.98, 2.05);
        Assert.InRange(times[4 * TestMedia.FramesPerSecond], 4.98, 5.05);
        TestMedia.AssertDecodes(made.Path);
    }

    [Fact]
    public async Task A_part_without_picture_is_black_and_one_without_sound_is_silent()
    {
        var sound = Assert.Single(await media.FinishAsync(media.Segment(0, null))).Path;
        var picture = Assert.Single(await media.FinishAsync(media.Segment(0, "vp8", audio: null))).Path;

        var made = await ExportAsync(ExportVideo.Vp9, ".webm", (sound, 0), (picture, 2));

        Assert.Equal(["vp9", "opus"], TestMedia.Codecs(made.Path));
        Assert.InRange(made.Duration.TotalSeconds, 3.9, 4.1);
        Assert.InRange(TestMedia.Times(made.Path, 'a')[^1], 3.9, 4.05);
        TestMedia.AssertDecodes(made.Path);
    }

    [Fact]
    public async Task A_gap_within_a_part_stays_and_is_silent()
    {
        var part = Assert.Single(await media.FinishAsync(media.Segment(0, "vp8"), media.Segment(6, "vp8"))).Path;

        var made = await ExportAsync(ExportVideo.Vp9, ".webm", (part, 0));

        Assert.InRange(made.Duration.TotalSeconds, 7.9, 8.1);
        var times = TestMedia.Times(made.Path);
        Assert.Equal(4 * TestMedia.FramesPerSecond, times.Count);
        Assert.DoesNotContain(times, t => t is > 2.1 and < 5.9);
        Assert.InRange(TestMedia.Times(made.Path, 'a').Count(t => t is > 2.5 and < 5.5), 140, 160);
    }

    [Fact]
    public async Task Uneven_times_of_frames_are_kept()
    {
        var folder = media.NewFolder();
        var uneven = Path.Combine(folder, "uneven.webm");
        TestMedia.Run("ffmpeg", [
            "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=192x144:rate=50:duration=3,select='not(mod(n,3))+not(mod(n,7))'",
            "-fps_mode", "passthrough", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", uneven]);
        var before = TestMedia.Times(uneven);

        foreach (var video in new[] { ExportVideo.Vp9, ExportVideo.Av1 })
        {
            var after = TestMedia.Times((await ExportAsync(video, ".webm", (uneven, 0))).Path);
            Assert.Equal(before.Count, after.Count);
            Assert.All(before.Zip(after), pair => Assert.InRange(pair.Second - pair.First, -0.0021, 0.0021));
        }
    }

    [Fact]
    public async Task Parts_of_different_sizes_are_not_copied_into_one_file()
    {
        var large = (await media.FinishAsync(media.Segment(0, "vp8")))[0].Path;
        var small = (await media.FinishAsync(media.Segment(0, "vp8", size: "96x80")))[0].Path;

        var e = await Assert.ThrowsAsync<WorkshopException>(() => ExportAsync(ExportVideo.Copy, ".mkv", (large, 0), (small, 2)));

        Assert.Contains("VP8 192×144 with OPUS, another VP8 96×80 with OPUS. Choose VP9 or AV1", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("h264", ".webm", "WebM cannot hold H264: choose .mkv or .mp4")]
    [InlineData("vp8", ".mp4", "MP4 cannot hold VP8: choose .webm or .mkv")]
    public async Task A_container_that_does_not_allow_the_codec_is_said(string codec, string extension, string said)
    {
        var part = (await media.FinishAsync(media.Segment(0, codec)))[0].Path;

        var e = await Assert.ThrowsAsync<WorkshopException>(() => ExportAsync(ExportVideo.Copy, extension, (part, 0)));

        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_in_the_middle_it_leaves_no_file_and_no_child()
    {
        var part = (await media.FinishAsync(media.Segment(0, "vp8", seconds: 20, size: "640x480")))[0].Path;
        var output = Path.Combine(media.NewFolder(), "export.webm");
        using var cancelled = new CancellationTokenSource();
        var told = new Told(value => { if (value > 0) cancelled.Cancel(); });
        var workshop = await media.WorkshopAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            workshop.ExportAsync(new ExportOrder([(part, TimeSpan.Zero)], output, ExportVideo.Vp9, ""), told, cancelled.Token));

        Assert.DoesNotContain(told.Values, v => v >= 0.9);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(output)!));
        Assert.Empty(ChildrenFor(output));
    }

    [Fact]
    public async Task Killed_in_the_middle_it_fails_and_leaves_no_file()
    {
        var part = (await media.FinishAsync(media.Segment(0, "vp8", seconds: 20, size: "640x480")))[0].Path;
        var output = Path.Combine(media.NewFolder(), "export.webm");
        var told = new Told(value =>
        {
            if (value <= 0) return;
            foreach (var child in ChildrenFor(output)) Process.GetProcessById(child).Kill();
        });
        var workshop = await media.WorkshopAsync();

        var e = await Assert.ThrowsAsync<WorkshopException>(() =>
            workshop.ExportAsync(new ExportOrder([(part, TimeSpan.Zero)], output, ExportVideo.Vp9, ""), told, default));

        Assert.Contains("killed", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(output)!));
    }

    [Fact]
    public async Task Stopped_without_progress_it_is_killed()
    {
        var part = (await media.FinishAsync(media.Segment(0, "vp8", seconds: 20, size: "640x480")))[0].Path;
        var output = Path.Combine(media.NewFolder(), "export.webm");
        var options = new FfmpegWorkshopOptions { StallTimeout = TimeSpan.FromSeconds(4) };
        using var workshop = new FfmpegWorkshop(await FfmpegTools.FindAsync(options, default), options);
        var told = new Told(value =>
        {
            if (value <= 0) return;
            foreach (var child in ChildrenFor(output)) TestMedia.Run("kill", ["-STOP", $"{child}"]);
        });

        var e = await Assert.ThrowsAsync<WorkshopException>(() =>
            workshop.ExportAsync(new ExportOrder([(part, TimeSpan.Zero)], output, ExportVideo.Vp9, ""), told, default));

        Assert.Contains("no progress for 4 seconds", e.Message, StringComparison.Ordinal);
        Assert.Empty(ChildrenFor(output));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(output)!));
    }

    [Fact]
    public async Task Disposed_in_the_middle_it_leaves_no_file_and_no_child()
    {
        var part = (await media.FinishAsync(media.Segment(0, "vp8", seconds: 20, size: "640x480")))[0].Path;
        var output = Path.Combine(media.NewFolder(), "export.webm");
        var workshop = new FfmpegWorkshop(await FfmpegTools.FindAsync(media.Options, default), media.Options);
        var told = new Told(value => { if (value > 0) workshop.Dispose(); });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            workshop.ExportAsync(new ExportOrder([(part, TimeSpan.Zero)], output, ExportVideo.Vp9, ""), told, default));

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(output)!));
        Assert.Empty(ChildrenFor(output));
        await Assert.ThrowsAsync<ObjectDisposedException>(() =>
            workshop.ExportAsync(new ExportOrder([(part, TimeSpan.Zero)], output, ExportVideo.Vp9, ""), told, default));
    }

    [Fact]
    public async Task Progress_that_throws_ends_the_export_with_what_was_thrown()
    {
        var part = (await media.FinishAsync(media.Segment(0, "vp8", seconds: 20, size: "640x480")))[0].Path;
        var output = Path.Combine(media.NewFolder(), "export.webm");
        var told = new Told(value => { if (value > 0) throw new InvalidDataException("nobody listens"); });
        var workshop = await media.WorkshopAsync();

        var e = await Assert.ThrowsAsync<InvalidDataException>(() =>
            workshop.ExportAsync(new ExportOrder([(part, TimeSpan.Zero)], output, ExportVideo.Vp9, ""), told, default));

        Assert.Equal("nobody listens", e.Message);
        Assert.Empty(ChildrenFor(output));
    }

    [Fact]
    public async Task A_child_steps_back_behind_others()
    {
        var part = (await media.FinishAsync(media.Segment(0, "vp8", seconds: 20, size: "640x480")))[0].Path;
        var output = Path.Combine(media.NewFolder(), "export.webm");
        var niceness = new List<string>();
        using var cancelled = new CancellationTokenSource();
        var told = new Told(value =>
        {
            if (value <= 0 || cancelled.IsCancellationRequested) return;
            // The 19th field; the name, which may have spaces, ends with the last bracket.
            niceness.AddRange(ChildrenFor(output).Select(id => File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].Split(' ')[17]));
            cancelled.Cancel();
        });
        var workshop = await media.WorkshopAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            workshop.ExportAsync(new ExportOrder([(part, TimeSpan.Zero)], output, ExportVideo.Vp9, ""), told, cancelled.Token));

        // More when these tests themselves run niced.
        Assert.InRange(int.Parse(Assert.Single(niceness), CultureInfo.InvariantCulture), 15, 19);
    }

    /// <summary>Processes that have a path beside the output in their command line.</summary>
    private static List<int> ChildrenFor(string output) => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
        .Where(id => id > 0 && id != Environment.ProcessId && CommandLine(id).Contains(Path.GetDirectoryName(output)! + "/", StringComparison.Ordinal))
        .ToList();

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private async Task<MediaFile> ExportAsync(ExportVideo video, string extension, params (string Path, double Start)[] parts) =>
        await (await media.WorkshopAsync()).ExportAsync(
            new ExportOrder([.. parts.Select(p => (p.Path, TimeSpan.FromSeconds(p.Start)))], Path.Combine(media.NewFolder(), "export" + extension), video, "Out"),
            new Progress<double>(),
            default);
}
