using Broadcast.Media.Congestion;
using Broadcast.Media.Tests.Congestion.Network;
using Broadcast.Rtc;
using Broadcast.Testing.Network;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>The virtual network has the capacity, delay and loss that it claims, and its peers send and report as they should.</summary>
public class NetworkTests
{
    /// <summary>Sends packets of 1,250 bytes, so that 100 of them in a second are 1 Mb/s, and returns the delays of those that arrived.</summary>
    private static List<double> Load(CongestionScenario scenario, int packetsPerSecond, double seconds)
    {
        List<double> delays = [];
        for (var i = 0; i < packetsPerSecond * seconds; i++)
        {
            scenario.In((double)i / packetsPerSecond, () =>
            {
                var sent = scenario.Clock.Now;
                scenario.Link.Send(1_250, arrival => delays.Add((arrival - sent).TotalMilliseconds));
            });
        }

        scenario.Run(seconds + 2);
        return delays;
    }

    [Fact]
    public void An_idle_link_takes_its_delay_and_the_time_of_the_packet()
    {
        var scenario = new CongestionScenario(1_000_000) { Link = { Delay = TimeSpan.FromMilliseconds(40) } };
        var delays = Load(scenario, 50, 2);
        Assert.Equal(100, delays.Count);
        Assert.All(delays, delay => Assert.Equal(50, delay, 3));
    }

    [Fact]
    public void A_full_link_carries_its_capacity_and_lets_wait_as_long_as_allowed()
    {
        var scenario = new CongestionScenario(1_000_000) { Link = { MaxQueue = TimeSpan.FromMilliseconds(200) } };
        var delays = Load(scenario, 200, 20);
        Assert.InRange(delays.Count, 2_000, 2_000 + 25);
        Assert.InRange(delays.Max(), 25 + 200, 25 + 200 + 30);
        Assert.Equal(4_000 - delays.Count, scenario.Link.Overflowed);
    }

    [Fact]
    public void Capacity_changes_from_the_next_packet_on()
    {
        var scenario = new CongestionScenario(2_000_000) { Link = { MaxQueue = TimeSpan.FromSeconds(10) } };
        var arrived = 0;
        for (var i = 0; i < 400; i++) scenario.Link.Send(1_250, _ => arrived++);
        scenario.Run(1);
        scenario.Link.BitsPerSecond = 500_000;
        scenario.Run(0.025);
        Assert.Equal(200, arrived, 2.0);
        scenario.Run(1);
        Assert.Equal(250, arrived, 2.0);
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.2)]
    public void Random_loss_is_as_frequent_as_said(double loss)
    {
        var scenario = new CongestionScenario(0) { Link = { Loss = loss } };
        var delays = Load(scenario, 1_000, 20);
        Assert.InRange(1 - (delays.Count / 20_000.0), loss * 0.85, loss * 1.15);
        Assert.Equal(20_000 - delays.Count, scenario.Link.Lost);
    }

    [Fact]
    public void Loss_in_bursts_has_the_share_and_the_length_of_its_model()
    {
        var scenario = new CongestionScenario(0) { Link = { Bursts = new GilbertLoss(0.01, 0.25) } };
        int bursts = 0, lost = 0;
        var wasLost = false;
        for (var i = 0; i < 50_000; i++)
        {
            var isLost = !scenario.Link.Send(1_250, static _ => { });
            if (isLost) lost++;
            if (isLost && !wasLost) bursts++;
            wasLost = isLost;
        }

        Assert.InRange(lost / 50_000.0, 0.030, 0.047);
        Assert.InRange((double)lost / bursts, 3.5, 4.5);
    }

    [Fact]
    public void Jitter_delays_and_keeps_the_order()
    {
        var scenario = new CongestionScenario(0) { Link = { Jitter = TimeSpan.FromMilliseconds(30) } };
        List<int> order = [];
        for (var i = 0; i < 1_000; i++)
        {
            var number = i;
            scenario.In(i / 100.0, () => scenario.Link.Send(100, _ => order.Add(number)));
        }

        scenario.Run(11);
        Assert.Equal(Enumerable.Range(0, 1_000), order);
        var delays = Load(scenario, 100, 10);
        Assert.InRange(delays.Min(), 25, 32);
        Assert.InRange(delays.Max(), 50, 55);
    }

    [Fact]
    public void A_policer_drops_instead_of_delaying()
    {
        var scenario = new CongestionScenario(0) { Link = { Policer = new Policer(1_000_000, 12_500) } };
        var delays = Load(scenario, 200, 20);
        Assert.InRange(delays.Count, 1_990, 2_020);
        Assert.All(delays, delay => Assert.Equal(25, delay, 3));
        Assert.Equal(4_000 - delays.Count, scenario.Link.Policed);
    }

    [Fact]
    public void In_an_outage_nothing_gets_through()
    {
        var scenario = new CongestionScenario(0);
        scenario.In(1, () => scenario.Link.IsOut = true);
        scenario.In(3, () => scenario.Link.IsOut = false);
        Assert.Equal(300, Load(scenario, 100, 5).Count, 2.0);
    }

    [Fact]
    public void One_seed_one_result()
    {
        static List<double> Once(int seed)
        {
            var scenario = new CongestionScenario(1_200_000, seed) { Link = { Loss = 0.1, Jitter = TimeSpan.FromMilliseconds(10) } };
            return Load(scenario, 100, 5);
        }

        Assert.Equal(Once(3), Once(3));
        Assert.NotEqual(Once(3), Once(4));
    }

    [Fact]
    public void Downloads_fill_the_link_and_share_it()
    {
        var scenario = new CongestionScenario(4_000_000);
        var alone = scenario.AddTcp();
        scenario.Run(20);
        Assert.InRange(alone.Bytes * 8 / 20.0, 3_600_000, 4_000_000);
        Assert.True(scenario.Link.Overflowed > 0);

        var other = scenario.AddTcp();
        scenario.Run(30);
        var (before, beforeOther) = (alone.Bytes, other.Bytes);
        scenario.Run(60);
        var (share, otherShare) = ((alone.Bytes - before) * 8 / 60.0, (other.Bytes - beforeOther) * 8 / 60.0);
        Assert.InRange(share + otherShare, 3_600_000, 4_000_100);
        Assert.InRange(share / otherShare, 0.4, 2.5);
    }

    [Fact]
    public void A_download_gives_way_to_nothing_when_it_has_ended()
    {
        var scenario = new CongestionScenario(4_000_000);
        var flow = scenario.AddTcp();
        scenario.In(5, () => flow.IsActive = false);
        scenario.Run(6);
        var bytes = flow.Bytes;
        scenario.Run(5);
        Assert.Equal(bytes, flow.Bytes);
        Assert.Equal(0, scenario.Link.QueuedBytes);
    }

    [Fact]
    public void The_sender_sends_at_the_target_paced()
    {
        var scenario = new CongestionScenario(0);
        var control = new RecordingControl(2_000_000);
        var flow = scenario.AddFlow(control);
        scenario.Run(20);
        Assert.Equal(2_000_000, flow.Sender.SentBytes * 8 / 20.0, 20_000.0);
        Assert.Equal(2_000_000, flow.Trace.MeanReceived(1, 20), 20_000.0);
        Assert.Equal(0, flow.Sender.PaddingBytes);

        // 1,200 bytes at 5 Mb/s take 1.92 ms.
        for (var i = 1; i < control.Sent.Count; i++)
        {
            Assert.True((control.Sent[i].SentAt - control.Sent[i - 1].SentAt).TotalMilliseconds >= control.Sent[i - 1].Bytes * 8 / 5_000.0 - 0.01);
        }
    }

    [Fact]
    public void A_keyframe_is_larger_and_the_mean_rate_stays()
    {
        var scenario = new CongestionScenario(0);
        var flow = scenario.AddFlow(new RecordingControl(2_000_000));
        flow.Sender.KeyframeInterval = 60;
        scenario.Run(40);
        Assert.Equal(2_000_000, flow.Sender.SentBytes * 8 / 40.0, 60_000.0);
    }

    [Fact]
    public void The_best_layer_that_leaves_room_is_sent_and_the_next_is_wished_for()
    {
        var scenario = new CongestionScenario(0);
        var control = new RecordingControl(1_000_000);
        var flow = scenario.AddFlow(control);
        flow.Sender.Layers = [150_000, 500_000, 1_500_000];
        scenario.Run(1);
        Assert.Equal((500_000, 1_725_000), (flow.Sender.MediaBitsPerSecond, control.Wanted));
        control.BitsPerSecond = 1_725_000;
        scenario.Run(1);
        Assert.Equal(1_500_000, flow.Sender.MediaBitsPerSecond);
        control.BitsPerSecond = 10_000;
        scenario.Run(1);
        Assert.Equal(150_000, flow.Sender.MediaBitsPerSecond);
    }

    [Fact]
    public void Feedback_tells_of_every_packet_when_it_arrived_and_which_did_not()
    {
        var scenario = new CongestionScenario(0) { Link = { Loss = 0.1 } };
        var control = new RecordingControl(1_000_000);
        var flow = scenario.AddFlow(control);
        scenario.Run(20);

        // Loss is told of by what arrives after it.
        scenario.Link.Loss = 0;
        scenario.Run(1);
        flow.Sender.IsPaused = true;
        scenario.Run(1);

        var received = control.Results.Where(result => result.IsReceived).ToArray();
        Assert.Equal(flow.Receiver.Packets, received.Length);
        Assert.Equal(scenario.Link.Lost, control.Results.Count - received.Length);

        // The other clock is off by the same for all, but for the 250 µs in which it is told.
        var offsets = received.Select(result => (result.ReceivedAt - result.SentAt).TotalMilliseconds).ToArray();
        Assert.InRange(offsets.Max() - offsets.Min(), 0, 0.26);
        Assert.True(Math.Abs(offsets[0]) > 1_000_000);
    }

    [Fact]
    public void A_probe_is_sent_at_its_rate_and_measures_the_bottleneck()
    {
        foreach (var (capacity, expected) in new[] { (3_000_000L, 2_850_000.0), (20_000_000L, 6_000_000.0) })
        {
            var scenario = new CongestionScenario(capacity);
            var control = new RecordingControl(300_000);
            var flow = scenario.AddFlow(control);
            scenario.Run(2);
            var probe = new ProbeCluster(1, 6_000_000, 5, 11_250, TimeSpan.FromMilliseconds(15));
            control.Probes.Enqueue(probe);
            scenario.Run(2);

            Assert.Equal(1, flow.Sender.Probes);
            Assert.True(flow.Sender.PaddingBytes > 0);
            var estimator = new ProbeBitrateEstimator();
            estimator.Begin(probe);
            long measured = 0;
            foreach (var result in control.Results)
            {
                if (estimator.TryAdd(result, out var bitsPerSecond)) measured = bitsPerSecond;
            }

            Assert.Equal(expected, measured, expected * 0.08);
        }
    }
}
