using Broadcast.Recording.Finishing;
using Broadcast.Vod.Jobs;
using Xunit;

namespace Broadcast.Recording.Tests.Finishing;

public sealed class FfmpegToolsTests
{
    [Fact]
    public async Task It_finds_ffmpeg_and_what_it_encodes()
    {
        var tools = await FfmpegTools.FindAsync(new FfmpegWorkshopOptions(), default);

        Assert.True(File.Exists(tools.Ffmpeg));
        Assert.Equal("libvpx-vp9", tools.Vp9Encoder);
        Assert.Contains(tools.Av1Encoder, (string[])["libsvtav1", "libaom-av1"]);
        Assert.DoesNotContain("=", tools.Encoders);
    }

    [Fact]
    public async Task A_path_where_nothing_is_is_said()
    {
        var options = new FfmpegWorkshopOptions { Ffmpeg = "/nowhere/ffmpeg" };

        var e = await Assert.ThrowsAsync<WorkshopException>(() => FfmpegTools.FindAsync(options, default));

        Assert.Contains("/nowhere/ffmpeg", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ffmpeg version 5.1.9-0+deb12u1 Copyright", "5.1")]
    [InlineData("ffmpeg version n7.0 Copyright", "7.0")]
    [InlineData("ffmpeg version N-112-gabc Copyright", null)]
    public void Versions_are_read(string told, string? version) => Assert.Equal(version, FfmpegTools.ParseVersion(told)?.ToString());

    [Theory]
    [InlineData("ffmpeg version 4.4.2 Copyright", "4.4 is too old")]
    [InlineData("avconv 12", "does not say so")]
    public void What_is_too_old_or_something_else_is_said(string told, string said) =>
        Assert.Contains(said, Assert.Throws<WorkshopException>(() => FfmpegTools.ParseVersion(told)).Message, StringComparison.Ordinal);
}
