using Broadcast.Media.Congestion;
using Broadcast.Media.Send;
using Broadcast.Media.Tests.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Send;

/// <summary>The pace toward one viewer, what repairs may take of it, and the rate of probes.</summary>
public class PacedTransportTests
{
    private const int PacketBytes = 1000;
    private readonly PacedTransport _transport = new(new SendSideEstimator());
    private MonotonicTime _now = MonotonicTime.FromMilliseconds(50_000);

    [Fact]
    public void Burst_is_what_five_milliseconds_bring_and_then_time_earns_more()
    {
        Measure();
        var pace = _transport.Estimator.PacingBitsPerSecond;
        Assert.Equal(pace, _transport.BitsPerSecond);
        Wait(1000);
        var burst = Burst();
        Assert.InRange(burst, pace / 8 * 0.005, (pace / 8 * 0.005) + PacketBytes);
        Wait(2);
        Assert.InRange(Burst(), pace / 8 * 0.002 - PacketBytes, (pace / 8 * 0.002) + PacketBytes);
    }

    [Fact]
    public void Sound_takes_nothing_from_video()
    {
        Measure();
        Wait(1000);
        for (var i = 0; i < 100; i++) _transport.OnSent(PacketBytes, isPaced: false, _now);
        Assert.True(_transport.HasBudget);
    }

    [Fact]
    public void Chosen_quality_is_sent_whatever_the_estimate()
    {
        Measure();
        _transport.ChosenBitsPerSecond = 100_000_000;
        Assert.InRange(_transport.BitsPerSecond, 110_000_000, 200_000_000);
    }

    [Fact]
    public void Repairs_get_a_fifth_of_the_rate_and_those_from_before_a_keyframe_leave_half_of_it()
    {
        Measure();
        Wait(5000);
        var past = Repairs(isPast: true);
        var present = Repairs(isPast: false);
        Assert.InRange((double)past / present, 0.7, 1.4);
        Wait(1000);
        var perSecond = Repairs(isPast: false) * PacketBytes * 8;
        Assert.InRange(perSecond, _transport.Estimator.BitsPerSecond * 0.15, _transport.Estimator.BitsPerSecond * 0.21);
    }

    [Fact]
    public void Probe_follows_its_rate_and_ends_when_it_has_had_enough()
    {
        Measure();
        _transport.Process(_now);
        Assert.True(_transport.IsProbing);
        var goal = _transport.BitsPerSecond;
        var (bytes, began) = (0, _now);
        while (_transport.IsProbing)
        {
            _transport.Advance(_now);
            while (_transport.WantsPadding(_now)) bytes += Send();
            Wait(1);
        }

        var milliseconds = (_now - began).TotalMilliseconds;
        Assert.InRange(milliseconds, 14, 20);
        Assert.InRange(bytes * 8 / 0.015, goal * 0.9, goal * 1.3);
    }

    [Fact]
    public void Probe_that_finds_nothing_to_send_is_given_up()
    {
        Measure();
        _transport.Process(_now);
        Wait(1001);
        Assert.False(_transport.WantsPadding(_now));
        Assert.False(_transport.IsProbing);
    }

    /// <summary>A first feedback: the estimate counts from there on.</summary>
    private void Measure()
    {
        var arrivals = new List<(ushort, double)>();
        for (var i = 0; i < 10; i++)
        {
            arrivals.Add((_transport.SequenceNumber, (_now.Nanoseconds / 1e6) + 20));
            Send();
            Wait(10);
        }

        _transport.Estimator.OnTransportFeedback(FeedbackPacket.Parse(FeedbackPacket.Of([.. arrivals])), _now);
        Assert.True(_transport.Estimator.IsMeasured);
    }

    private int Send()
    {
        _transport.SequenceNumber++;
        _transport.OnSent(PacketBytes, isPaced: true, _now);
        return PacketBytes;
    }

    private int Burst()
    {
        var bytes = 0;
        while (_transport.HasBudget) bytes += Send();
        return bytes;
    }

    private int Repairs(bool isPast)
    {
        var repairs = 0;
        while (_transport.TryTakeRepair(PacketBytes, isPast, _now)) repairs++;
        return repairs;
    }

    private void Wait(double milliseconds)
    {
        _now += TimeSpan.FromMilliseconds(milliseconds);
        _transport.Advance(_now);
    }
}
