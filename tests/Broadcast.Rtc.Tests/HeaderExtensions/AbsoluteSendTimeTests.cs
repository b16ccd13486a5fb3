using Broadcast.Rtc.HeaderExtensions;
using CsCheck;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

public class AbsoluteSendTimeTests
{
    [Fact]
    public void Seconds_are_6_18_fixed_point_and_wrap_at_64()
    {
        Assert.Equal(1u << 18, AbsoluteSendTime.From(MonotonicTime.FromMilliseconds(1000)));
        Assert.Equal(1u << 17, AbsoluteSendTime.From(MonotonicTime.FromMilliseconds(64_500)));
        Assert.Equal(0xFFFFFFu, AbsoluteSendTime.From(new MonotonicTime(-1)));
    }

    [Fact]
    public void Differences_survive_the_wrap_within_a_tick() =>
        Gen.Select(Gen.Long[0, 1L << 60], Gen.Long[-31_000_000_000, 31_000_000_000]).Sample((start, step) =>
        {
            var difference = AbsoluteSendTime.DifferenceNanoseconds(
                AbsoluteSendTime.From(new MonotonicTime(start)), AbsoluteSendTime.From(new MonotonicTime(start + step)));
            return Math.Abs(difference - step) <= 4_000;
        });
}
