using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Send;

/// <summary>Copies of sound for those who lose some, and not for those whose line is full.</summary>
public class RedundancyPolicyTests
{
    private const int SoundBitsPerSecond = 64_000;
    private RedundancyPolicy _policy;

    [Fact]
    public void Loss_brings_copies_which_stay_for_half_a_minute()
    {
        Report(second: 1, lost: 4);
        Assert.False(_policy.Decide(long.MaxValue));
        Report(second: 2, lost: 5);
        Assert.True(_policy.Decide(long.MaxValue));
        Report(second: 32, lost: 0);
        Assert.True(_policy.Decide(long.MaxValue));
        Report(second: 33, lost: 0);
        Assert.False(_policy.Decide(long.MaxValue));
    }

    [Fact]
    public void Two_copies_must_fit_beside_all_else()
    {
        Report(second: 1, lost: 0);
        Report(second: 2, lost: 20);
        Assert.True(_policy.Decide(2 * SoundBitsPerSecond));
        Assert.False(_policy.Decide((2 * SoundBitsPerSecond) - 1_000));
        Assert.False(_policy.Decide(-1));
    }

    private void Report(int second, byte lost) => _policy.OnReport(lost, second * SoundBitsPerSecond / 8, MonotonicTime.FromMilliseconds(100_000 + (second * 1000)));
}
