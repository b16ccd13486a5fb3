using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Recording.Tap;
using Broadcast.Rtc;

namespace Broadcast.Recording.Tests.Tap;

/// <summary>The best encoding that is sent is recorded; a change has to be worth it.</summary>
public class LayerWatchTests
{
    private static readonly SourceTrack Low = new(MediaKind.Video, CodecKind.Vp8, "", 90_000) { Rid = "l" };
    private static readonly SourceTrack High = new(MediaKind.Video, CodecKind.Vp8, "", 90_000) { Rid = "h" };
    private static readonly MonotonicTime Start = new(3_000_000_000);

    private readonly LayerWatch _watch = new(Start);

    [Fact]
    public void Best_is_taken_at_first() => Assert.Same(High, _watch.Choose(Ladder(true, true), null, Start));

    [Fact]
    public void Dead_one_is_left_at_once() => Assert.Same(Low, _watch.Choose(Ladder(true, false), High, Start + TimeSpan.FromMinutes(1)));

    [Fact]
    public void Last_one_is_kept_though_it_is_dead() => Assert.Same(High, _watch.Choose(Ladder(false, false), High, Start + TimeSpan.FromMinutes(1)));

    [Fact]
    public void Better_one_must_stay_for_ten_seconds()
    {
        var now = Start + TimeSpan.FromMinutes(1);
        Assert.Same(Low, _watch.Choose(Ladder(true, true), Low, now));
        Assert.Same(Low, _watch.Choose(Ladder(true, true), Low, now + TimeSpan.FromSeconds(9.9)));
        Assert.Same(High, _watch.Choose(Ladder(true, true), Low, now + TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void One_that_comes_and_goes_begins_anew()
    {
        var now = Start + TimeSpan.FromMinutes(1);
        _watch.Choose(Ladder(true, true), Low, now);
        _watch.Choose(Ladder(true, false), Low, now + TimeSpan.FromSeconds(5));
        Assert.Same(Low, _watch.Choose(Ladder(true, true), Low, now + TimeSpan.FromSeconds(11)));
    }

    [Fact]
    public void Young_publication_is_trusted_sooner()
    {
        Assert.Same(Low, _watch.Choose(Ladder(true, true), Low, Start + TimeSpan.FromSeconds(3)));
        Assert.Same(High, _watch.Choose(Ladder(true, true), Low, Start + TimeSpan.FromSeconds(5)));
    }

    private static QualityLadder Ladder(bool low, bool high) =>
        QualityLadder.Of([new Quality(Low, 0, 1, 320, 180, 30, low), new Quality(High, 0, 1, 1280, 720, 30, high)]);
}
