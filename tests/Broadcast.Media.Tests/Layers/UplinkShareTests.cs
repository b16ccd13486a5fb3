using Broadcast.Media.Layers;
using CsCheck;

namespace Broadcast.Media.Tests.Layers;

/// <summary>The fair level of an uplink.</summary>
public class UplinkShareTests
{
    [Theory]
    [InlineData(new long[] { 10, 10, 10 }, 30, long.MaxValue)]
    [InlineData(new long[] { 10, 10, 10 }, 29, 9)]
    [InlineData(new long[] { 30, 2, 30 }, 32, 15)] // who wants little gets it, the others share the rest
    [InlineData(new long[] { }, 0, long.MaxValue)]
    [InlineData(new long[] { 5 }, 0, 0)]
    [InlineData(new long[] { 0, 0 }, 0, long.MaxValue)]
    [InlineData(new long[] { 5 }, -7, 0)]
    public void Level_is_max_min_fair(long[] demands, long capacity, long level) =>
        Assert.Equal(level, UplinkShare.Level([.. demands.Select(demand => new PictureDemand(0, demand))], capacity));

    [Theory]
    [InlineData(50, 16)]
    [InlineData(31, 10)]
    [InlineData(20, 5)] // and 10 for the last
    [InlineData(90, long.MaxValue)]
    public void Picture_of_which_there_is_no_less_is_given_before_the_rest_is_shared(long capacity, long level) =>
        Assert.Equal(level, UplinkShare.Level([new PictureDemand(0, 40), new PictureDemand(0, 30), new PictureDemand(10, 20)], capacity));

    [Fact]
    public void Level_uses_the_uplink_up_and_no_more() =>
        Gen.Select(Gen.Select(Gen.Long[0, 10_000], Gen.Long[0, 1_000]).Array[1, 50], Gen.Long[0, 300_000]).Sample((viewers, spare) =>
        {
            var demands = viewers.Select(viewer => new PictureDemand(Math.Min(viewer.Item2, viewer.Item1), viewer.Item1)).ToArray();
            var capacity = demands.Sum(demand => demand.Least) + spare;
            var level = UplinkShare.Level(demands, capacity);
            Assert.True(Used(level) <= capacity);
            if (level != long.MaxValue) Assert.True(Used(level + 1) > capacity);

            long Used(long at) => demands.Sum(demand => Math.Max(demand.Least, Math.Min(demand.Most, at)));
        });

    [Fact]
    public void Nothing_is_limited_before_somebody_says_so() => Assert.Equal(long.MaxValue, new UplinkShare().BitsPerViewer);
}
