using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>When what is sent says nothing about what could be.</summary>
public class ApplicationLimitTests
{
    private const long Target = 2_000_000;

    private readonly ApplicationLimit _limit = new() { TargetBitsPerSecond = Target };
    private MonotonicTime _now = MonotonicTime.FromMilliseconds(77_777);

    /// <summary>Sends a share of the target in steps of 10 ms, and says after how many seconds the state changed first.</summary>
    private double SendUntilChange(double share, double seconds)
    {
        var before = _limit.IsLimited;
        for (var i = 1; i <= seconds * 100; i++)
        {
            _now += TimeSpan.FromMilliseconds(10);
            _limit.OnSent((int)(share * Target / 8 / 100), _now);
            if (_limit.IsLimited != before) return i / 100.0;
        }

        return double.PositiveInfinity;
    }

    [Theory]
    [InlineData(1.2)]
    [InlineData(1.0)]
    [InlineData(0.7)]
    public void Who_uses_more_than_two_thirds_of_the_target_is_not_limited(double share)
    {
        Assert.Equal(double.PositiveInfinity, SendUntilChange(share, 60));
        Assert.False(_limit.IsLimited);
    }

    [Fact]
    public void The_less_is_used_the_sooner_the_region_begins()
    {
        // The budget of half a second at 65 % is 80 % saved when (0.65 − share) · t = 0.8 · 0.5 · 0.65.
        Assert.InRange(SendUntilChange(0.4, 10), 1.00, 1.10);
        _limit.Reset();
        Assert.InRange(SendUntilChange(0.1, 10), 0.45, 0.55);
    }

    [Fact]
    public void It_ends_when_half_of_what_was_saved_is_used_and_not_before()
    {
        SendUntilChange(0, 10);
        SendUntilChange(0, 10);
        Assert.True(_limit.IsLimited);
        Assert.InRange(SendUntilChange(1, 10), 0.40, 0.55);
        Assert.False(_limit.IsLimited);
    }

    [Fact]
    public void Silence_counts_when_time_is_let_pass()
    {
        SendUntilChange(1, 5);
        _limit.OnSent(0, _now + TimeSpan.FromSeconds(3));
        Assert.True(_limit.IsLimited);
    }

    [Fact]
    public void A_target_that_fell_to_what_is_sent_ends_it()
    {
        SendUntilChange(0.3, 10);
        Assert.True(_limit.IsLimited);
        _limit.TargetBitsPerSecond = Target * 3 / 10;
        Assert.InRange(SendUntilChange(0.3, 10), 0, 0.6);
    }

    [Fact]
    public void Without_a_target_nothing_is_said()
    {
        var limit = new ApplicationLimit();
        for (var i = 0; i < 100; i++) limit.OnSent(0, _now + TimeSpan.FromSeconds(i));
        Assert.False(limit.IsLimited);
    }
}
