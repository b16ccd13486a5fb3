using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>What a probe measured, and when it is not to be believed.</summary>
public class ProbeBitrateEstimatorTests
{
    private const int Bytes = 1000;

    private readonly ProbeBitrateEstimator _estimator = new();

    private static ProbeCluster Probe(int id, int packets = 5, int bytes = 5 * Bytes) => new(id, 4_000_000, packets, bytes, TimeSpan.FromMilliseconds(15));

    private static PacketResult Packet(int probe, double sentMilliseconds, double receivedMilliseconds, bool received = true) =>
        new(MonotonicTime.FromMilliseconds(10_000 + sentMilliseconds), Bytes, probe, MonotonicTime.FromMilliseconds(500 + receivedMilliseconds), received);

    /// <summary>The measurement after the last of so many packets; 0 for none.</summary>
    private long Feed(int probe, int packets, double sendGap, double receiveGap)
    {
        long result = 0;
        for (var i = 0; i < packets; i++)
        {
            if (!_estimator.TryAdd(Packet(probe, i * sendGap, i * receiveGap), out result)) result = 0;
        }

        return result;
    }

    [Fact]
    public void What_arrives_as_fast_as_it_was_sent_measures_that_rate()
    {
        _estimator.Begin(Probe(1));
        Assert.Equal(4_000_000, Feed(1, 5, 2, 2));
    }

    [Fact]
    public void Arriving_a_little_slower_is_the_rate_of_arriving()
    {
        _estimator.Begin(Probe(1));
        Assert.InRange(Feed(1, 5, 2, 2.1), 3_809_000, 3_810_000);
    }

    [Fact]
    public void A_full_link_is_used_to_ninety_five_percent()
    {
        _estimator.Begin(Probe(1));
        Assert.Equal(1_900_000, Feed(1, 5, 2, 4));
    }

    [Fact]
    public void Arriving_faster_counts_as_sent_but_not_when_more_than_twice_as_fast()
    {
        _estimator.Begin(Probe(1));
        Assert.Equal(4_000_000, Feed(1, 5, 2, 1.5));
        _estimator.Begin(Probe(2));
        Assert.Equal(0, Feed(2, 5, 2, 0.9));
    }

    [Fact]
    public void Four_fifths_of_the_packets_and_of_the_bytes_are_needed()
    {
        _estimator.Begin(Probe(1, packets: 10, bytes: 1));
        Assert.Equal(0, Feed(1, 7, 2, 2));
        _estimator.Begin(Probe(2, packets: 10, bytes: 1));
        Assert.Equal(4_000_000, Feed(2, 8, 2, 2));
        _estimator.Begin(Probe(3, packets: 1, bytes: 10 * Bytes));
        Assert.Equal(0, Feed(3, 7, 2, 2));
        _estimator.Begin(Probe(4, packets: 1, bytes: 10 * Bytes));
        Assert.Equal(4_000_000, Feed(4, 8, 2, 2));
    }

    [Fact]
    public void What_was_lost_does_not_count()
    {
        _estimator.Begin(Probe(1));
        for (var i = 0; i < 20; i++) Assert.False(_estimator.TryAdd(Packet(1, i * 2, i * 2, received: false), out _));
        Assert.Equal(0, Feed(1, 3, 2, 2));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 0)]
    [InlineData(300, 2)]
    [InlineData(300, 300)]
    public void Nothing_is_measured_in_no_time_or_in_more_than_a_second(double sendGap, double receiveGap)
    {
        _estimator.Begin(Probe(1));
        Assert.Equal(0, Feed(1, 5, sendGap, receiveGap));
    }

    [Fact]
    public void Order_does_not_matter()
    {
        _estimator.Begin(Probe(1));
        long result = 0;
        foreach (var i in new[] { 3, 0, 4, 2, 1 }) _estimator.TryAdd(Packet(1, i * 2, i * 4), out result);
        Assert.Equal(1_900_000, result);
    }

    [Fact]
    public void Probes_are_measured_apart_and_the_oldest_is_forgotten()
    {
        _estimator.Begin(Probe(1));
        _estimator.Begin(Probe(2));
        for (var i = 0; i < 4; i++)
        {
            _estimator.TryAdd(Packet(1, i * 2, i * 2), out _);
            _estimator.TryAdd(Packet(2, i * 4, i * 4), out _);
        }

        Assert.True(_estimator.TryAdd(Packet(1, 8, 8), out var first));
        Assert.True(_estimator.TryAdd(Packet(2, 16, 16), out var second));
        Assert.Equal((4_000_000, 2_000_000), (first, second));

        for (var id = 3; id <= 1 + ProbeBitrateEstimator.Remembered; id++) _estimator.Begin(Probe(id));
        Assert.False(_estimator.TryAdd(Packet(1, 10, 10), out _));
        Assert.True(_estimator.TryAdd(Packet(2, 20, 20), out _));
    }

    [Fact]
    public void Packets_of_no_probe_of_an_unknown_one_and_of_long_after_are_passed_over()
    {
        Assert.Equal(0, Feed(0, 10, 2, 2));
        Assert.Equal(0, Feed(-3, 10, 2, 2));
        Assert.Equal(0, Feed(7, 10, 2, 2));
        _estimator.Begin(Probe(1));
        Assert.Equal(4_000_000, Feed(1, 5, 2, 2));
        Assert.False(_estimator.TryAdd(Packet(1, 20, 1_100), out _));
        _estimator.Reset();
        Assert.Equal(0, Feed(1, 5, 2, 2));
    }
}
