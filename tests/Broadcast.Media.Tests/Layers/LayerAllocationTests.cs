using Broadcast.Media.Layers;
using Broadcast.Media.Sessions;
using CsCheck;

namespace Broadcast.Media.Tests.Layers;

/// <summary>Which quality a viewer gets, and the reason that it is told.</summary>
public class LayerAllocationTests
{
    private const long Plenty = 100_000_000;

    [Theory]
    [InlineData(Plenty, Plenty, 2, 2, LayerLimit.None)]
    [InlineData(2_500_000, Plenty, 2, 2, LayerLimit.None)] // exactly
    [InlineData(2_499_999, Plenty, 2, 1, LayerLimit.Bandwidth)] // one temporal layer less before one encoding less
    [InlineData(1_875_000, Plenty, 2, 1, LayerLimit.Bandwidth)]
    [InlineData(1_874_999, Plenty, 1, 2, LayerLimit.Bandwidth)] // but not two
    [InlineData(600_000, Plenty, 1, 1, LayerLimit.Bandwidth)]
    [InlineData(500_000, Plenty, 0, 2, LayerLimit.Bandwidth)]
    [InlineData(100_000, Plenty, 0, 0, LayerLimit.Bandwidth)] // the lowest may lose all
    [InlineData(99_999, Plenty, -1, 0, LayerLimit.Bandwidth)]
    [InlineData(0, Plenty, -1, 0, LayerLimit.Bandwidth)]
    [InlineData(Plenty, 700_000, 1, 2, LayerLimit.Node)]
    [InlineData(600_000, 700_000, 1, 1, LayerLimit.Bandwidth)]
    [InlineData(Plenty, 99_999, -1, 0, LayerLimit.Node)]
    public void Budget_decides(long bandwidth, long share, int rung, int temporalId, LayerLimit limit) =>
        Assert.Equal(new LayerAllocation.Allocation(rung, temporalId, limit), Choose(LayerChoice.Automatic, bandwidth: bandwidth, share: share));

    [Theory]
    [InlineData("f", 0)]
    [InlineData("a", 1)]
    [InlineData("0", 2)]
    [InlineData("nobody", 2)]
    public void Encoding_that_is_named_is_the_best_that_is_sent(string rid, int rung)
    {
        var allocation = Choose(new LayerChoice { Rid = rid });
        Assert.Equal((rung, rung < 2 ? LayerLimit.Viewer : LayerLimit.None), (allocation.Rung, allocation.Limit));
        Assert.Equal(0, Choose(new LayerChoice { Rid = rid }, bandwidth: 300_000).Rung);
    }

    [Theory]
    [InlineData(null, 100, 0)] // smaller than all: the smallest
    [InlineData(null, 180, 0)]
    [InlineData(null, 181, 1)]
    [InlineData(null, 360, 1)]
    [InlineData(null, 400, 2)]
    [InlineData(null, 4_000, 2)]
    [InlineData(640, null, 1)]
    [InlineData(641, null, 2)]
    [InlineData(320, 4_000, 0)] // a wide, flat place: the picture is as wide as that
    public void Smallest_that_fills_the_place_on_the_screen_is_the_best_that_is_sent(int? width, int? height, int rung) =>
        Assert.Equal(rung, Choose(new LayerChoice { MaxWidth = width, MaxHeight = height }).Rung);

    [Theory]
    [InlineData(null, 0, 0)]
    [InlineData(null, 1, 1)]
    [InlineData(null, 3, 2)]
    [InlineData(1, null, 1)]
    [InlineData(7, null, 2)]
    [InlineData(1, 0, 1)] // the exact one wins
    public void Temporal_wish_is_a_ceiling(int? exact, int? max, int temporalId) =>
        Assert.Equal(temporalId, Choose(new LayerChoice { TemporalId = exact, MaxTemporalId = max }).TemporalId);

    [Fact]
    public void Policy_holds_whatever_the_viewer_wishes()
    {
        var limits = new LayerLimits { MaxHeight = 400 };
        Assert.Equal((1, LayerLimit.Policy), Result(Choose(new LayerChoice { Rid = "0" }, limits)));
        Assert.Equal((1, LayerLimit.Policy), Result(Choose(LayerChoice.Automatic, limits)));
        Assert.Equal((0, LayerLimit.Viewer), Result(Choose(new LayerChoice { Rid = "f" }, limits)));
        Assert.Equal((0, LayerLimit.Policy), Result(Choose(LayerChoice.Automatic, new LayerLimits { MaxHeight = 10 })));
        Assert.Equal((1, LayerLimit.Policy), Result(Choose(LayerChoice.Automatic, new LayerLimits { MaxBitsPerSecond = 800_000 })));
        Assert.Equal((1, LayerLimit.Viewer), Result(Choose(new LayerChoice { MaxBitsPerSecond = 700_000 }, new LayerLimits { MaxBitsPerSecond = 800_000 })));
    }

    [Fact]
    public void Silent_encoding_is_passed_over_and_what_is_below_it_sent_meanwhile()
    {
        var tracks = Rungs.Tracks();
        Assert.Equal((1, LayerLimit.None), Result(Choose(LayerChoice.Automatic, ladder: Rungs.Ladder(tracks, high: false))));
        Assert.Equal((1, LayerLimit.None), Result(Choose(new LayerChoice { Rid = "0" }, ladder: Rungs.Ladder(tracks, high: false))));
        Assert.Equal((0, LayerLimit.Viewer), Result(Choose(new LayerChoice { Rid = "a" }, ladder: Rungs.Ladder(tracks, middle: false))));

        // Nothing below is sent: then the lowest that is.
        Assert.Equal(1, Choose(new LayerChoice { Rid = "f" }, ladder: Rungs.Ladder(tracks, low: false)).Rung);
        Assert.Equal((1, 0), (Choose(LayerChoice.Automatic, bandwidth: 350_000, ladder: Rungs.Ladder(tracks, low: false)) is var (rung, temporal, _) ? (rung, temporal) : default));
        Assert.Equal(-1, Choose(LayerChoice.Automatic, bandwidth: 349_999, ladder: Rungs.Ladder(tracks, low: false)).Rung);
        Assert.Equal((2, LayerLimit.None), Result(Choose(LayerChoice.Automatic, ladder: Rungs.Ladder(tracks, false, false, false), bandwidth: 1)));
    }

    [Fact]
    public void Spatial_layers_are_rungs_of_one_encoding()
    {
        var track = Rungs.Tracks()[0];
        var ladder = QualityLadder.Of([Rungs.Of(track, 180, 200_000), Rungs.Of(track, 360, 700_000, spatialId: 1), Rungs.Of(track, 720, 2_500_000, spatialId: 2)]);
        Assert.Equal(1, Choose(new LayerChoice { SpatialId = 1 }, ladder: ladder).Rung);
        Assert.Equal(0, Choose(new LayerChoice { MaxSpatialId = 0 }, ladder: ladder).Rung);
        Assert.Equal(2, Choose(new LayerChoice { SpatialId = 3 }, ladder: ladder).Rung);
        Assert.True(ladder.Offers(new LayerChoice { SpatialId = 2, TemporalId = 2 }));
        Assert.False(ladder.Offers(new LayerChoice { SpatialId = 3 }));
        Assert.False(ladder.Offers(new LayerChoice { TemporalId = 3 }));
        Assert.False(ladder.Offers(new LayerChoice { Rid = "x" }));
    }

    /// <summary>What comes back first comes before it is measured.</summary>
    [Theory]
    [InlineData(null, 0, 2)]
    [InlineData(200, 0, 1)]
    [InlineData(100, 0, 0)]
    [InlineData(null, 400, 1)]
    [InlineData(null, 100, 0)]
    public void While_none_is_sent_it_is_the_one_that_wish_and_policy_allow(int? height, int maxHeight, int rung)
    {
        var silent = Rungs.Ladder(Rungs.Tracks(), low: false, middle: false, high: false);
        Assert.Equal(rung, Choose(new LayerChoice { MaxHeight = height }, new LayerLimits { MaxHeight = maxHeight }, ladder: silent).Rung);
    }

    [Fact]
    public void Whatever_is_chosen_is_sent_fits_and_is_not_worse_with_more()
    {
        var tracks = Rungs.Tracks();
        var gen = Gen.Select(Gen.Long[0, 4_000_000], Gen.Long[0, 4_000_000], Gen.Int[1, 7], Gen.Int[0, 3], Gen.Int[0, 800]);
        gen.Sample((bandwidth, share, active, temporal, height) =>
        {
            var ladder = Rungs.Ladder(tracks, (active & 1) != 0, (active & 2) != 0, (active & 4) != 0);
            var choice = new LayerChoice { MaxTemporalId = temporal, MaxHeight = height == 0 ? null : height };
            var allocation = LayerAllocation.Choose(ladder, choice, LayerLimits.None, bandwidth, share);
            if (allocation.Rung < 0)
            {
                Assert.True(ladder.Rungs[ladder.LowestActive].Rates[0] > Math.Min(bandwidth, share));
                return;
            }

            var rung = ladder.Rungs[allocation.Rung];
            Assert.True(rung.IsActive);
            Assert.True(rung.Rates[allocation.TemporalId] <= Math.Min(bandwidth, share));
            Assert.InRange(allocation.TemporalId, 0, Math.Min(2, temporal));
            var more = LayerAllocation.Choose(ladder, choice, LayerLimits.None, bandwidth * 2, share * 2);
            Assert.True(more.Rung > allocation.Rung || (more.Rung == allocation.Rung && more.TemporalId >= allocation.TemporalId));
        });
    }

    private static (int, LayerLimit) Result(in LayerAllocation.Allocation allocation) => (allocation.Rung, allocation.Limit);

    private static LayerAllocation.Allocation Choose(
        LayerChoice choice, LayerLimits? limits = null, long bandwidth = Plenty, long share = Plenty, QualityLadder? ladder = null) =>
        LayerAllocation.Choose(ladder ?? Rungs.Ladder(Rungs.Tracks()), choice, limits ?? LayerLimits.None, bandwidth, share);
}
