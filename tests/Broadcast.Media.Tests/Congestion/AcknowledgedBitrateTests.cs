using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>What arrives, from when packets arrived.</summary>
public class AcknowledgedBitrateTests
{
    private readonly AcknowledgedBitrate _bitrate = new();
    private double _now = 1000;

    private long? Estimate => _bitrate.At(MonotonicTime.FromMilliseconds(_now));

    [Fact]
    public void When_nothing_arrives_for_a_second_it_knows_nothing()
    {
        Receive(2000, 1_000_000);
        _now += 900;
        Assert.NotNull(Estimate);
        _now += 200;
        Assert.Null(Estimate);
    }

    [Fact]
    public void It_measures_a_steady_rate_after_half_a_second()
    {
        Receive(490, 1_000_000);
        Assert.Null(Estimate);
        Receive(2000, 1_000_000);
        Assert.InRange(Estimate!.Value, 950_000, 1_050_000);
    }

    [Fact]
    public void It_follows_a_fall_within_two_seconds()
    {
        Receive(5000, 3_000_000);
        Receive(2000, 600_000);
        Assert.InRange(Estimate!.Value, 500_000, 900_000);
    }

    [Fact]
    public void It_follows_faster_when_there_is_more_to_send_than_before()
    {
        Receive(5000, 500_000);
        var other = new AcknowledgedBitrateTests();
        other.Receive(5000, 500_000);
        other._bitrate.ExpectChange(MonotonicTime.FromMilliseconds(other._now));
        Receive(300, 2_000_000);
        other.Receive(300, 2_000_000);
        Assert.True(other.Estimate > Estimate, $"{other.Estimate} against {Estimate}");
    }

    [Fact]
    public void A_pause_is_not_taken_for_a_slow_network()
    {
        Receive(5000, 1_000_000);
        var before = Estimate;
        _now += 60_000;
        Receive(1000, 1_000_000);
        Assert.InRange(Estimate!.Value, before!.Value * 0.9, before.Value * 1.1);
    }

    [Fact]
    public void Times_that_go_back_or_stand_still_do_not_break_it()
    {
        Receive(5000, 1_000_000);
        _now = 0;
        Receive(5000, 1_000_000);
        for (var i = 0; i < 1000; i++) Add(1000);
        _now = 1e9;
        Receive(2000, 1_000_000);
        Assert.InRange(Estimate!.Value, 900_000, 1_100_000);
    }

    private void Receive(double milliseconds, double bitsPerSecond)
    {
        var interval = 1000 * 8 / (bitsPerSecond / 1000);
        for (var end = _now + milliseconds; _now < end; _now += interval) Add(1000);
    }

    private void Add(int bytes)
    {
        var now = MonotonicTime.FromMilliseconds(_now);
        _bitrate.Add(new PacketResult(now, bytes, 0, now, true), now);
    }
}
