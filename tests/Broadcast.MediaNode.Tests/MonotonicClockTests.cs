using Broadcast.Rtc;

namespace Broadcast.MediaNode.Tests;

public class MonotonicClockTests
{
    private const long Wall = 1_700_000_000_000_000_000;

    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(50); // a preempted test, not the clock

    [Fact]
    public void Now_NeverGoesBack()
    {
        var last = MonotonicClock.Now();
        for (var i = 0; i < 10_000; i++)
        {
            var now = MonotonicClock.Now();
            Assert.True(now >= last);
            last = now;
        }
    }

    [Fact]
    public void FromKernel_StampOfNow_IsAboutNowAndNotLater()
    {
        var clock = new MonotonicClock();
        var stamp = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * 100;
        var now = MonotonicClock.Now();
        var mapped = clock.FromKernel(stamp, now);
        Assert.True(mapped <= now);
        Assert.True(now - mapped < Tolerance);
    }

    [Fact]
    public void FromKernel_OlderStamp_KeepsItsDistance()
    {
        var clock = new MonotonicClock(() => Wall);
        var now = MonotonicClock.Now();
        var first = clock.FromKernel(Wall - 3_000_000_000, now);
        var second = clock.FromKernel(Wall - 1_000_000_000, now);
        Assert.Equal(TimeSpan.FromSeconds(2), second - first);
    }

    [Theory]
    [InlineData(60_000_000_000)] // from the future
    [InlineData(-60_000_000_000)] // impossibly old
    public void FromKernel_AfterAStepOfTheWallClock_IsNow(long step)
    {
        var clock = new MonotonicClock(() => Wall);
        var now = MonotonicClock.Now();
        Assert.Equal(now, clock.FromKernel(Wall + step, now));
    }

    [Fact]
    public void FromKernel_OneSecondLater_LearnsTheNewOffset()
    {
        var wall = Wall;
        var clock = new MonotonicClock(() => wall);
        var start = MonotonicClock.Now();
        clock.FromKernel(Wall, start);
        wall += 3_600_000_000_000;

        var before = clock.FromKernel(wall - 1_000_000, start + TimeSpan.FromMilliseconds(999));
        Assert.Equal(start + TimeSpan.FromMilliseconds(999), before); // not credible yet: "now"

        var later = start + TimeSpan.FromSeconds(1);
        var after = clock.FromKernel(wall - 1_000_000, later);
        Assert.True(after < later);
        Assert.True(after > MonotonicTime.Zero);
    }
}
