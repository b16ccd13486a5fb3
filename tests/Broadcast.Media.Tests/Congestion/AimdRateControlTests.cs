using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>draft-ietf-rmcat-gcc-02 §5.5.</summary>
public class AimdRateControlTests
{
    private const long Min = 30_000;
    private readonly AimdRateControl _rate = new(1_000_000, Min, 100_000_000);
    private double _now = 10_000;

    [Fact]
    public void It_grows_eight_percent_a_second()
    {
        var rate = new AimdRateControl(5_000_000, Min, 100_000_000);
        for (var i = 0; i <= 100; i++) rate.Update(NetworkUsage.Normal, 20_000_000, false, MonotonicTime.FromMilliseconds(_now + (i * 100)));
        Assert.InRange(rate.BitsPerSecond, 10_600_000, 10_800_000);
    }

    [Fact]
    public void It_does_not_grow_beyond_what_arrivals_prove()
    {
        Run(NetworkUsage.Normal, 60_000, 1_000_000);
        Assert.Equal(1_510_000, _rate.BitsPerSecond);
    }

    [Fact]
    public void It_does_not_grow_while_less_is_sent_than_it_allows()
    {
        Run(NetworkUsage.Normal, 60_000, 1_000_000, isApplicationLimited: true);
        Assert.Equal(1_000_000, _rate.BitsPerSecond);
    }

    [Fact]
    public void Overuse_lowers_it_below_what_arrives_once_per_round_trip()
    {
        _rate.OnRoundTrip(TimeSpan.FromMilliseconds(150));
        Step(NetworkUsage.Normal, 900_000);
        _now += 200;
        Step(NetworkUsage.Overuse, 900_000);
        Assert.Equal((900_000 * 85 / 100) - 5_000, _rate.BitsPerSecond);
        _now += 100;
        Step(NetworkUsage.Overuse, 700_000);
        Assert.Equal((900_000 * 85 / 100) - 5_000, _rate.BitsPerSecond);
        _now += 50;
        Step(NetworkUsage.Overuse, 700_000);
        Assert.Equal((700_000 * 85 / 100) - 5_000, _rate.BitsPerSecond);
    }

    [Fact]
    public void When_far_less_arrives_it_does_not_wait_and_believes_it_in_steps()
    {
        Step(NetworkUsage.Normal, 900_000);
        _now += 1;
        Step(NetworkUsage.Overuse, 300_000);
        Assert.Equal(600_000, _rate.BitsPerSecond);
        _now += 1;
        Step(NetworkUsage.Overuse, 300_000);
        Assert.Equal(250_000, _rate.BitsPerSecond);
    }

    [Fact]
    public void What_arrives_while_little_is_sent_is_not_what_the_link_carries()
    {
        _rate.Update(NetworkUsage.Overuse, 100_000, isApplicationLimited: true, MonotonicTime.FromMilliseconds(_now));
        Assert.Equal((1_000_000 * 85 / 100) - 5_000, _rate.BitsPerSecond);
    }

    [Fact]
    public void Overuse_before_anything_was_measured_halves_it()
    {
        Step(NetworkUsage.Overuse, null);
        Assert.Equal(500_000, _rate.BitsPerSecond);
    }

    [Fact]
    public void While_the_queue_drains_it_waits()
    {
        Run(NetworkUsage.Underuse, 5_000, 1_000_000);
        Assert.Equal(1_000_000, _rate.BitsPerSecond);
    }

    [Fact]
    public void Once_the_link_was_full_it_grows_by_packets_per_response_time_until_far_more_arrives()
    {
        _rate.OnRoundTrip(TimeSpan.FromMilliseconds(100));
        _rate.Set(5_000_000, MonotonicTime.FromMilliseconds(_now));
        Run(NetworkUsage.Normal, 1_000, 5_000_000);
        Run(NetworkUsage.Overuse, 1, 5_000_000);
        var low = _rate.BitsPerSecond;
        Run(NetworkUsage.Normal, 2_000, 5_000_000);
        var slow = _rate.BitsPerSecond - low;
        Assert.InRange(slow, 250_000, 300_000); // 3 × 9,600 bits in 200 ms
        Run(NetworkUsage.Normal, 2_000, 8_000_000);
        Assert.InRange(_rate.BitsPerSecond - low - slow, 650_000, 800_000); // 8 % a second
    }

    [Fact]
    public void It_stays_above_its_least_whatever_arrives()
    {
        Run(NetworkUsage.Overuse, 60_000, 0);
        Assert.Equal(Min, _rate.BitsPerSecond);
        Run(NetworkUsage.Normal, 60_000, long.MaxValue / 4);
        Assert.True(_rate.BitsPerSecond > Min);
    }

    private void Run(NetworkUsage usage, double milliseconds, long acknowledged, bool isApplicationLimited = false)
    {
        for (var end = _now + milliseconds; _now < end; _now += 100) Step(usage, acknowledged, isApplicationLimited);
    }

    private void Step(NetworkUsage usage, long? acknowledged, bool isApplicationLimited = false) =>
        _rate.Update(usage, acknowledged, isApplicationLimited, MonotonicTime.FromMilliseconds(_now));
}
