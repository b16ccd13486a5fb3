using Broadcast.Media.Routing;

namespace Broadcast.Media.Tests.Routing;

/// <summary>Nobody is always first, and nobody always last.</summary>
public class RotatingStartTests
{
    private const int Rounds = 1_000;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(60)]
    [InlineData(1_000)]
    public void Each_entry_is_first_equally_often(int count)
    {
        var start = new RotatingStart();
        Assert.All(CountFirsts(ref start, count, Rounds * count, every: 1), firsts => Assert.InRange(firsts, Rounds - 10, Rounds + 10));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(64)]
    [InlineData(89)] // a Fibonacci number, whose multiples of the golden ratio lie closest to whole ones
    public void Rounds_at_an_interval_that_fits_the_count_do_not_favour_an_entry(int count)
    {
        var start = new RotatingStart();
        Assert.All(CountFirsts(ref start, count, Rounds * count, every: count), firsts => Assert.InRange(firsts, 1, Rounds * 2));
    }

    [Fact]
    public void Each_entry_stays_within_bounds_while_the_count_changes()
    {
        var start = new RotatingStart();
        for (var round = 0; round < 100_000; round++)
        {
            var count = (round * 7 % 50) + 1;
            Assert.InRange(start.Next(count), 0, count - 1);
        }

        Assert.Equal(0, start.Next(0));
    }

    /// <summary>How often each of <paramref name="count"/> entries was first in every <paramref name="every"/>-th round.</summary>
    private static int[] CountFirsts(ref RotatingStart start, int count, int rounds, int every)
    {
        var firsts = new int[count];
        for (var round = 0; round < rounds * every; round++)
        {
            var first = start.Next(count);
            if (round % every == 0) firsts[first]++;
        }

        return firsts;
    }
}
