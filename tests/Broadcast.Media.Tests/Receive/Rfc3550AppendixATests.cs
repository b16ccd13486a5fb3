using Broadcast.Media.Receive;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Receive;

/// <summary>RFC 3550 Appendix A.3 (loss) and A.8 (jitter).</summary>
public class Rfc3550AppendixATests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromMilliseconds(5_000);

    [Fact]
    public void Fraction_and_cumulative_loss_follow_appendix_A3()
    {
        var statistics = new ReceiveStatistics(90_000);
        for (var i = 0; i < 100; i++)
        {
            if (i % 4 != 3 || i == 99) statistics.OnPacket(65_500 + i, 0, Start, true, false);
        }

        // 24 of 100: 24 × 256 / 100 = 61.
        Assert.Equal(((byte)61, 24), statistics.TakeInterval());
        for (var i = 100; i < 200; i++) statistics.OnPacket(65_500 + i, 0, Start, true, false);
        Assert.Equal(((byte)0, 24), statistics.TakeInterval());
        Assert.Equal(65_699, statistics.Highest);
        Assert.Equal(24, statistics.Lost);
    }

    [Fact]
    public void Late_packets_bring_the_loss_back_but_never_below_zero_in_an_interval()
    {
        var statistics = new ReceiveStatistics(90_000);
        statistics.OnPacket(1, 0, Start, true, false);
        statistics.OnPacket(11, 0, Start, true, false);
        Assert.Equal(((byte)209, 9), statistics.TakeInterval());
        for (var i = 2; i < 11; i++) statistics.OnPacket(i, 0, Start, false, false);
        Assert.Equal(((byte)0, 0), statistics.TakeInterval());
        Assert.Equal(0, statistics.Lost);
    }

    [Fact]
    public void Packets_restored_from_the_repair_stream_stay_lost_in_reports()
    {
        var statistics = new ReceiveStatistics(90_000);
        for (var i = 0; i < 10; i++) statistics.OnPacket(i, 0, Start, true, restored: i is 4 or 5);
        Assert.Equal(((byte)51, 2), statistics.TakeInterval());
        Assert.Equal(0, statistics.Lost);
        Assert.Equal((8L, 2L), (statistics.Received, statistics.Restored));
    }

    [Fact]
    public void Nothing_is_reported_before_the_first_packet()
    {
        var statistics = new ReceiveStatistics(90_000);
        Assert.Equal(((byte)0, 0), statistics.TakeInterval());
        Assert.Equal((0L, 0u), (statistics.Lost, statistics.Jitter));
    }

    [Theory]
    [InlineData(90_000)]
    [InlineData(48_000)]
    public void Jitter_follows_appendix_A8(int clockRate)
    {
        var statistics = new ReceiveStatistics(clockRate);
        var random = new Random(clockRate);
        double expected = 0;
        int? lastTransit = null;
        for (var i = 0; i < 500; i++)
        {
            var sent = i * 20.0;
            var arrival = Start + TimeSpan.FromMilliseconds(sent + (random.NextDouble() * 12));

            // Timestamps wrap on the way.
            var timestamp = unchecked((uint)((long)(sent * clockRate / 1000) + 0xFFFF_0000));
            var transit = unchecked((int)((uint)(long)(arrival.Nanoseconds / 1e9 * clockRate) - timestamp));
            if (lastTransit is { } last) expected += (Math.Abs(transit - last) - expected) / 16;
            lastTransit = transit;
            statistics.OnPacket(i, timestamp, arrival, true, false);
        }

        Assert.InRange((double)statistics.Jitter, expected - 2, expected + 2);
        Assert.True(statistics.Jitter > clockRate / 1000);
    }

    [Fact]
    public void Steady_arrival_has_no_jitter_whatever_came_late_in_between()
    {
        var statistics = new ReceiveStatistics(90_000);
        for (var i = 0; i < 200; i++)
        {
            var now = Start + TimeSpan.FromMilliseconds(i * 10);
            statistics.OnPacket(i * 2, (uint)(i * 900), now, true, false);
            if (i > 20) statistics.OnPacket((i * 2) - 21, (uint)((i - 10) * 900), now, inOrder: false, false);
            statistics.OnPacket((i * 2) + 1000, (uint)((i - 10) * 900), now, inOrder: true, restored: true);
        }

        Assert.Equal(0u, statistics.Jitter);
    }
}
