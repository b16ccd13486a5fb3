using System.Buffers.Binary;
using System.Text.Json;
using Broadcast.Recording.Finishing;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Xunit;

namespace Broadcast.Recording.Tests.Finishing;

public sealed class FinishTests(TestMedia media) : IClassFixture<TestMedia>
{
    private const double Frame = 1.0 / TestMedia.FramesPerSecond;

    [Theory]
    [InlineData("vp8", ".webm", "video/webm; codecs=\"vp8, opus\"")]
    [InlineData("vp9", ".webm", "video/webm; codecs=\"vp9, opus\"")]
    [InlineData("av1", ".webm", "video/webm; codecs=\"av1, opus\"")]
    [InlineData("h264", ".mkv", "video/x-matroska; codecs=\"avc1.42c00a, opus\"")]
    public async Task Segments_of_one_format_become_one_seekable_file(string codec, string extension, string mediaType)
    {
        var files = await media.FinishAsync(media.Segment(10, codec), media.Segment(12, codec), media.Segment(14, codec));

        var file = files[0];
        Assert.Equal($"part-1{extension}", Path.GetFileName(file.Path));
        Assert.Equal(mediaType, file.MediaType);
        Assert.Equal(TimeSpan.FromSeconds(10), file.Start);
        Assert.Equal((192, 144), (file.Width, file.Height));
        Assert.InRange(file.Duration.TotalSeconds, 5.9, 6.2);
        Assert.Equal(new FileInfo(file.Path).Length, file.Bytes);
        Assert.Equal([codec, "opus"], TestMedia.Codecs(file.Path));
        AssertEvery(Frame, TestMedia.Times(file.Path), 6 * TestMedia.FramesPerSecond);
        Assert.True(HasCuesBeforeClusters(file.Path));
        foreach (var each in files) TestMedia.AssertDecodes(each.Path);
    }

    [Fact]
    public async Task H264_is_also_made_to_mp4_with_the_same_packets_at_the_same_times()
    {
        var files = await media.FinishAsync(media.Segment(0, "h264"), media.Segment(5, "h264"));

        Assert.Equal(["part-1.mkv", "part-1.mp4"], files.Select(f => Path.GetFileName(f.Path)));
        Assert.Equal("video/mp4; codecs=\"avc1.42c00a, opus\"", files[1].MediaType);
        var (mkv, mp4) = (TestMedia.Times(files[0].Path), TestMedia.Times(files[1].Path));
        Assert.Equal(mkv.Count, mp4.Count);
        Assert.All(mkv.Zip(mp4), pair => Assert.InRange(pair.Second - pair.First, -0.01, 0.01));
        Assert.Equal("A title", Tag(TestMedia.Probe(files[1].Path).GetProperty("format"), "title"));
    }

    [Theory]
    [InlineData("h264")]
    [InlineData("hevc")]
    public async Task Segments_of_MP4_become_Matroska_and_MP4_with_an_index_at_the_front(string codec)
    {
        var files = await media.FinishAsync(media.Mp4Segment(0, codec), media.Mp4Segment(2, codec), media.Mp4Segment(27, codec));

        Assert.Equal(["part-1.mkv", "part-1.mp4"], files.Select(f => Path.GetFileName(f.Path)));
        foreach (var file in files)
        {
            var times = TestMedia.Times(file.Path);
            Assert.Equal(6 * TestMedia.FramesPerSecond, times.Count);
            Assert.InRange(times[2 * TestMedia.FramesPerSecond], 1.97, 2.05);
            Assert.InRange(times[4 * TestMedia.FramesPerSecond], 26.97, 27.05);
            Assert.InRange(file.Duration.TotalSeconds, 28.9, 29.1);
            TestMedia.AssertDecodes(file.Path);
        }

        // All fragments are in an index that a browser reads first.
        var boxes = Boxes(files[1].Path);
        Assert.Equal(["ftyp", "moov", "sidx"], boxes[..3].Select(b => b.Type));
        var index = File.ReadAllBytes(files[1].Path).AsSpan((int)boxes[2].At);
        var references = BinaryPrimitives.ReadUInt16BigEndian(index[(index[8] == 0 ? 30 : 38)..]);
        Assert.InRange(references, 2, 3);
        Assert.Equal(boxes.Count(b => b.Type == "moof"), references);
    }

    [Fact]
    public async Task A_gap_stays_a_gap()
    {
        var file = Assert.Single(await media.FinishAsync(media.Segment(1, "vp8"), media.Segment(7.5, "vp8")));

        foreach (var (kind, step) in new[] { ('v', Frame), ('a', 0.02) })
        {
            var times = TestMedia.Times(file.Path, kind);
            var before = times.Where(t => t < 4).ToList();
            var after = times.Where(t => t > 4).ToList();
            Assert.InRange(before[0], -0.02, 0.05);
            Assert.InRange(before[^1], 2 - 2 * step, 2.05);
            Assert.InRange(after[0], 6.5 - 0.02, 6.5 + 0.03);
            Assert.InRange(after[^1], 8.5 - 2 * step, 8.55);
        }

        Assert.InRange(file.Duration.TotalSeconds, 8.4, 8.6);
    }

    [Fact]
    public async Task A_first_picture_that_comes_late_stays_late()
    {
        var segment = media.Segment(0, "h264", audio: null);
        var late = Path.Combine(media.NewFolder(), "late.mkv");
        TestMedia.Run("ffmpeg", ["-v", "error", "-itsoffset", "0.7", "-i", segment.Path, "-c", "copy", "-copyts", late]);
        Assert.InRange(TestMedia.Times(late)[0], 0.69, 0.71);

        var files = await media.FinishAsync(segment with { Path = late, Duration = TimeSpan.FromSeconds(2.7) }, segment with { Path = late, Start = TimeSpan.FromSeconds(4) });

        Assert.All(files, file =>
        {
            var times = TestMedia.Times(file.Path);
            Assert.InRange(times[0], 0.69, 0.71);
            Assert.InRange(times[2 * TestMedia.FramesPerSecond], 4.69, 4.71);
        });
    }

    [Fact]
    public async Task Another_size_or_codec_begins_another_file()
    {
        var files = await media.FinishAsync(
            media.Segment(0, "vp8"), media.Segment(2, "vp8"), media.Segment(4, "vp8", size: "96x80"), media.Segment(6, "vp9"), media.Segment(8, "h264"));

        Assert.Equal(["part-1.webm", "part-2.webm", "part-3.webm", "part-4.mkv", "part-4.mp4"], files.Select(f => Path.GetFileName(f.Path)));
        Assert.Equal([0, 4, 6, 8, 8], files.Select(f => f.Start.TotalSeconds));
        Assert.Equal([192, 96, 192, 192, 192], files.Select(f => f.Width));
    }

    [Theory]
    [InlineData("vp8", null, "video/webm; codecs=\"vp8\"")]
    [InlineData(null, "opus", "audio/webm; codecs=\"opus\"")]
    public async Task Picture_or_sound_alone_are_finished_too(string? video, string? audio, string mediaType)
    {
        var file = Assert.Single(await media.FinishAsync(media.Segment(0, video, audio), media.Segment(2, video, audio)));

        Assert.Equal(mediaType, file.MediaType);
        Assert.Equal([video ?? audio], TestMedia.Codecs(file.Path));
        TestMedia.AssertDecodes(file.Path);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("a=b;c#d\\")]
    [InlineData("-i /etc/passwd -f null \"' $(id) `id`")]
    [InlineData("%d ⚽ 日本語 <b>")]
    public async Task A_title_is_only_a_title(string title)
    {
        var order = media.Order(media.Segment(0, "vp8")) with { Title = title, Chapters = [(TimeSpan.Zero, title), (TimeSpan.FromSeconds(1), "second")] };

        var file = Assert.Single(await (await media.WorkshopAsync()).FinishAsync(order, new Progress<double>(), default));

        var told = TestMedia.Probe(file.Path);
        Assert.Equal(title, Tag(told.GetProperty("format"), "title").TrimEnd());
        Assert.Equal("2026-03-04", Tag(told.GetProperty("format"), "DATE"));
        Assert.Equal([title, "second"], told.GetProperty("chapters").EnumerateArray().Select(c => Tag(c, "title").TrimEnd()));
    }

    [Fact]
    public async Task A_title_of_several_lines_sets_no_other_tag_and_no_chapter()
    {
        var order = media.Order(media.Segment(0, "vp8")) with { Title = "a\n[CHAPTER]\nSTART=0\r\nartist=x\0\u2028y" };

        var file = Assert.Single(await (await media.WorkshopAsync()).FinishAsync(order, new Progress<double>(), default));

        var told = TestMedia.Probe(file.Path);
        Assert.Equal("a [CHAPTER] START=0  artist=x  y", Tag(told.GetProperty("format"), "title"));
        Assert.Equal("", Tag(told.GetProperty("format"), "artist"));
        Assert.Empty(told.GetProperty("chapters").EnumerateArray());
    }

    [Fact]
    public async Task Chapters_lie_in_the_file_of_their_time_and_the_date_is_kept()
    {
        var order = media.Order(media.Segment(10, "vp8"), media.Segment(13, "vp8"), media.Segment(15, "vp8", size: "96x80")) with
        {
            Chapters = [(TimeSpan.FromSeconds(12), "gap"), (TimeSpan.FromSeconds(13), "back"), (TimeSpan.FromSeconds(16), "small")],
        };

        var files = await (await media.WorkshopAsync()).FinishAsync(order, new Progress<double>(), default);

        var (first, second) = (TestMedia.Probe(files[0].Path), TestMedia.Probe(files[1].Path));
        Assert.Equal([("gap", "2.000000"), ("back", "3.000000")], Chapters(first));
        Assert.Equal([("small", "1.000000")], Chapters(second));
        Assert.StartsWith("2026-03-04T05:06:07", Tag(first.GetProperty("format"), "creation_time"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_that_cannot_be_read_is_left_out_and_named()
    {
        var bad = Path.Combine(media.NewFolder(), "bad.webm");
        await File.WriteAllBytesAsync(bad, new byte[5000]);
        var broken = media.Segment(2, "vp8") with { Path = bad };

        var file = Assert.Single(await media.FinishAsync(media.Segment(0, "vp8"), broken, media.Segment(4, "vp8")));

        Assert.Equal([bad], file.LeftOut);
        var times = TestMedia.Times(file.Path);
        Assert.Equal(4 * TestMedia.FramesPerSecond, times.Count);
        Assert.InRange(times[2 * TestMedia.FramesPerSecond], 3.98, 4.05);
        TestMedia.AssertDecodes(file.Path);
    }

    [Fact]
    public async Task A_torn_segment_gives_what_is_whole_and_the_others_everything()
    {
        var whole = media.Segment(0, "vp8");
        var torn = Path.Combine(media.NewFolder(), "torn.webm");
        var bytes = await File.ReadAllBytesAsync(whole.Path);
        await File.WriteAllBytesAsync(torn, bytes[..(bytes.Length / 2)]);

        var file = Assert.Single(await media.FinishAsync(whole with { Path = torn }, media.Segment(2, "vp8")));

        var times = TestMedia.Times(file.Path);
        Assert.Contains(times, t => t < 1);
        Assert.Equal(2 * TestMedia.FramesPerSecond, times.Count(t => t > 1.98));
    }

    [Fact]
    public async Task Repairing_what_is_no_segment_leaves_it_and_a_missing_one_is_said()
    {
        var bad = Path.Combine(media.NewFolder(), "bad.webm");
        await File.WriteAllTextAsync(bad, "not media");
        var workshop = await media.WorkshopAsync();

        Assert.Null(await workshop.RepairAsync(bad, default));
        Assert.Equal("not media", await File.ReadAllTextAsync(bad));
        await Assert.ThrowsAsync<WorkshopException>(() => workshop.RepairAsync(bad + ".missing", default));
    }

    [Fact]
    public async Task Nothing_playable_is_said_and_leaves_nothing()
    {
        var bad = Path.Combine(media.NewFolder(), "bad.webm");
        await File.WriteAllTextAsync(bad, "not media");
        var order = media.Order(media.Segment(0, "vp8") with { Path = bad });
        var workshop = await media.WorkshopAsync();

        var e = await Assert.ThrowsAsync<WorkshopException>(() => workshop.FinishAsync(order, new Progress<double>(), default));

        Assert.Contains("none of its segments", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(order.Folder));
    }

    [Fact]
    public async Task A_file_that_names_other_files_is_not_followed()
    {
        var folder = media.NewFolder();
        var bad = Path.Combine(folder, "list.webm");
        await File.WriteAllTextAsync(bad, $"ffconcat version 1.0\nfile '{media.Segment(0, "vp8").Path}'\n");
        var playlist = Path.Combine(folder, "playlist.webm");
        await File.WriteAllTextAsync(playlist, $"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{media.Segment(0, "vp8").Path}\n#EXT-X-ENDLIST\n");

        var file = Assert.Single(await media.FinishAsync(
            media.Segment(0, "vp8"), media.Segment(2, "vp8") with { Path = bad }, media.Segment(4, "vp8") with { Path = playlist }));

        Assert.Equal([bad, playlist], file.LeftOut);
    }

    [Fact]
    public async Task Paths_may_have_quotes_and_spaces()
    {
        var folder = Directory.CreateDirectory(Path.Combine(media.NewFolder(), "it's a \"folder\" %d")).FullName;
        var segment = media.Segment(0, "vp8");
        var copy = Path.Combine(folder, "a'b.webm");
        File.Copy(segment.Path, copy);
        var order = media.Order(segment with { Path = copy }, segment with { Path = copy, Start = TimeSpan.FromSeconds(2) }) with { Folder = folder };
        var workshop = await media.WorkshopAsync();

        var file = Assert.Single(await workshop.FinishAsync(order, new Progress<double>(), default));

        TestMedia.AssertDecodes(file.Path);
        var preview = await workshop.PreviewAsync(new PreviewOrder(file.Path, folder, ""), default);
        Assert.True(File.Exists(preview!.Poster));
    }

    [Fact]
    public async Task Progress_goes_from_little_to_all()
    {
        var told = new Told();
        await (await media.WorkshopAsync()).FinishAsync(media.Order(media.Segment(0, "vp8"), media.Segment(2, "h264")), told, default);

        Assert.Equal(1, told.Values[^1]);
        Assert.Equal(told.Values.Order(), told.Values);
        Assert.Contains(told.Values, v => v is > 0 and < 0.9);
    }

    private static void AssertEvery(double step, List<double> times, int count)
    {
        Assert.Equal(count, times.Count);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, step - 0.015, step + 0.015));
    }

    /// <summary>The boxes of an MP4 file, from its beginning.</summary>
    private static List<(string Type, long At)> Boxes(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var boxes = new List<(string, long)>();
        for (var at = 0; at < bytes.Length; at += BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at)))
            boxes.Add((System.Text.Encoding.ASCII.GetString(bytes, at + 4, 4), at));
        return boxes;
    }

    private static string Tag(JsonElement of, string name) =>
        of.GetProperty("tags").TryGetProperty(name, out var value) ? value.GetString()! : "";

    private static IEnumerable<(string, string)> Chapters(JsonElement told) =>
        told.GetProperty("chapters").EnumerateArray().Select(c => (Tag(c, "title"), c.GetProperty("start_time").GetString()!));

    private static bool HasCuesBeforeClusters(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        ReadOnlySpan<byte> cluster = [0x1F, 0x43, 0xB6, 0x75];
        // The first mention is in the seek head, which lists where things are.
        ReadOnlySpan<byte> cues = [0x1C, 0x53, 0xBB, 0x6B];
        return bytes[..bytes.IndexOf(cluster)].Count(cues) >= 2;
    }
}

/// <summary>Progress that is told on the thread that tells it.</summary>
internal sealed class Told(Action<double>? also = null) : IProgress<double>
{
    private readonly List<double> _values = [];

    public IReadOnlyList<double> Values
    {
        get { lock (_values) return [.. _values]; }
    }

    public void Report(double value)
    {
        lock (_values) _values.Add(value);
        also?.Invoke(value);
    }
}
