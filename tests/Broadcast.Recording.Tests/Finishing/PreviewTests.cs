using Broadcast.Vod.Jobs;
using Xunit;

namespace Broadcast.Recording.Tests.Finishing;

public sealed class PreviewTests(TestMedia media) : IClassFixture<TestMedia>
{
    [Theory]
    [InlineData("vp8")]
    [InlineData("av1")]
    [InlineData("h264")]
    public async Task A_short_file_has_a_poster_and_a_tile_for_every_second(string codec)
    {
        var file = (await media.FinishAsync(media.Segment(0, codec, seconds: 5)))[^1];
        var folder = media.NewFolder();

        var preview = await (await media.WorkshopAsync()).PreviewAsync(new PreviewOrder(file.Path, folder, "part-1-"), default);

        Assert.Equal(Path.Combine(folder, "part-1-poster.jpg"), preview!.Poster);
        Assert.Equal((192, 144), Size(preview.Poster));
        Assert.Equal([Path.Combine(folder, "part-1-sprite-1.jpg")], preview.Sprites);
        Assert.Equal((TimeSpan.FromSeconds(1), 160, 120), (preview.Interval, preview.TileWidth, preview.TileHeight));
        Assert.InRange(preview.Tiles, 5, 6);
        Assert.Equal((1600, 1200), Size(preview.Sprites[0]));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(folder).Count());
    }

    [Fact]
    public async Task A_big_picture_is_made_small()
    {
        var file = Assert.Single(await media.FinishAsync(media.Segment(0, "vp8", audio: null, seconds: 1, size: "1920x1080")));

        var preview = await (await media.WorkshopAsync()).PreviewAsync(new PreviewOrder(file.Path, media.NewFolder(), ""), default);

        Assert.Equal((1280, 720), Size(preview!.Poster));
        Assert.Equal((160, 90), (preview.TileWidth, preview.TileHeight));
    }

    [Fact]
    public async Task A_long_file_has_at_most_400_tiles_on_sheets_of_100_each_at_its_time()
    {
        // Half an hour whose picture is as bright as the time is late.
        var path = Path.Combine(media.NewFolder(), "long.webm");
        TestMedia.Run("ffmpeg", [
            "-v", "error", "-f", "lavfi", "-i", "color=black:size=64x64:rate=1:duration=1800,format=yuv420p,geq=lum='16+200*T/1800':cb=128:cr=128",
            "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", "-b:v", "200k", "-g", "2", path]);

        var preview = await (await media.WorkshopAsync()).PreviewAsync(new PreviewOrder(path, media.NewFolder(), ""), default);

        Assert.Equal(TimeSpan.FromSeconds(5), preview!.Interval);
        Assert.Equal(360, preview.Tiles);
        Assert.Equal(4, preview.Sprites.Count);
        foreach (var tile in new[] { 0, 57, 100, 199, 250, 359 })
        {
            var brightness = Brightness(preview.Sprites[tile / 100], (tile % 10) * preview.TileWidth, (tile % 100 / 10) * preview.TileHeight, preview);
            Assert.InRange(brightness - (200.0 * 255 / 219 * tile * 5 / 1800), -6, 6);
        }
    }

    [Fact]
    public async Task A_poster_is_not_black_when_only_the_beginning_is()
    {
        var path = Path.Combine(media.NewFolder(), "dark.webm");
        TestMedia.Run("ffmpeg", [
            "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=192x144:rate=10:duration=60,drawbox=color=black:thickness=fill:enable='lt(t,4)'",
            "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", "-g", "10", path]);

        var preview = await (await media.WorkshopAsync()).PreviewAsync(new PreviewOrder(path, media.NewFolder(), ""), default);

        Assert.True(Brightness(preview!.Poster, 0, 0, preview) > 40);
    }

    [Fact]
    public async Task Sound_alone_has_no_preview()
    {
        var file = Assert.Single(await media.FinishAsync(media.Segment(0, null)));
        var folder = media.NewFolder();

        Assert.Null(await (await media.WorkshopAsync()).PreviewAsync(new PreviewOrder(file.Path, folder, ""), default));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    private static (int Width, int Height) Size(string picture)
    {
        var stream = TestMedia.Probe(picture).GetProperty("streams")[0];
        return (stream.GetProperty("width").GetInt32(), stream.GetProperty("height").GetInt32());
    }

    private static double Brightness(string picture, int x, int y, PreviewFiles preview)
    {
        var raw = picture + ".raw";
        TestMedia.Run("ffmpeg", [
            "-v", "error", "-y", "-i", picture, "-vf", FormattableString.Invariant($"crop={preview.TileWidth}:{preview.TileHeight}:{x}:{y},format=gray"), "-f", "rawvideo", raw]);
        return File.ReadAllBytes(raw).Average(b => (double)b);
    }
}
