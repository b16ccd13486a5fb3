using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Send;

/// <summary>Once per round trip, six times per packet, a fifth of the rate.</summary>
public class RetransmissionLimiterTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromMilliseconds(5_000);
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(80);

    private static MonotonicTime At(double milliseconds) => Start + TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public void Same_packet_is_granted_once_in_a_round_trip_from_the_second_time_on_twice_and_six_times_in_all()
    {
        var limiter = new RetransmissionLimiter();
        var granted = Enumerable.Range(0, 100).Select(i => (i, limiter.Grant(7, 1_000, 0, RoundTrip, At(i * 10)))).Where(each => each.Item2 > 0).ToArray();
        Assert.Equal([(0, 1), (8, 2), (16, 2), (24, 1)], granted);
    }

    [Fact]
    public void Different_packets_do_not_hinder_each_other()
    {
        var limiter = new RetransmissionLimiter();
        for (var sequence = 0; sequence < 60; sequence++) Assert.Equal(1, limiter.Grant(sequence, 1_000, 0, RoundTrip, At(0)));
        for (var sequence = 0; sequence < 60; sequence++) Assert.Equal(0, limiter.Grant(sequence, 1_000, 0, RoundTrip, At(1)));
    }

    [Fact]
    public void Budget_holds_a_keyframe_at_first_and_then_a_fifth_of_what_is_sent()
    {
        var limiter = new RetransmissionLimiter();
        var sequence = 0L;
        var granted = 0;
        while (limiter.Grant(sequence++, 1_000, 0, RoundTrip, At(0)) > 0) granted++;
        Assert.Equal(65, granted);

        granted = 0;
        for (var octets = 0L; octets <= 1_000_000; octets += 1_000)
        {
            if (limiter.Grant(sequence++, 1_000, octets, RoundTrip, At(0)) > 0) granted++;
        }

        Assert.InRange(granted, 195, 201);
    }

    [Fact]
    public void Small_steps_are_not_rounded_away()
    {
        var limiter = new RetransmissionLimiter();
        var sequence = 0L;
        while (limiter.Grant(sequence++, 1_000, 0, RoundTrip, At(0)) > 0)
        {
        }

        var granted = 0;
        for (var octets = 0L; octets <= 100_000; octets += 3)
        {
            if (limiter.Grant(sequence++, 100, octets, RoundTrip, At(0)) > 0) granted++;
        }

        Assert.InRange(granted, 190, 210);
    }

    [Fact]
    public void Silence_does_not_save_up_more_than_a_large_keyframe()
    {
        var limiter = new RetransmissionLimiter();
        limiter.Grant(0, 1, 0, RoundTrip, At(0));
        var granted = 0;
        var sequence = 1L;
        while (limiter.Grant(sequence++, 1_000, 1_000_000_000, RoundTrip, At(1)) > 0) granted++;
        Assert.Equal(262, granted);
    }
}
