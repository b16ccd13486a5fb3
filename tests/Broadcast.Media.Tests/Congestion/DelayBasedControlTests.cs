using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>From the delay of packets to the state of the network (draft-ietf-rmcat-gcc-02 §5).</summary>
public class DelayBasedControlTests
{
    private readonly DelayBasedControl _control = new(1_000_000, 30_000, 100_000_000);
    private double _now = 1000;
    private double _queue;

    [Fact]
    public void A_steady_delay_is_normal()
    {
        Send(400, 0);
        Assert.Equal(NetworkUsage.Normal, _control.Usage);
        Assert.True(_control.BitsPerSecond > 1_000_000);
    }

    [Fact]
    public void A_growing_queue_is_overuse_within_half_a_second_and_a_shrinking_one_underuse()
    {
        Send(100, 0);
        Send(40, 2);
        Assert.Equal(NetworkUsage.Overuse, _control.Usage);
        Assert.InRange(_control.BitsPerSecond, 600_000, 850_000);
        Send(40, -2);
        Assert.Equal(NetworkUsage.Underuse, _control.Usage);
        Send(100, 0);
        Assert.Equal(NetworkUsage.Normal, _control.Usage);
    }

    [Fact]
    public void A_capacity_that_falls_to_a_fifth_is_known_from_the_last_packets_and_its_queue_drained()
    {
        Send(300, 0); // 960 kbit/s
        Send(30, 40); // arriving 50 ms apart: 192 kbit/s
        Assert.InRange(_control.BitsPerSecond, 192_000 * 0.85 * 0.6 * 0.9, 192_000 * 1.2);
        Assert.True(_control.IsDraining);
    }

    /// <summary>A picture that needs a fifth of the estimate does not need the proof of more to be too large.</summary>
    [Fact]
    public void A_capacity_that_falls_is_known_also_where_it_was_not_used()
    {
        var control = new DelayBasedControl(5_000_000, 30_000, 100_000_000);
        Send(300, 0, control); // 960 kbit/s
        Assert.Equal(5_000_000, control.BitsPerSecond);
        Send(20, 40, control); // 192 kbit/s
        Assert.InRange(control.BitsPerSecond, 30_000, 600_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Jitter_that_comes_and_goes_is_no_overuse(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            _queue = random.NextDouble() * 5;
            Send(1, 0);
            Assert.NotEqual(NetworkUsage.Overuse, _control.Usage);
        }
    }

    [Fact]
    public void The_threshold_rises_with_the_ups_and_downs_of_others_and_falls_again()
    {
        var detector = new OveruseDetector();
        var deltas = new GroupDeltas(10, 10, 0);
        for (var i = 0; i < 2000; i++) detector.Update(i % 100 < 50 ? 0.08 : -0.08, deltas);
        Assert.InRange(detector.Threshold, 15, 20);
        for (var i = 0; i < 2000; i++) detector.Update(0, deltas);
        Assert.Equal(6, detector.Threshold);
    }

    [Fact]
    public void Packets_of_one_pacing_slot_and_of_one_burst_are_one_group()
    {
        var groups = new ArrivalGroups();
        Assert.False(Add(groups, 0, 0, out _));
        Assert.False(Add(groups, 4, 4, out _));
        Assert.False(Add(groups, 20, 60, out _)); // begins a second; there is none to compare the first with
        Assert.False(Add(groups, 40, 61, out _)); // caught up
        Assert.True(Add(groups, 60, 90, out var deltas));
        Assert.Equal(new GroupDeltas(36, 57, 200), deltas);
    }

    [Fact]
    public void Reordered_packets_and_clocks_that_jump_are_left_out()
    {
        var groups = new ArrivalGroups();
        Add(groups, 0, 0, out _);
        Add(groups, 20, 20, out _);
        Assert.False(Add(groups, 5, 25, out _)); // sent before the group
        Assert.True(Add(groups, 40, 10_040, out _));
        Assert.False(Add(groups, 60, 10_060, out _)); // the jump lies between complete groups now
        Assert.False(Add(groups, 80, 10_080, out _));
        Assert.False(Add(groups, 100, 10_100, out _));
        Assert.True(Add(groups, 120, 10_120, out var deltas));
        Assert.Equal(new GroupDeltas(20, 20, 100), deltas);
    }

    private static bool Add(ArrivalGroups groups, double sent, double arrived, out GroupDeltas deltas) => groups.TryAdd(
        new PacketResult(MonotonicTime.FromMilliseconds(sent), 100, 0, MonotonicTime.FromMilliseconds(arrived), true), MonotonicTime.FromMilliseconds(sent), out deltas);

    /// <summary>What looked like a queue ends at once: some machine had stood still.</summary>
    [Fact]
    public void A_fall_that_a_stall_led_to_is_taken_back_but_not_over_and_over()
    {
        Send(200, 0);
        var before = _control.BitsPerSecond;
        Send(30, 6);
        Assert.True(_control.BitsPerSecond < before * 0.8, "no fall");
        Stall();
        Assert.InRange(_control.BitsPerSecond, before * 0.85, before);
        Send(50, 0);
        Send(30, 6);
        var fallen = _control.BitsPerSecond;
        Stall();
        Assert.InRange(_control.BitsPerSecond, 0, fallen * 1.2);
    }

    /// <summary>Ten packets arrive together.</summary>
    private void Stall()
    {
        var arrival = _now + 500 + _queue + 100;
        for (var i = 0; i < 10; i++)
        {
            _now += 10;
            _control.Add(new PacketResult(MonotonicTime.FromMilliseconds(_now), 1200, 0, MonotonicTime.FromMilliseconds(arrival), true), MonotonicTime.FromMilliseconds(_now + 100));
        }

        _control.Update(900_000, null, false, false, MonotonicTime.FromMilliseconds(_now + 100));
        _queue = 0;
    }

    private void Send(int packets, double queuePerPacket) => Send(packets, queuePerPacket, _control, isApplicationLimited: false);

    private void Send(int packets, double queuePerPacket, DelayBasedControl control, bool isApplicationLimited = true)
    {
        for (var i = 0; i < packets; i++)
        {
            _now += 10;
            _queue += queuePerPacket;
            var now = MonotonicTime.FromMilliseconds(_now + 100);
            control.Add(new PacketResult(MonotonicTime.FromMilliseconds(_now), 1200, 0, MonotonicTime.FromMilliseconds(_now + 500 + _queue), true), now);
            if (i % 10 == 9) control.Update(900_000, null, isApplicationLimited, false, now);
        }
    }
}
