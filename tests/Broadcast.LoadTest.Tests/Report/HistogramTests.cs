using Broadcast.Client.Connections;
using Broadcast.LoadTest.Report;

namespace Broadcast.LoadTest.Tests.Report;

public class HistogramTests
{
    [Fact]
    public void Percentiles_are_exact_to_a_thirtysecond()
    {
        var histogram = new Histogram();
        for (var i = 1; i <= 100_000; i++) histogram.Add(TimeSpan.FromMicroseconds(i));
        foreach (var share in new[] { 0.01, 0.5, 0.95, 0.99, 1 })
        {
            Assert.InRange(histogram.Percentile(share)!.Value, share * 100, share * 100 * 33 / 32);
        }

        Assert.Equal(100_000, histogram.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(4_294_967_295)]
    public void A_single_value_is_its_own_percentile(long microseconds)
    {
        var histogram = new Histogram();
        histogram.Add(TimeSpan.FromMicroseconds(microseconds));
        Assert.Equal(microseconds / 1000.0, histogram.Percentile(0.5));
    }

    [Fact]
    public void An_empty_one_has_none() => Assert.Null(new Histogram().Percentile(0.5));
}
