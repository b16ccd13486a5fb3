using Broadcast.Media.Congestion;
using Broadcast.Media.Tests.Congestion.Network;
using Broadcast.Rtc;
using Broadcast.Testing.Network;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>The rate that loss leaves: not less for loss that sending less would not cure, soon less for loss that it does.</summary>
public class LossBasedControlTests
{
    private const long ByDelay = 3_000_000;
    private const int Bytes = 1000;

    private readonly Random _random = new(4);
    private readonly PacketResult[] _results = new PacketResult[1000];
    private MonotonicTime _now = MonotonicTime.FromMilliseconds(88_888);

    /// <summary>Sends at the estimate, or at a rate of its own, and loses a share.</summary>
    private void Run(LossBasedControl control, double seconds, double loss, long byDelay = ByDelay, long? rate = null, bool isApplicationLimited = false)
    {
        for (var i = 0; i < seconds * 20; i++)
        {
            var sending = rate ?? control.BitsPerSecond;
            var count = (int)Math.Max(1, sending / 8 / Bytes / 20);
            for (var packet = 0; packet < count; packet++)
            {
                var at = _now + (TimeSpan.FromMilliseconds(50) * (packet / (double)count));
                _results[packet] = new PacketResult(at, Bytes, 0, at, _random.NextDouble() >= loss);
            }

            _now += TimeSpan.FromMilliseconds(50);
            control.Update(_results.AsSpan(0, count), byDelay, (long)(sending * (1 - loss)), isApplicationLimited, _now);
        }
    }

    [Fact]
    public void Without_loss_delay_decides()
    {
        var control = new LossBasedControl(1_000_000);
        Run(control, 10, 0);
        Assert.Equal(ByDelay, control.BitsPerSecond);
        Assert.False(control.IsLimiting);
        Run(control, 0.05, 0, byDelay: 2_000_000);
        Assert.Equal(2_000_000, control.BitsPerSecond);
        Run(control, 10, 0, byDelay: 6_000_000);
        Assert.Equal(6_000_000, control.BitsPerSecond);
    }

    [Fact]
    public void Nothing_is_said_before_three_observations()
    {
        var control = new LossBasedControl(1_000_000);
        Run(control, 0.7, 0.5);
        Assert.Equal(ByDelay, control.BitsPerSecond);
        Assert.False(control.IsLimiting);
        Run(control, 1.5, 0.5);
        Assert.True(control.BitsPerSecond < ByDelay);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.02)]
    [InlineData(0.04)]
    [InlineData(0.08)]
    public void Loss_that_the_path_always_has_does_not_lower_it(double loss)
    {
        var control = new LossBasedControl(ByDelay);
        Run(control, 60, loss);
        Assert.InRange(control.BitsPerSecond, ByDelay * 9 / 10, ByDelay);
    }

    [Theory]
    [InlineData(0.15, 1_000_000, 2_800_000)]
    [InlineData(0.30, 50_000, 500_000)]
    public void Much_loss_lowers_it_and_forbids_probes(double loss, long least, long most)
    {
        var control = new LossBasedControl(ByDelay);
        Run(control, 5, 0);
        Run(control, 20, loss);
        Assert.InRange(control.BitsPerSecond, least, most);
        Assert.True(control.IsLimiting);
        Assert.InRange(control.AverageLoss, loss * 0.6, loss * 1.4);
    }

    [Fact]
    public void It_does_not_fall_below_what_arrives()
    {
        var control = new LossBasedControl(ByDelay);
        Run(control, 5, 0);
        Run(control, 5, 0.4, rate: 2_500_000);
        Assert.InRange(control.BitsPerSecond, 1_500_000, 1_600_000);
    }

    [Fact]
    public void Losing_everything_leaves_the_floor()
    {
        var control = new LossBasedControl(ByDelay);
        Run(control, 60, 1);
        Assert.InRange(control.BitsPerSecond, LossBasedControl.MinBitsPerSecond, 150_000);
    }

    [Fact]
    public void When_the_loss_is_over_it_comes_back_in_seconds()
    {
        var control = new LossBasedControl(ByDelay);
        Run(control, 5, 0);
        Run(control, 10, 0.3);
        var low = control.BitsPerSecond;
        Run(control, 2, 0);
        Assert.True(control.BitsPerSecond < ByDelay, "not at once");
        Run(control, 13, 0);
        Assert.True(low < ByDelay / 2);
        Assert.Equal(ByDelay, control.BitsPerSecond);
        Assert.False(control.IsLimiting);
    }

    [Fact]
    public void Who_sends_little_is_not_lowered_to_that()
    {
        var control = new LossBasedControl(ByDelay);
        Run(control, 60, 0.02, rate: 400_000, isApplicationLimited: true);
        Assert.InRange(control.BitsPerSecond, ByDelay * 9 / 10, ByDelay);
    }

    [Fact]
    public void Who_sends_little_after_a_loss_may_soon_probe_and_a_probe_brings_it_back()
    {
        var control = new LossBasedControl(ByDelay);
        Run(control, 5, 0);
        Run(control, 5, 0.3);
        Run(control, 10, 0, rate: 160_000, isApplicationLimited: true);
        Assert.False(control.IsLimiting);
        Assert.InRange(control.BitsPerSecond, 0, ByDelay / 2);
        control.OnProbeResult(ByDelay);
        Run(control, 1, 0, rate: 160_000, isApplicationLimited: true);
        Assert.Equal(ByDelay, control.BitsPerSecond);
    }

    [Fact]
    public void A_probe_that_got_through_is_believed_unless_loss_limits()
    {
        var control = new LossBasedControl(ByDelay);
        Run(control, 5, 0);
        control.OnProbeResult(8_000_000);
        Run(control, 0.5, 0, byDelay: 8_000_000);
        Assert.Equal(8_000_000, control.BitsPerSecond);

        Run(control, 10, 0.3, byDelay: 8_000_000);
        var limited = control.BitsPerSecond;
        Assert.True(control.IsLimiting);
        control.OnProbeResult(8_000_000);
        Run(control, 0.5, 0.3, byDelay: 8_000_000);
        Assert.InRange(control.BitsPerSecond, 0, limited * 2);
    }

    [Fact]
    public void Another_network_begins_anew()
    {
        var control = new LossBasedControl(ByDelay);
        Run(control, 20, 0.4);
        control.Reset(2_000_000);
        Assert.Equal(2_000_000, control.BitsPerSecond);
        Assert.Equal(0, control.AverageLoss);
        Assert.False(control.IsLimiting);
        Run(control, 3, 0);
        Assert.Equal(ByDelay, control.BitsPerSecond);
    }

    [Fact]
    public void Nonsense_does_no_harm()
    {
        var control = new LossBasedControl(ByDelay);
        PacketResult[] odd =
        [
            new(new MonotonicTime(long.MinValue / 4), 0, 0, default, false),
            new(new MonotonicTime(long.MaxValue / 4), 0, 0, default, true),
            new(_now, int.MaxValue, 0, default, false),
        ];
        for (var i = 0; i < 100; i++)
        {
            control.Update([], -5, -5, false, _now);
            control.Update(odd, long.MaxValue, long.MaxValue / 2, i % 2 == 0, _now);
            control.Update(odd.AsSpan(2), 0, 0, false, _now + TimeSpan.FromSeconds(i));
            Assert.True(control.BitsPerSecond >= LossBasedControl.MinBitsPerSecond);
        }
    }

    [Fact]
    public void Nothing_is_allocated_and_all_of_it_is_small()
    {
        // The tables that all viewers share and the compiled code are not this viewer's.
        Run(new LossBasedControl(ByDelay), 2, 0.1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var control = new LossBasedControl(ByDelay);
        var probes = new ProbeController();
        var measurements = new ProbeBitrateEstimator();
        var limit = new ApplicationLimit();
        var size = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(size, 1, 2_048);

        before = GC.GetAllocatedBytesForCurrentThread();
        Run(control, 30, 0.1);
        probes.Start(1_000_000, _now);
        while (probes.TryTake(_now, out var probe)) measurements.Begin(probe);
        measurements.TryAdd(_results[0] with { ProbeCluster = 1 }, out _);
        limit.TargetBitsPerSecond = 1_000_000;
        limit.OnSent(1_000, _now);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Behind_a_policer_it_settles_near_the_policed_rate()
    {
        var scenario = new CongestionScenario(0);
        scenario.Link.Policer = new Policer(1_500_000, 20_000);
        var control = new LossOnlyControl(2_500_000, 6_000_000);
        var flow = scenario.AddFlow(control);
        scenario.Run(60);
        Assert.InRange(flow.Trace.MeanReceived(20, 60), 1_000_000, 1_510_000);
        Assert.InRange(flow.Trace.MeanTarget(20, 60), 1_000_000, 2_000_000);
        Assert.InRange(scenario.Link.Policed / (double)scenario.Link.Sent, 0, 0.25);
    }

    [Fact]
    public void Bursts_of_loss_do_not_keep_it_down()
    {
        var scenario = new CongestionScenario(0);
        scenario.Link.Bursts = new GilbertLoss(0.005, 0.3);
        var flow = scenario.AddFlow(new LossOnlyControl(2_500_000, 2_500_000));
        scenario.Run(60);
        Assert.True(scenario.Link.Lost > 0);
        Assert.InRange(flow.Trace.MeanTarget(5, 60), 2_000_000, 2_500_000);
    }
}
