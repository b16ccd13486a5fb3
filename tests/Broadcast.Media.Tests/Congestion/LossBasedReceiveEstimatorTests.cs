using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>What publishers without transport-cc are told (draft-ietf-rmcat-gcc-02 §6).</summary>
public class LossBasedReceiveEstimatorTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromMilliseconds(5_000);

    private static void Run(LossBasedReceiveEstimator estimator, int from, int seconds, double loss, Func<long> received)
    {
        for (var i = 0; i < seconds; i++) estimator.Update((byte)(loss * 256), received(), Start + TimeSpan.FromSeconds(from + i));
    }

    [Fact]
    public void Without_loss_it_grows_eight_percent_a_second_to_its_limit()
    {
        var estimator = new LossBasedReceiveEstimator(1_000_000, 8_000_000);
        Run(estimator, 0, 11, 0, () => estimator.BitsPerSecond);
        Assert.InRange(estimator.BitsPerSecond, 2_100_000, 2_200_000);
        Run(estimator, 11, 100, 0, () => estimator.BitsPerSecond);
        Assert.Equal(8_000_000, estimator.BitsPerSecond);
    }

    [Fact]
    public void It_does_not_promise_what_was_never_measured()
    {
        var estimator = new LossBasedReceiveEstimator(1_000_000, 8_000_000);
        Run(estimator, 0, 100, 0, () => 700_000);
        Assert.InRange(estimator.BitsPerSecond, 1_300_000, 1_400_000);
    }

    [Fact]
    public void Loss_between_two_and_ten_percent_holds_it()
    {
        var estimator = new LossBasedReceiveEstimator(1_000_000, 8_000_000);
        Run(estimator, 0, 50, 0.05, () => estimator.BitsPerSecond);
        Assert.Equal(1_000_000, estimator.BitsPerSecond);
    }

    [Fact]
    public void Loss_above_ten_percent_lowers_it_by_half_of_the_loss_down_to_a_floor()
    {
        var estimator = new LossBasedReceiveEstimator(1_000_000, 8_000_000);
        Run(estimator, 0, 1, 0.25, () => 1_000_000);
        Assert.Equal(875_000, estimator.BitsPerSecond);
        Run(estimator, 1, 100, 0.5, () => 1_000_000);
        Assert.Equal(LossBasedReceiveEstimator.MinBitsPerSecond, estimator.BitsPerSecond);
    }

    [Fact]
    public void Limit_below_floor_and_start_wins()
    {
        var estimator = new LossBasedReceiveEstimator(2_500_000, 100_000);
        Assert.Equal(100_000, estimator.BitsPerSecond);
        Run(estimator, 0, 50, 0, () => 10_000_000);
        Assert.Equal(100_000, estimator.BitsPerSecond);
        Run(estimator, 50, 50, 0.9, () => 10_000_000);
        Assert.Equal(100_000, estimator.BitsPerSecond);
    }
}
