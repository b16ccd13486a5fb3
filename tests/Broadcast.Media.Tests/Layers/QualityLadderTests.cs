using Broadcast.Media.Layers;
using Broadcast.Media.Sessions;
using CsCheck;

namespace Broadcast.Media.Tests.Layers;

/// <summary>The qualities in order, and when they are as good as the same.</summary>
public class QualityLadderTests
{
    [Fact]
    public void Order_is_by_size_then_by_rate_and_never_by_name()
    {
        var tracks = Rungs.Tracks();
        var small = Rungs.Of(tracks[2], 180, 900_000);
        var thin = Rungs.Of(tracks[1], 720, 1_000_000);
        var thick = Rungs.Of(tracks[0], 720, 3_000_000);
        Gen.Shuffle(new[] { small, thin, thick }).Sample(shuffled =>
        {
            QualityLadder.Sort(shuffled);
            Assert.Equal([small, thin, thick], shuffled);
        });
    }

    [Fact]
    public void Equal_qualities_keep_their_order()
    {
        var tracks = Rungs.Tracks();
        Quality[] equal = [.. tracks.Select(track => Rungs.Of(track, 0, 0, isActive: false))];
        var sorted = equal.ToArray();
        QualityLadder.Sort(sorted);
        Assert.Equal(equal, sorted);
    }

    [Fact]
    public void Lowest_and_highest_are_those_that_are_sent()
    {
        var tracks = Rungs.Tracks();
        var ladder = Rungs.Ladder(tracks, low: false, high: false);
        Assert.Equal((1, 350_000, 700_000), (ladder.LowestActive, ladder.LowestRate, ladder.HighestRate));
        var silent = Rungs.Ladder(tracks, false, false, false);
        Assert.Equal((0, 100_000, 0), (silent.LowestActive, silent.LowestRate, silent.HighestRate));
    }

    [Fact]
    public void Unmeasured_ladder_takes_all_as_sent_and_is_like_nothing()
    {
        var tracks = Rungs.Tracks();
        var ladder = QualityLadder.Unmeasured(tracks);
        Assert.Equal(3, ladder.Rungs.Length);
        Assert.All(ladder.Rungs.ToArray(), rung => Assert.True(rung.IsActive));
        Assert.False(ladder.IsLike(ladder.Rungs));
        Assert.True(ladder.Offers(new LayerChoice { Rid = "0" }));
    }

    [Fact]
    public void Ladder_is_like_another_while_nothing_begins_ends_or_moves_by_more_than_a_tenth()
    {
        var tracks = Rungs.Tracks();
        var ladder = Rungs.Ladder(tracks);
        Assert.True(ladder.IsLike(ladder.Rungs));
        Assert.True(Like(quality => Rungs.Of(quality.Track, quality.Height, quality.BitsPerSecond * 105 / 100)));
        Assert.False(Like(quality => Rungs.Of(quality.Track, quality.Height, quality.BitsPerSecond * 120 / 100)));
        Assert.True(Like(quality => quality with { FramesPerSecond = 28 }));
        Assert.False(Like(quality => quality with { FramesPerSecond = 20 }));
        Assert.False(Like(quality => quality with { IsActive = false }));
        Assert.False(Like(quality => quality with { Height = quality.Height + 1 }));
        Assert.False(Like(quality => quality with { TemporalLayers = 2 }));
        Assert.False(ladder.IsLike(ladder.Rungs[..2]));

        bool Like(Func<Quality, Quality> change) => ladder.IsLike([ladder.Rungs[0], change(ladder.Rungs[1]), ladder.Rungs[2]]);
    }

    [Fact]
    public void Index_is_the_highest_spatial_layer_within_the_selection()
    {
        var tracks = Rungs.Tracks();
        var ladder = QualityLadder.Of([Rungs.Of(tracks[0], 180, 1), Rungs.Of(tracks[1], 360, 1), Rungs.Of(tracks[0], 720, 1, spatialId: 1)]);
        Assert.Equal((0, 2, 2, 1, -1), (ladder.IndexOf(tracks[0], 0), ladder.IndexOf(tracks[0], 1), ladder.IndexOf(tracks[0], 3), ladder.IndexOf(tracks[1], 3), ladder.IndexOf(tracks[2], 3)));
        Assert.Equal(-1, ladder.IndexOf(null, 3));
        Assert.False(ladder.IsHighestOf(ladder.Rungs[0]));
        Assert.True(ladder.IsHighestOf(ladder.Rungs[2]));
    }
}
