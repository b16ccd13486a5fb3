using Broadcast.Media.Congestion;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;
using Broadcast.Testing;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>The whole, as its owner sees it: whom it believes, what it costs, what lies do to it.</summary>
public class SendSideEstimatorTests
{
    private const long Start = ReportBasedEstimator.DefaultStart;
    private const int PacketBytes = 1000;

    private readonly SendSideEstimator _estimator = new();
    private readonly TransportFeedbackBuilder _receiver = new();
    private MonotonicTime _now = MonotonicTime.FromMilliseconds(50_000);
    private ushort _next = 65_000;

    [Fact]
    public void Without_transport_feedback_reports_and_receiver_estimates_decide()
    {
        for (var i = 0; i < 10; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            _estimator.OnReport(128, 1_000_000, _now);
        }

        Assert.InRange(_estimator.BitsPerSecond, 100_000, 400_000);
        Assert.True(_estimator.HasFallen);
        var without = new SendSideEstimator();
        without.OnReceiverEstimate(700_000, _now);
        Assert.Equal(700_000, without.BitsPerSecond);
        Assert.False(_estimator.TryTakeProbe(_now, out _));
    }

    [Fact]
    public void After_transport_feedback_reports_say_nothing_more()
    {
        Exchange(1000);
        var before = _estimator.BitsPerSecond;
        Assert.True(_estimator.IsMeasured);
        _estimator.OnReport(255, 0, _now);
        Assert.Equal(before, _estimator.BitsPerSecond);
    }

    [Fact]
    public void The_first_feedback_begins_with_two_probes()
    {
        Exchange(200);
        Assert.True(_estimator.TryTakeProbe(_now, out var first));
        Assert.True(_estimator.TryTakeProbe(_now, out var second));
        Assert.Equal([3 * Start, 6 * Start], [first.BitsPerSecond, second.BitsPerSecond]);
    }

    [Fact]
    public void A_receiver_estimate_caps_until_it_is_no_longer_repeated()
    {
        Exchange(1000);
        _estimator.OnReceiverEstimate(400_000, _now);
        Assert.Equal(400_000, _estimator.BitsPerSecond);
        Exchange(4500);
        Assert.Equal(400_000, _estimator.BitsPerSecond);
        Exchange(1000);
        Assert.True(_estimator.BitsPerSecond > Start / 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Absurd_receiver_estimates_are_bounded_and_counted(long bitsPerSecond)
    {
        Exchange(1000);
        _estimator.OnReceiverEstimate(bitsPerSecond, _now);
        Assert.InRange(_estimator.BitsPerSecond, SendSideEstimator.MinBitsPerSecond, ReportBasedEstimator.Ceiling);
        Assert.Equal(1, _estimator.AbsurdReceiverEstimates);
        Exchange(6000);
        Assert.True(_estimator.BitsPerSecond > Start / 2);
    }

    [Fact]
    public void Silence_lowers_it_and_feedback_brings_half_back_with_probes_for_the_rest()
    {
        Exchange(3000);
        while (_estimator.TryTakeProbe(_now, out _)) { }
        var before = _estimator.BitsPerSecond;
        Exchange(1900, isSilent: true);
        Assert.Equal(before, _estimator.BitsPerSecond);
        Exchange(3000, isSilent: true);
        Assert.InRange(_estimator.BitsPerSecond, SendSideEstimator.MinBitsPerSecond, before / 5);
        Exchange(150);
        Assert.InRange(_estimator.BitsPerSecond, before * 45 / 100, before * 60 / 100);
        Assert.True(_estimator.TryTakeProbe(_now, out var probe));
        Assert.InRange(probe.BitsPerSecond, before * 45 / 100, before * 60 / 100);
    }

    [Fact]
    public void Nothing_is_expected_while_nothing_is_sent()
    {
        Exchange(3000);
        _estimator.OnSent(_next++, PacketBytes, 0, _now); // the last one is lost
        var before = _estimator.BitsPerSecond;
        for (var i = 0; i < 100; i++)
        {
            _now += TimeSpan.FromMilliseconds(100);
            _estimator.Process(_now);
        }

        Assert.Equal(before, _estimator.BitsPerSecond);
    }

    [Fact]
    public void Sending_little_is_noticed_and_does_not_raise_it()
    {
        Exchange(10_000, interval: 50);
        Assert.True(_estimator.IsApplicationLimited);
        Assert.InRange(_estimator.BitsPerSecond, Start * 9 / 10, Start * 11 / 10);
    }

    [Fact]
    public void Another_path_begins_anew()
    {
        Exchange(3000);
        Exchange(4000, isSilent: true);
        _estimator.Reset(_now);
        Assert.Equal(Start, _estimator.BitsPerSecond);
        Assert.False(_estimator.HasFallen);
        Assert.Equal(0, _estimator.History.BytesInFlight);
    }

    [Fact]
    public void Nothing_is_allocated_per_packet_or_feedback()
    {
        Exchange(10_000);
        var packets = new byte[100][];
        var feedback = 0;

        // Feedback is prepared: what it costs to write it is the test's.
        void Prepare()
        {
            feedback = 0;
            var number = _next;
            for (var i = 0; i < packets.Length; i++)
            {
                for (var j = 0; j < 20; j++) _receiver.Add(number++, _now + TimeSpan.FromMilliseconds((i * 100) + (j * 5) + 30));
                packets[i] = FeedbackPacket.Next(_receiver);
            }
        }

        void Round()
        {
            for (; feedback < packets.Length; feedback++)
            {
                for (var j = 0; j < 20; j++)
                {
                    _estimator.OnSent(_next++, PacketBytes, 0, _now);
                    _now += TimeSpan.FromMilliseconds(5);
                }

                new RtcpReader(packets[feedback]).TryRead(out var view, out _);
                TransportFeedbackView.TryParse(view, out var parsed);
                _estimator.OnTransportFeedback(parsed, _now);
                _estimator.Process(_now);
                _estimator.TryTakeProbe(_now, out _);
            }
        }

        Assert.Equal(0, Allocated.Least(Round, Prepare));
    }

    [Fact]
    public void A_viewer_costs_at_most_six_kilobytes()
    {
        SendSideEstimator? estimator = null;
        var bytes = Allocated.Least(() => estimator = new SendSideEstimator());
        Assert.InRange(bytes, 2_000, 6_144);
        GC.KeepAlive(estimator);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_feedback_claims_the_estimate_stays_bounded(int seed)
    {
        var random = new Random(seed);
        Exchange(1000);
        for (var i = 0; i < 20_000; i++)
        {
            if (random.Next(3) > 0) Exchange(random.Next(50));
            else if (random.Next(100) == 0) Exchange(5000, isSilent: true);
            var near = (ushort)(_next - random.Next(600) + random.Next(20));
            Take(random.Next(5) switch
            {
                0 => FeedbackPacket.AllLost(near, (ushort)random.Next(1, 65_536)),
                1 => FeedbackPacket.Raw(near, 100, random.Next(-0x80_0000, 0x80_0000), [0x2064], new byte[100]), // infinitely fast
                2 => FeedbackPacket.Raw(near, 7, random.Next(-0x80_0000, 0x80_0000), [0xEAAA], 0x7F, 0xFF, 0x80, 0, 0x7F, 0xFF, 0x80, 0, 0x7F, 0xFF, 0x80, 0, 0, 0), // ± 8 s
                3 => FeedbackPacket.Raw((ushort)random.Next(65_536), 20, random.Next(100), [0x2014], Enumerable.Repeat((byte)random.Next(256), 20).ToArray()),
                _ => FeedbackPacket.Raw(near, 8000, 0, [0x3F40], new byte[8000]),
            });
            _estimator.Process(_now);
            while (_estimator.TryTakeProbe(_now, out var probe)) Assert.InRange(probe.BitsPerSecond, 1, ReportBasedEstimator.Ceiling);
            Assert.InRange(_estimator.BitsPerSecond, SendSideEstimator.MinBitsPerSecond, ReportBasedEstimator.Ceiling);
        }

        Assert.InRange(_estimator.History.Capacity, SentPacketHistory.StartCapacity, SentPacketHistory.MaxCapacity);
        Assert.True(_estimator.History.NeverSent > 0 && _estimator.History.Repeated > 0 && _estimator.History.TooOld > 0 && _estimator.History.Implausible > 0);
    }

    [Fact]
    public void Replayed_feedback_changes_nothing()
    {
        Exchange(2000);
        for (var i = 0; i < 20; i++) _estimator.OnSent(_next++, PacketBytes, 0, _now += TimeSpan.FromMilliseconds(5));
        var packet = FeedbackPacket.Raw((ushort)(_next - 20), 20, 5, [0x2014], Enumerable.Repeat((byte)20, 20).ToArray());
        Take(packet);
        var (before, repeated) = (_estimator.BitsPerSecond, _estimator.History.Repeated);
        for (var i = 0; i < 1000; i++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            Take(packet);
        }

        Assert.Equal(before, _estimator.BitsPerSecond);
        Assert.Equal(20_000, _estimator.History.Repeated - repeated);
    }

    [Fact]
    public void Everything_lost_leads_to_the_least_rate()
    {
        Exchange(2000);
        for (var i = 0; i < 400; i++)
        {
            for (var j = 0; j < 10; j++) _estimator.OnSent(_next++, PacketBytes, 0, _now += TimeSpan.FromMilliseconds(5));
            Take(FeedbackPacket.AllLost((ushort)(_next - 10), 10));
        }

        Assert.InRange(_estimator.BitsPerSecond, SendSideEstimator.MinBitsPerSecond, 170_000);
    }

    private void Take(byte[] packet) => _estimator.OnTransportFeedback(FeedbackPacket.Parse(packet), _now);

    /// <summary>Sends a packet every so often over a network that carries everything, with feedback every 100 ms.</summary>
    private void Exchange(double milliseconds, bool isSilent = false, double interval = 5)
    {
        var end = _now + TimeSpan.FromMilliseconds(milliseconds);
        for (var i = 1; _now < end; i++)
        {
            var number = _next++;
            _estimator.OnSent(number, PacketBytes, 0, _now);
            if (!isSilent) _receiver.Add(number, _now + TimeSpan.FromMilliseconds(30));
            _now += TimeSpan.FromMilliseconds(interval);
            if (i % (int)(100 / interval) != 0) continue;
            if (!isSilent) Take(FeedbackPacket.Next(_receiver));
            _estimator.Process(_now);
        }
    }
}
