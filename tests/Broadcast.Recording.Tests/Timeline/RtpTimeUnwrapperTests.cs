using Broadcast.Recording.Timeline;
using Broadcast.Rtc;

namespace Broadcast.Recording.Tests.Timeline;

/// <summary>32-bit times become 64-bit ones, and only a jump is a jump.</summary>
public class RtpTimeUnwrapperTests
{
    private static readonly MonotonicTime Start = new(7_000_000_123);

    [Fact]
    public void Wrap_goes_on()
    {
        var time = new RtpTimeUnwrapper(90_000);
        Assert.True(time.TryUnwrap(0xFFFF_F000, Start, out var before));
        Assert.True(time.TryUnwrap(0x0000_0F00, Start + TimeSpan.FromMilliseconds(90), out var after));
        Assert.Equal(0x1F00, after - before);
    }

    [Fact]
    public void Pause_of_a_day_goes_on_whatever_wraps_in_it()
    {
        var time = new RtpTimeUnwrapper(90_000);
        time.TryUnwrap(1000, Start, out var before);
        var pause = TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1);
        Assert.True(time.TryUnwrap((uint)(1000 + (long)(pause.TotalSeconds * 90_000)), Start + pause + TimeSpan.FromSeconds(2), out var after));
        Assert.Equal((long)(pause.TotalSeconds * 90_000), after - before);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(-11)]
    [InlineData(4000)]
    public void Jump_of_more_than_ten_seconds_is_one(int seconds)
    {
        var time = new RtpTimeUnwrapper(48_000);
        time.TryUnwrap(100_000_000, Start, out _);
        Assert.False(time.TryUnwrap((uint)(100_000_000L + (seconds * 48_000L)), Start + TimeSpan.FromMilliseconds(20), out _));
        Assert.True(time.TryUnwrap(100_000_960, Start + TimeSpan.FromMilliseconds(20), out _));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(-9)]
    public void Less_is_none(int seconds)
    {
        var time = new RtpTimeUnwrapper(48_000);
        time.TryUnwrap(100_000_000, Start, out var before);
        Assert.True(time.TryUnwrap((uint)(100_000_000L + (seconds * 48_000L)), Start, out var after));
        Assert.Equal(seconds * 48_000, after - before);
    }
}
