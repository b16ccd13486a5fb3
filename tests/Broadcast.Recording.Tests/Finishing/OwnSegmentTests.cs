using Broadcast.Recording.Matroska;
using Broadcast.Recording.Tests.Bitstreams;
using Broadcast.Rtc;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Xunit;

namespace Broadcast.Recording.Tests.Finishing;

/// <summary>Files of the recorder's own writer, not of FFmpeg.</summary>
public sealed class OwnSegmentTests(TestMedia media) : IClassFixture<TestMedia>
{
    private const int Frames = Clip.Seconds * Clip.Fps;

    [Theory]
    [InlineData(CodecKind.Vp8, SegmentContainer.WebM, ".webm")]
    [InlineData(CodecKind.Vp9, SegmentContainer.WebM, ".webm")]
    [InlineData(CodecKind.Av1, SegmentContainer.WebM, ".webm")]
    [InlineData(CodecKind.H264, SegmentContainer.Matroska, ".mkv")]
    [InlineData(CodecKind.H264, SegmentContainer.Mp4, ".mkv")]
    [InlineData(CodecKind.H265, SegmentContainer.Mp4, ".mkv")]
    public async Task Segments_with_a_gap_become_one_file_with_every_picture_at_its_time(CodecKind codec, SegmentContainer container, string extension)
    {
        var (picture, sound) = (Frame.Of(codec), Frame.Of(CodecKind.Opus));

        var files = await media.FinishAsync([.. new[] { 0, 4, 10.5 }.Select(start => WriteAs(container, start, picture, sound))]);

        Assert.Equal($"part-1{extension}", Path.GetFileName(files[0].Path));
        Assert.Equal(codec is CodecKind.H264 or CodecKind.H265 ? 2 : 1, files.Count);
        foreach (var file in files)
        {
            var times = TestMedia.Times(file.Path);
            Assert.Equal(3 * Frames, times.Count);
            foreach (var (segment, start) in new[] { (0, 0.0), (1, 4.0), (2, 10.5) })
            {
                for (var i = 0; i < Frames; i++) Assert.InRange(times[(segment * Frames) + i] - start - (i / (double)Clip.Fps), -0.005, 0.005);
            }

            Assert.InRange(TestMedia.Times(file.Path, 'a').Count(t => t is > 8.1 and < 10.4), 0, 1);
            Assert.InRange(file.Duration.TotalSeconds, 14.4, 14.6);
            Assert.Equal(Enumerable.Repeat(Clip.Of(codec).Hashes, 3).SelectMany(h => h), Ffmpeg.PictureHashes(file.Path));
            TestMedia.AssertDecodes(file.Path);
        }
    }

    [Fact]
    public async Task Another_size_begins_another_file()
    {
        var (large, small) = (Frame.Of(CodecKind.Vp8), Frame.Of(CodecKind.Vp8, "160x90"));

        var files = await media.FinishAsync(Write(0, large), Write(4, large), Write(8, small), Write(12, large));

        Assert.Equal(["part-1.webm", "part-2.webm", "part-3.webm"], files.Select(f => Path.GetFileName(f.Path)));
        Assert.Equal([(320, 180, 0.0), (160, 90, 8.0), (320, 180, 12.0)], files.Select(f => (f.Width, f.Height, f.Start.TotalSeconds)));
        Assert.Equal([2 * Frames, Frames, Frames], files.Select(f => TestMedia.Times(f.Path).Count));
    }

    [Fact]
    public async Task Sound_alone_is_joined()
    {
        var sound = Frame.Of(CodecKind.Opus);

        var file = Assert.Single(await media.FinishAsync(Write(0, sound), Write(6, sound)));

        Assert.Equal("audio/webm; codecs=\"opus\"", file.MediaType);
        var times = TestMedia.Times(file.Path, 'a');
        Assert.Equal(2 * sound.Count, times.Count);
        Assert.InRange(times[sound.Count], 5.99, 6.01);
        TestMedia.AssertDecodes(file.Path);
    }

    [Fact]
    public async Task A_segment_that_was_torn_and_repaired_is_joined_with_the_next()
    {
        var (picture, sound) = (Frame.Of(CodecKind.Vp8), Frame.Of(CodecKind.Opus));
        var torn = Write(0, picture, sound);
        var bytes = await File.ReadAllBytesAsync(torn.Path);
        await File.WriteAllBytesAsync(torn.Path, bytes[..(bytes.Length * 2 / 3)]);
        var workshop = await media.WorkshopAsync();

        var repaired = await workshop.RepairAsync(torn.Path, default);
        var file = Assert.Single(await media.FinishAsync(torn with { Duration = repaired!.Duration }, Write(4, picture, sound)));

        var times = TestMedia.Times(file.Path);
        Assert.Equal(Frames, times.Count(t => t > 3.99));
        Assert.InRange(times.Count(t => t < 3.99), Frames / 3, Frames - 1);
        Assert.Empty(file.LeftOut);
        TestMedia.AssertDecodes(file.Path);
    }

    private SegmentToJoin Write(double start, params List<Frame>[] tracks) => WriteAs(SegmentContainer.WebM, start, tracks);

    private SegmentToJoin WriteAs(SegmentContainer container, double start, params List<Frame>[] tracks)
    {
        var path = Path.Combine(media.NewFolder(), SegmentFile.NameOf(1, container));
        var formats = tracks.Select(t => t[0].Format).ToList();
        using (var writer = SegmentWriters.Create(path, container, formats, new SegmentOptions()))
        {
            Frame.Write(writer, tracks);
            writer.Close();
        }

        var recorded = formats.Select(f => new RecordedTrack(f.Codec.ToString().ToLowerInvariant(), f.Width, f.Height, f.CodecString)).ToList();
        return new SegmentToJoin(path, TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(Clip.Seconds), container, recorded);
    }
}
