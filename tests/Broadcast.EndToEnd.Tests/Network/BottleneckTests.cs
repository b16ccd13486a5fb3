namespace Broadcast.EndToEnd.Tests.Network;

public class BottleneckTests
{
    /// <summary>10,000 bits, with its headers: 10 ms at 1 Mbit/s.</summary>
    private const int Length = 1222;

    [Fact]
    public void Without_a_limit_everything_passes_at_once()
    {
        var line = new Bottleneck();
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(Ms(5), line.Pass(Ms(5), Length)));
    }

    [Fact]
    public void One_goes_after_the_other_each_for_as_long_as_its_bits_take()
    {
        var line = new Bottleneck { BitsPerSecond = 1_000_000 };
        Assert.Equal(Ms(10), line.Pass(Ms(0), Length));
        Assert.Equal(Ms(20), line.Pass(Ms(0), Length));
        Assert.Equal(Ms(22), line.Pass(Ms(15), 222));
        Assert.Equal(Ms(110), line.Pass(Ms(100), Length));
    }

    [Fact]
    public void Who_would_wait_for_longer_than_the_queue_is_does_not_get_in()
    {
        var line = new Bottleneck { BitsPerSecond = 1_000_000 };
        var passed = Enumerable.Range(0, 100).Select(_ => line.Pass(Ms(0), Length)).ToArray();
        Assert.Equal(Enumerable.Range(1, 31).Select(number => (TimeSpan?)Ms(10 * number)), passed[..31]); // the last one waited for 300 ms
        Assert.All(passed[31..], departure => Assert.Null(departure));
        Assert.Equal(Ms(320), line.Pass(Ms(10), Length));
        Assert.Null(line.Pass(Ms(10), Length));
    }

    [Fact]
    public void Another_capacity_counts_from_the_next_one_on_and_the_order_stays()
    {
        var line = new Bottleneck { BitsPerSecond = 1_000_000 };
        Assert.Equal(Ms(10), line.Pass(Ms(0), Length));
        line.BitsPerSecond = 100_000;
        Assert.Equal(Ms(110), line.Pass(Ms(0), Length));
        line.BitsPerSecond = 0;
        Assert.Equal(Ms(110), line.Pass(Ms(1), Length));
        Assert.Equal(Ms(200), line.Pass(Ms(200), Length));
    }

    [Fact]
    public void What_is_offered_beyond_the_capacity_is_what_does_not_pass()
    {
        var line = new Bottleneck { BitsPerSecond = 3_000_000 };
        var random = new Random(1);
        var (now, passed, last) = (TimeSpan.Zero, 0L, TimeSpan.Zero);
        while (now < TimeSpan.FromSeconds(10))
        {
            var length = random.Next(50, 1200);
            if (line.Pass(now, length) is { } departure)
            {
                Assert.True(departure > last);
                last = departure;
                passed += (length + 28) * 8;
            }

            now += TimeSpan.FromSeconds((length + 28) * 8 / 5e6);
        }

        Assert.InRange(last - now, Ms(290), Ms(310));
        Assert.InRange(passed / last.TotalSeconds, 2_999_000, 3_001_000);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
