using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>When the network is asked for more, and for how much.</summary>
public class ProbeControllerTests
{
    private const long Estimate = 1_000_000;

    private readonly ProbeController _probes = new();
    private MonotonicTime _now = MonotonicTime.FromMilliseconds(55_555);

    /// <summary>Lets time pass in steps of 50 ms, and returns the goals of the probes that were made.</summary>
    private List<long> Run(double seconds, Action? each = null)
    {
        var goals = Take();
        for (var i = 0; i < seconds * 20; i++)
        {
            _now += TimeSpan.FromMilliseconds(50);
            each?.Invoke();
            _probes.Process(_now);
            goals.AddRange(Take());
        }

        return goals;
    }

    private List<long> Take()
    {
        List<long> goals = [];
        while (_probes.TryTake(_now, out var probe)) goals.Add(probe.BitsPerSecond);
        return goals;
    }

    /// <summary>A viewer whose first probes brought nothing.</summary>
    private void Settle(long estimate = Estimate)
    {
        _probes.Start(estimate, _now);
        _probes.OnEstimate(estimate, false, _now);
        Run(10);
    }

    [Fact]
    public void It_starts_with_three_and_six_times_the_assumed_rate()
    {
        _probes.Start(Estimate, _now);
        Assert.True(_probes.TryTake(_now, out var first));
        Assert.True(_probes.TryTake(_now, out var second));
        Assert.False(_probes.TryTake(_now, out _));
        Assert.Equal((3 * Estimate, 6 * Estimate), (first.BitsPerSecond, second.BitsPerSecond));
        Assert.True(first.Id > 0 && second.Id == first.Id + 1);
        Assert.Equal((5, 5_625, TimeSpan.FromMilliseconds(15)), (first.MinPackets, first.MinBytes, first.MinDuration));
    }

    [Fact]
    public void It_goes_on_with_twice_the_result_while_a_goal_is_reached()
    {
        _probes.Start(Estimate, _now);
        Run(0.1);
        _probes.OnEstimate(3 * Estimate, false, _now);
        Assert.Empty(Run(0.1));
        _probes.OnEstimate(43 * Estimate / 10, false, _now);
        Assert.Equal([86 * Estimate / 10], Run(0.1));
        _probes.OnEstimate(6 * Estimate, false, _now);
        Assert.Empty(Run(0.1));
        _probes.OnEstimate(61 * Estimate / 10, false, _now);
        Assert.Equal([122 * Estimate / 10], Run(0.1));
    }

    [Fact]
    public void A_result_that_comes_after_a_second_leads_to_nothing()
    {
        _probes.Start(Estimate, _now);
        Run(1.1);
        _probes.OnEstimate(6 * Estimate, false, _now);
        Assert.Empty(Run(5));
    }

    [Fact]
    public void The_second_to_wait_begins_when_the_probe_is_taken()
    {
        _probes.Start(Estimate, _now);
        _now += TimeSpan.FromMilliseconds(800);
        _probes.Process(_now);
        Assert.Equal(2, Take().Count);
        _now += TimeSpan.FromMilliseconds(800);
        _probes.Process(_now);
        _probes.OnEstimate(6 * Estimate, false, _now);
        Assert.Equal([12 * Estimate], Take());
    }

    [Fact]
    public void A_probe_that_nobody_takes_is_given_up()
    {
        _probes.Start(Estimate, _now);
        _now += TimeSpan.FromMilliseconds(1_100);
        _probes.Process(_now);
        Assert.False(_probes.HasPending);
    }

    [Fact]
    public void Nothing_is_asked_above_the_ceiling_and_nothing_after_it()
    {
        _probes.MaxBitsPerSecond = 4 * Estimate;
        _probes.Start(Estimate, _now);
        Assert.Equal([3 * Estimate, 4 * Estimate], Run(0.1));
        _probes.OnEstimate(4 * Estimate, false, _now);
        _probes.OnApplicationLimited(true, _now);
        Assert.Empty(Run(20));

        _probes.Reset();
        _probes.MaxBitsPerSecond = 2 * Estimate;
        _probes.Start(Estimate, _now);
        Assert.Equal([2 * Estimate], Run(0.1));
    }

    [Fact]
    public void While_application_limited_twice_the_estimate_is_tried_every_five_seconds()
    {
        Settle();
        _probes.OnApplicationLimited(true, _now);
        Assert.Empty(Run(4.9));
        Assert.Equal([2 * Estimate], Run(0.2));
        Assert.Empty(Run(4.8));
        Assert.Equal([2 * Estimate, 2 * Estimate], Run(10));
        _probes.OnApplicationLimited(false, _now);
        Assert.Empty(Run(20));
    }

    [Fact]
    public void Saying_again_that_it_is_limited_does_not_put_off_the_probe()
    {
        Settle();
        Assert.Single(Run(5.5, () => _probes.OnApplicationLimited(true, _now)));
    }

    [Fact]
    public void It_need_not_be_called_before_it_says()
    {
        Settle();
        _probes.OnApplicationLimited(true, _now);
        var next = _probes.Process(_now);
        Assert.Equal(_now + ProbeController.ApplicationLimitedInterval, next);
        _now = next;
        next = _probes.Process(_now);
        Assert.Single(Take());
        Assert.True(next > _now && next < _now + TimeSpan.FromSeconds(2));
        _probes.OnApplicationLimited(false, _now);
        Assert.Equal(MonotonicTime.Never, _probes.Process(next + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Loss_that_limits_forbids_all_and_withdraws_what_waits()
    {
        _probes.Start(Estimate, _now);
        _probes.OnEstimate(Estimate, true, _now);
        _probes.OnApplicationLimited(true, _now);
        Assert.Empty(Run(20, () => _probes.Request(2 * Estimate, _now)));
        _probes.OnEstimate(Estimate, false, _now);
        Assert.NotEmpty(Run(0.2, () => _probes.Request(2 * Estimate, _now)));
    }

    [Fact]
    public void A_request_is_tried_at_once_after_five_seconds_and_then_every_ten()
    {
        Settle();
        List<double> at = [];
        for (var i = 0; i < 100 * 20; i++)
        {
            if (Run(0.05, () => _probes.Request(15 * Estimate / 10, _now)) is [15 * Estimate / 10]) at.Add(i / 20.0);
        }

        Assert.Equal([0, 5, 15, 25, 35, 45, 55, 65, 75, 85, 95], at.Select(second => (int)Math.Round(second)));
    }

    [Fact]
    public void A_request_that_was_granted_lets_the_next_one_come_at_once()
    {
        Settle();
        Run(3, () => _probes.Request(15 * Estimate / 10, _now));
        _probes.OnEstimate(15 * Estimate / 10, false, _now);
        Assert.Equal([2 * Estimate], Run(0.1, () => _probes.Request(2 * Estimate, _now)));
    }

    [Fact]
    public void A_request_far_above_the_estimate_is_reached_in_steps()
    {
        Settle();
        Assert.Equal([2 * Estimate], Run(0.1, () => _probes.Request(5 * Estimate, _now)));
        _probes.OnEstimate(2 * Estimate, false, _now);
        Assert.Equal([4 * Estimate], Run(0.1));
    }

    [Fact]
    public void What_fits_already_is_not_asked_for()
    {
        Settle();
        Assert.Empty(Run(20, () => _probes.Request(Estimate, _now)));
    }

    [Fact]
    public void After_a_large_drop_the_rate_from_before_is_tried_once_the_estimate_grows_again()
    {
        Settle(4 * Estimate);
        foreach (var rate in new[] { 25, 20, 10 })
        {
            _probes.OnEstimate(rate * Estimate / 10, false, _now);
            Assert.Empty(Run(0.5));
        }

        _probes.OnEstimate(11 * Estimate / 10, false, _now);
        Assert.Equal([34 * Estimate / 10], Run(1));
        _probes.OnEstimate(12 * Estimate / 10, false, _now);
        Assert.Empty(Run(1));
    }

    [Fact]
    public void A_small_drop_or_one_of_long_ago_is_not_tried()
    {
        Settle(4 * Estimate);
        _probes.OnEstimate(3 * Estimate, false, _now);
        _probes.OnEstimate(31 * Estimate / 10, false, _now);
        Assert.Empty(Run(1));

        _probes.OnEstimate(Estimate, false, _now);
        Run(11);
        _probes.OnEstimate(11 * Estimate / 10, false, _now);
        Assert.Empty(Run(1));
    }

    [Fact]
    public void Numbers_of_probes_go_on_after_a_reset()
    {
        _probes.Start(Estimate, _now);
        _probes.TryTake(_now, out var before);
        _probes.Reset();
        Assert.False(_probes.HasPending);
        _probes.Start(Estimate, _now);
        _probes.TryTake(_now, out var after);
        Assert.True(after.Id > before.Id);
    }
}
