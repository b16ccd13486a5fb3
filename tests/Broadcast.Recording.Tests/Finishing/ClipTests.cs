using Broadcast.Vod.Jobs;
using Xunit;

namespace Broadcast.Recording.Tests.Finishing;

public sealed class ClipTests(TestMedia media) : IClassFixture<TestMedia>
{
    [Theory]
    [InlineData("vp8", ".webm")]
    [InlineData("vp9", ".mp4")]
    [InlineData("av1", ".mkv")]
    [InlineData("h264", ".mkv")]
    [InlineData("h264", ".mp4")]
    public async Task A_clip_begins_at_the_keyframe_before_and_ends_where_it_was_asked_to(string codec, string extension)
    {
        // Keyframes at 0, 1, 2, ... seconds.
        var file = (await media.FinishAsync(media.Segment(0, codec, seconds: 6)))[0];
        var output = Path.Combine(media.NewFolder(), "clip" + extension);

        var clip = await CutAsync(file.Path, output, 2.6, 4.5);

        Assert.Equal(output, clip.Path);
        Assert.InRange(clip.Start.TotalSeconds, 1.95, 2.05);
        Assert.InRange(clip.Duration.TotalSeconds, 2.4, 2.6);
        var times = TestMedia.Times(output);
        Assert.InRange(times[0], 0, 0.05);
        Assert.InRange(times.Count, 2.5 * TestMedia.FramesPerSecond - 1, 2.5 * TestMedia.FramesPerSecond + 1);
        var sound = TestMedia.Times(output, 'a');
        Assert.InRange(sound[0], -0.03, 0.05);
        Assert.InRange(sound[^1], 2.4, 2.55);
        TestMedia.AssertDecodes(output);
        Assert.Equal([output], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(output)!));
    }

    [Fact]
    public async Task A_clip_of_sound_alone_begins_where_it_was_asked_to()
    {
        var file = Assert.Single(await media.FinishAsync(media.Segment(0, null, seconds: 6)));

        var clip = await CutAsync(file.Path, Path.Combine(media.NewFolder(), "clip.webm"), 2.5, 4);

        Assert.Equal("audio/webm; codecs=\"opus\"", clip.MediaType);
        Assert.InRange(clip.Duration.TotalSeconds, 1.4, 1.6);
    }

    [Fact]
    public async Task A_clip_may_ask_for_more_than_there_is()
    {
        var file = Assert.Single(await media.FinishAsync(media.Segment(0, "vp8", seconds: 6)));

        var clip = await CutAsync(file.Path, Path.Combine(media.NewFolder(), "clip.webm"), 4.2, 1000);

        Assert.InRange(clip.Duration.TotalSeconds, 1.9, 2.1);
    }

    [Theory]
    [InlineData(3, 3, "clip.webm", "must begin before it ends")]
    [InlineData(100, 200, "clip.webm", "must begin before it ends")]
    [InlineData(1, 2, "clip.mp4", "MP4 cannot hold VP8")]
    [InlineData(1, 2, "clip.exe", "choose .webm, .mkv or .mp4")]
    public async Task What_cannot_be_cut_is_said(double from, double to, string name, string said)
    {
        var file = Assert.Single(await media.FinishAsync(media.Segment(0, "vp8", seconds: 6)));
        var folder = media.NewFolder();

        var e = await Assert.ThrowsAsync<WorkshopException>(() => CutAsync(file.Path, Path.Combine(folder, name), from, to));

        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    private async Task<MediaFile> CutAsync(string path, string output, double from, double to) => await (await media.WorkshopAsync()).ClipAsync(
        new ClipOrder(path, output, TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to), "A clip"), new Progress<double>(), default);
}
