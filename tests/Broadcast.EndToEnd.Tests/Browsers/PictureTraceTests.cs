namespace Broadcast.EndToEnd.Tests.Browsers;

public class PictureTraceTests
{
    /// <summary>Wide, narrow, for a moment wide, narrow, wide; a pause of 400 ms before the narrow one.</summary>
    private readonly PictureTrace _trace = new()
    {
        Shown = [Shown(0, 960), Shown(100, 960), Shown(500, 480), Shown(600, 960), Shown(700, 480), Shown(900, 960), Shown(1000, 960)],
        Decoded = [Decoded(0, 3), Decoded(100, 6), Decoded(200, 6), Decoded(300, 6), Decoded(400, 6, 0.25), Decoded(500, 9, 0.5), Decoded(1000, 33, 0.5)],
        UntilMs = 1050,
    };

    [Fact]
    public void The_longest_pause_is_between_two_pictures_of_which_the_second_came_later_than_the_given_moment()
    {
        Assert.Equal(400, _trace.LongestPauseMs(0));
        Assert.Equal(400, _trace.LongestPauseMs(499));
        Assert.Equal(200, _trace.LongestPauseMs(501));
    }

    [Fact]
    public void A_pause_that_still_lasts_counts()
    {
        _trace.UntilMs = 3000;
        Assert.Equal(2000, _trace.LongestPauseMs(0));
        Assert.Equal(2000, _trace.LongestDecoderPauseMs(0));
    }

    [Fact]
    public void Pauses_of_the_decoder_freezes_and_the_rate_come_from_its_counters()
    {
        Assert.Equal(500, _trace.LongestDecoderPauseMs(600)); // nothing was looked at meanwhile
        Assert.Equal(0.5, _trace.FrozenSeconds(350));
        Assert.Equal(0.25, _trace.FrozenSeconds(450));
        Assert.Equal(30, _trace.FramesPerSecond(0), 0.001);
        Assert.Equal(48, _trace.FramesPerSecond(550), 0.001);
    }

    [Fact]
    public void Smaller_is_the_first_narrow_picture_and_back_is_after_the_last_one()
    {
        Assert.Equal(0.45, _trace.SecondsUntilNarrower(960, 50));
        Assert.Equal(0.05, _trace.SecondsUntilNarrower(960, 650));
        Assert.Null(_trace.SecondsUntilNarrower(960, 800));
        Assert.Equal(0.3, _trace.SecondsUntilBackAt(960, 600));
        Assert.Equal(0, _trace.SecondsUntilBackAt(960, 950));
        Assert.Equal(0, _trace.SecondsUntilBackAt(480, 0));
        Assert.Null(_trace.SecondsUntilBackAt(1280, 0));
        Assert.Equal("960 from 0.0 s, 480 from 0.5 s, 960 from 0.6 s, 480 from 0.7 s, 960 from 0.9 s", _trace.Widths());
    }

    private static ShownPicture Shown(double ms, int width) => new() { AtMs = ms, Width = width };

    private static DecodedPictures Decoded(double ms, int frames, double frozen = 0) => new() { AtMs = ms, Frames = frames, FrozenSeconds = frozen };
}
